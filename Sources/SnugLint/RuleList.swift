extension Rule {
  /// Every rule, in the order of `--list`.
  public static let all: [Rule] = [
    .unknownKey, .duplicateGrant, .allowWithoutReason, .unknownRule, .unusedAllow,
  ]
}
