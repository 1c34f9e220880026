import SnugProfile

/// The answer to one question.
public struct Answer: Hashable, Sendable {
  /// The answer in one word.
  public enum Word: String, Hashable, Sendable {
    /// The host's file is seen inside and can be changed, as far as the caller may.
    case writable
    /// The host's file is seen inside and cannot be changed.
    case readOnly = "read-only"
    /// A `hide` keeps the host's file from the app.
    case hidden
    /// The host has such a file, the app does not see it.
    case absent
    /// Something of Snug's or the kernel's own stands at the path, not the host's file.
    case own
    /// There is no such file, neither outside nor inside.
    case missing
    /// It cannot be told.
    case unknown
    /// What is asked about works.
    case allowed
    /// It depends on the arguments.
    case partly
    /// It does not work.
    case refused
  }

  /// What was asked, as it was written.
  public var query: String
  /// The answer in one word.
  public var word: Word
  /// The answer in words that follow the question: `read-only inside, at the same path`. Safe to print.
  public var text: String
  /// The lines that decide.
  public var origins: [Origin]
  /// What belongs to it, a sentence each. Safe to print.
  public var notes: [String] = []
  /// What would grant it, least first. Safe to print.
  public var remedies: [String] = []
  /// Of a path: what the app finds at exactly that path.
  public var inside: Inside?

  /// What the app finds at a path.
  public struct Inside: Hashable, Sendable {
    /// Nil: it cannot be told.
    public var exists: Bool?
    /// Whether it may be opened, the host's own permissions apart.
    public var isReadable: Bool
    /// Whether it may be changed, the host's own permissions apart.
    public var isWritable: Bool
    /// The link-free host path of what is seen; nil where it is none of the host's.
    public var host: String?
  }

  /// The answer as a person reads it, at most 100 columns wide but for longer words.
  public func text(_ names: [String: String]) -> String {
    var out = wrapped("\(escaped(query)): \(text)" + sourceText(origins, names), indent: "  ", first: "")
    for note in notes { out += wrapped(note, indent: "    ", first: "  ") }
    for remedy in remedies { out += wrapped(remedy, indent: "    ", first: "  ") }
    return out
  }

  /// {query, answer, text, origin, notes, remedies, inside}.
  public var json: JSON {
    .object([
      .init("query", .text(query)), .init("answer", .text(word.rawValue)), .init("text", .text(text)),
      .init("origin", list(origins)), .init("notes", .texts(notes)), .init("remedies", .texts(remedies)),
      .init("inside", inside?.json ?? .null),
    ])
  }
}

/// Answers one after the other, as a person reads them.
public func answerText(_ answers: [Answer]) -> String {
  let names = shortFileNames(answers.flatMap({ $0.origins }))
  return answers.map { $0.text(names) }.joined()
}

extension Answer.Inside {
  fileprivate var json: JSON {
    .object([
      .init("exists", exists.map { .boolean($0) } ?? .null), .init("readable", .boolean(isReadable)),
      .init("writable", .boolean(isWritable)), .init("host", host.map { .text($0) } ?? .null),
    ])
  }
}
