import SnugProfile

/// One rule: its page and its check.
public struct Rule: Sendable {
  /// In kebab case, naming what is found, so that `allow NAME` reads well.
  public let name: String
  /// How bad its findings are.
  public let level: Level
  /// What it finds, in one sentence without a full stop.
  public let what: String
  /// Why that is bad: the consequence, or the way out that it opens.
  public let why: String
  /// A profile with what it finds; `version = 1` is added.
  public let example: String
  /// The same profile without it.
  public let safer: String
  let check: Check

  enum Check: Sendable {
    /// It stands for a trouble of reading or compiling.
    case cause(Cause)
    /// It looks by itself.
    case look(@Sendable (Subject) -> [Finding])
    /// It speaks when all others have: see `lint`.
    case last
  }

  /// A rule that looks by itself. Its check runs only on profiles that can be read.
  public init(
    _ name: String, _ level: Level, what: String, why: String, example: String, safer: String,
    check: @escaping @Sendable (Subject) -> [Finding]
  ) {
    self.name = name
    self.level = level
    self.what = what
    self.why = why
    self.example = example
    self.safer = safer
    self.check = .look(check)
  }

  /// A rule that stands for a trouble of reading or compiling.
  public init(
    _ cause: Cause, _ level: Level = .error, what: String, why: String, example: String, safer: String
  ) {
    self.name = cause.rawValue
    self.level = level
    self.what = what
    self.why = why
    self.example = example
    self.safer = safer
    self.check = .cause(cause)
  }

  /// A rule whose findings come from what the others found.
  init(afterAll name: String, _ level: Level, what: String, why: String, example: String, safer: String) {
    self.name = name
    self.level = level
    self.what = what
    self.why = why
    self.example = example
    self.safer = safer
    self.check = .last
  }

  /// Whether it stands for a trouble of reading or compiling: only such rules speak of a profile that cannot be read.
  var tellsOfTrouble: Bool { if case .cause = check { true } else { false } }

  /// What it finds, as findings of its own.
  func findings(in subject: Subject) -> [Finding] {
    switch check {
    case .cause(let cause): marked(subject.findings(of: cause))
    case .look(let look): marked(look(subject))
    case .last: []
    }
  }

  /// Findings as its own.
  func marked(_ findings: [Finding]) -> [Finding] {
    findings.map {
      var finding = $0
      finding.rule = name
      finding.level = level
      return finding
    }
  }

  /// The rule of a name; nil where there is none.
  public static func named(_ name: String) -> Rule? { index[name] }

  private static let index = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}
