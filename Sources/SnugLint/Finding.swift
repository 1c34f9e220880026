import SnugProfile

/// How bad a finding is.
public enum Level: String, Hashable, Sendable, CaseIterable {
  /// The profile does not start, or does not do what it says.
  case error
  /// It starts, but very likely not as meant, or it is wider than it looks.
  case warning
  /// It could be better, or depends on this machine.
  case hint
}

/// What a rule found, and where.
public struct Finding: Hashable, Sendable {
  /// Name of the rule; set by the one who runs it.
  public internal(set) var rule = ""
  /// How bad it is: what its rule says.
  public internal(set) var level = Level.error
  /// What is wrong, in the words of every other message of Snug.
  public var message: String
  /// The one known remedy.
  public var hint: String?
  /// The line that caused it. A rule gives the place where the value was written, in whatever layer; `lint` moves what
  /// was inherited to the entry of `extends` that brought it in.
  public var origin: Origin
  /// The repair, where it is mechanical.
  public var fix: Fix?

  /// Makes a finding.
  public init(_ message: String, at origin: Origin, hint: String? = nil, fix: Fix? = nil) {
    self.message = message
    self.origin = origin
    self.hint = hint
    self.fix = fix
  }
}

/// A repair that needs no thought: pieces of the linted file that give way to others.
public struct Fix: Hashable, Sendable {
  /// A piece of the file.
  public struct Edit: Hashable, Sendable {
    /// Bytes of the linted file.
    public var range: Range<Int>
    /// What stands there afterwards.
    public var text: String

    /// Makes an edit.
    public init(_ range: Range<Int>, _ text: String) {
      self.range = range
      self.text = text
    }
  }

  /// What it does, in words: `take out "LANG"`.
  public var summary: String
  /// Sorted, not overlapping.
  public var edits: [Edit]

  /// Makes a repair.
  public init(_ summary: String, _ edits: [Edit]) {
    self.summary = summary
    self.edits = edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
