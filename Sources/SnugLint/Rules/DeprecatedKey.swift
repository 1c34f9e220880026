import SnugProfile

extension Rule {
  static let deprecatedKey = Rule(
    "deprecated-key", .warning,
    what: "A key that is only read for the sake of old profiles",
    why: """
      It goes with the next version of the format, and says less than what came in its place. Version 1 has no such key \
      yet.
      """,
    example: """
      # A key that the list of keys marks so.
      """,
    safer: """
      # The key that the finding names.
      """
  ) { subject in
    subject.deprecatedKeys(Key.all)
  }
}

extension Subject {
  /// The keys of the profile that a list of keys marks as deprecated.
  package func deprecatedKeys(_ keys: [Key]) -> [Finding] {
    keys.compactMap { key in
      guard let instead = key.deprecated, let item = merged.values[key.name], item.layer >= 0 else { return nil }
      return Finding("\(key.name) is deprecated", at: item.origin, hint: "write \(instead)")
    }
  }
}
