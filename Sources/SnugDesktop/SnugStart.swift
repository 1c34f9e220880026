import SnugPlan

/// A line that starts a program with `snug run`: whoever has written it, what it starts is boxed.
public struct SnugStart: Hashable, Sendable {
  /// The executable as the line names it.
  public var executable: String
  /// The profile.
  public var profile: String
  /// The program where the line names one, else that of the profile.
  public var program: String?

  /// Whether the executable is there.
  public func isThere(on host: Host) -> Bool {
    executable.contains("/") ? host.isExecutable(executable) : findProgram(executable, on: host) != nil
  }

  /// Nil where a line starts something else.
  public init?(_ line: StartLine) {
    let words = line.words.map { $0.text.map { String(decoding: $0, as: UTF8.self) } }
    guard let first = words[0], lastName(first) == "snug", words.count > 1, words[1] == "run" else { return nil }
    executable = first
    var index = 2
    var named: String?
    var isOver = false
    while index < words.count, let word = words[index], word.hasPrefix("-") {
      index += 1
      if word == "--" {
        isOver = true
        break
      }
      if let equals = word.firstIndex(of: "="), word.hasPrefix("--") {
        if word[..<equals] == "--profile" { named = String(word[word.index(after: equals)...]) }
      } else if !flagsOfRun.contains(word) {
        if word == "-p" || word == "--profile" { named = index < words.count ? words[index] : nil }
        index += 1
      }
    }
    let next = index < words.count ? words[index] : nil
    if named != nil || isOver {
      guard let next else { return nil }
      profile = named ?? "default"
      program = next
    } else {
      guard let next else { return nil }
      profile = next
    }
  }
}

/// Options of `run` without a value; a test holds them against the command's own.
package let flagsOfRun: Set = [
  "--detach", "--from-menu", "--keep", "--trace-timing", "-v", "--verbose", "-h", "--help",
]
