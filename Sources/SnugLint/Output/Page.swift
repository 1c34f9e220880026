extension Rule {
  /// The page in words, as `--explain` prints it.
  public var page: String {
    let allow =
      canBeAllowed
      ? "Where it is meant, a comment on the line or the line above says so:\n  # snug: allow \(name) REASON"
      : "It cannot be allowed."
    return """
      \(name) (\(level.rawValue))

      \(wrapped(what + ".").joined(separator: "\n"))

      Why
      \(wrapped(why).map { "  " + $0 }.joined(separator: "\n"))

      Example
      \(indented(example))

      Safer
      \(indented(safer))

      \(allow)
      """
  }

  /// Name, level and one line of every rule, in columns.
  public static var listing: String {
    let width = all.map(\.name.count).max() ?? 0
    return all.map { rule in
      let name = rule.name + String(repeating: " ", count: width - rule.name.count)
      let level = rule.level.rawValue + String(repeating: " ", count: 7 - rule.level.rawValue.count)
      return "\(name)  \(level)  \(rule.what)\n"
    }.joined()
  }
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
    .joined(separator: "\n")
}

/// Lines of at most 76 columns.
private func wrapped(_ text: String) -> [String] {
  text.split(separator: " ").reduce(into: [String]()) { lines, word in
    if let last = lines.last, last.count + 1 + word.count <= 76 {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
}
