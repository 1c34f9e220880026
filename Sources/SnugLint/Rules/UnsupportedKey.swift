import SnugProfile

extension Rule {
  static let unsupportedKey = Rule(
    "unsupported-key", .hint,
    what: "A profile that asks for what this version of Snug does not do yet",
    why: """
      The keys are part of the format and are checked, but the profile does not start: what it asks for is refused \
      rather than left out silently.
      """,
    example: """
      [devices]
      gpu = true
      """,
    safer: """
      [devices]
      gpu = false
      """
  ) { subject in
    let keys = subject.merged.unsupportedKeys
    guard let first = keys.first(where: { subject.isOwn($0.origin) }) ?? keys.first else { return [] }
    let names = keys.map(\.value).joined(separator: ", ")
    return [Finding("not supported by this version: \(names)", at: first.origin)]
  }
}
