import SnugProfile

/// A word of the command line that names a file, see `files.arguments`.
struct FileWord {
  /// How it names it.
  enum Form {
    case absolute, relative
    /// `file:///home/anna/a%20b`.
    case uri
  }
  /// Place among the words that the caller wrote.
  var index: Int
  /// As the caller wrote it.
  var written: String
  var form: Form
  /// Clean absolute path on the host, without `..`; links are not followed.
  var path: String
  /// It went up by `..`, over directories that need not be inside.
  var wentUp = false
  /// The absolute path by which the app finds it; nil: it is not shown.
  var place: String?

  /// The word for an app that starts in another directory than the caller's, or to whom the file stands elsewhere; nil:
  /// the word is right as it is.
  func replacement(sameDirectory: Bool) -> [UInt8]? {
    guard let place else { return nil }
    let isRight = !wentUp && samePath(place, path) && (form != .relative || sameDirectory)
    if isRight { return nil }
    return form == .uri ? fileURI(place) : Array(place.utf8)
  }
}

extension Draft {
  /// The words that name files; `words` is what the caller wrote behind the program.
  ///
  /// A word that names nothing is no file: most words of most command lines are none. Only where whole folders are
  /// granted can it be the name of a new file, if it looks like one.
  mutating func readFileWords(_ words: [[UInt8]]) -> [FileWord] {
    if profile.files.arguments.value == .none { return [] }
    return words.enumerated().compactMap { index, word in fileWord(word, index) }
  }

  private mutating func fileWord(_ word: [UInt8], _ index: Int) -> FileWord? {
    // An option, whatever stands behind its dash.
    guard let first = word.first, first != UInt8(ascii: "-") else { return nil }
    let slash = UInt8(ascii: "/")
    let form: FileWord.Form
    let path: String
    if let bytes = filePath(ofURI: word) {
      guard let text = validText(bytes) else { return unnamed(word) }
      (form, path) = (.uri, text)
    } else if first == slash {
      guard let text = validText(word) else { return unnamed(word) }
      (form, path) = (.absolute, text)
    } else {
      guard let here = host.workingDirectory, let text = validText(word) else { return nil }
      (form, path) = (.relative, joined(here, text))
    }
    guard let (clean, wentUp) = straightened(path) else { return nil }
    let written = form == .absolute || form == .relative ? String(decoding: word, as: UTF8.self) : clean
    let found = FileWord(index: index, written: written, form: form, path: clean, wentUp: wentUp)
    if form == .relative, case .missing(link: nil) = look(clean) {
      return profile.files.arguments.value == .writeFolder && looksLikeFile(word) ? found : nil
    }
    return found
  }

  private mutating func unnamed(_ word: [UInt8]) -> FileWord? {
    skip(escaped(word), "its name is not UTF-8", at: .commandLine)
    return nil
  }

  /// A dot or a slash inside: `new.txt`, `notes/new`, but not `utf-8`, `https://a.example/` or `.`.
  private func looksLikeFile(_ word: [UInt8]) -> Bool {
    let name = word.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? []
    if name.isEmpty || name.allSatisfy({ $0 == UInt8(ascii: ".") }) || word.contains(UInt8(ascii: ":")) { return false }
    return word.contains(UInt8(ascii: "/")) || name.contains(UInt8(ascii: "."))
  }

  /// A path without `.`, `..` and double slashes; nil where `..` follows something that is no directory. What is above a
  /// link is above where it leads.
  private mutating func straightened(_ path: String) -> (path: String, wentUp: Bool)? {
    var clean = "/"
    var wentUp = false
    for name in components(path) where name != "." {
      guard name == ".." else {
        clean = joined(clean, String(name))
        continue
      }
      wentUp = true
      guard clean == "/" else {
        guard case .exists(let real, .directory, _, _) = look(clean) else { return nil }
        clean = real == "/" ? real : splitPath(real).parent
        continue
      }
    }
    return (clean, wentUp)
  }
}

extension Draft {
  /// Writes the words that name files as the app finds them. The last `count` words of the command are the caller's.
  func correctFileWords(_ command: inout [[UInt8]], _ count: Int, _ directory: String) {
    let sameDirectory = host.workingDirectory.map { samePath($0, directory) } ?? false
    for word in fileWords {
      if let right = word.replacement(sameDirectory: sameDirectory) {
        command[command.count - count + word.index] = right
      }
    }
  }
}

extension Origin {
  /// What the words behind the program asked for.
  public static let commandLine = Origin(file: "command line", line: 0, column: 0)
}
