/// What kind of trouble a diagnostic of reading or compiling tells of. Each is a lint rule of the same name, so that what
/// stops a start and what `snug lint` finds go by one word.
public enum Cause: String, Hashable, Sendable, CaseIterable {
  // Found while the text is read.
  case invalidTOML = "invalid-toml"
  case badVersion = "bad-version"
  case unknownKey = "unknown-key"
  case missingKey = "missing-key"
  case wrongType = "wrong-type"
  case unknownWord = "unknown-word"
  case badNumber = "bad-number"
  case impossibleSize = "impossible-size"
  case impossibleDuration = "impossible-duration"
  case unknownSignal = "unknown-signal"
  case badPath = "bad-path"
  case badText = "bad-text"
  case badProfileName = "bad-profile-name"
  case badID = "bad-id"
  case badHostname = "bad-hostname"
  case badVariableName = "bad-variable-name"
  case badBusName = "bad-bus-name"
  case badBusRule = "bad-bus-rule"
  case badObjectPath = "bad-object-path"
  case badOp = "bad-op"
  case longList = "long-list"
  case tooManyProblems = "too-many-problems"
  case unknownProfile = "unknown-profile"
  case unusableProfile = "unusable-profile"
  case extendsLoop = "extends-loop"

  // Found while the profile is compiled; an unknown system call is found in both.
  case unknownSystemCall = "unknown-system-call"
  case contradictingSystemCall = "contradicting-system-call"
  case neededSystemCall = "needed-system-call"
  case missingSource = "missing-source"
  case refusedGrant = "refused-grant"
  case takenTarget = "taken-target"
  case noPlace = "no-place"
  case escapingLink = "escaping-link"
  case missingHide = "missing-hide"
  case badWorkingDirectory = "bad-working-directory"
  case missingProgram = "missing-program"
  /// What this machine, this session or this directory lacks; the profile itself may be right.
  case cannotStartHere = "cannot-start-here"
}

/// A misspelt word and the one that was most likely meant: what a mechanical repair puts in its place.
public struct Correction: Hashable, Sendable {
  /// As it stands in the profile.
  public var written: String
  /// What was meant.
  public var meant: String

  /// Joins the two.
  public init(written: String, meant: String) {
    self.written = written
    self.meant = meant
  }

  /// The repair of a word where one known word is near; nil where none is.
  init?(_ word: String, among candidates: some Sequence<String>) {
    guard let near = nearest(to: word, in: candidates) else { return nil }
    self.init(written: word, meant: near)
  }

  /// `did you mean "x"?`
  var hint: String { "did you mean \"\(meant)\"?" }
}
