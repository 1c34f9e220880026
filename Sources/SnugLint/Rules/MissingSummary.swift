import SnugProfile

extension Rule {
  static let missingSummary = Rule(
    "missing-summary", .hint,
    what: "A profile without a summary",
    why: """
      snug list shows it beside the name. It is not inherited: what a profile is for is its own.
      """,
    example: """
      extends = ["base"]
      """,
    safer: """
      summary = "Editor for my notes"
      extends = ["base"]
      """
  ) { subject in
    if subject.written["summary"] != nil { return [] }
    let origin = subject.written["version"]?.origin ?? Origin(file: subject.file.path, line: 1, column: 1)
    return [Finding("the profile has no summary", at: origin, hint: "summary = \"what it is for, in one line\"")]
  }
}
