import TestSupport
import Testing

/// A person's text as this stage shows it: its home is `HOME`, its shipped profiles are `SHIPPED`.
func neutral(_ text: String, _ stage: Stage) -> String {
  text.replacing(stage.profiles, with: "SHIPPED").replacing(stage.home, with: "HOME")
}

/// Whether a text follows the contract on errors: one message, then where, then one hint, nothing that moves a cursor.
func expectOneMessage(_ errors: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(errors.hasSuffix("\n") && !errors.hasSuffix("\n\n"), "\(errors)", sourceLocation: sourceLocation)
  #expect(lines.count { $0.hasPrefix("snug: ") } == 1, "\(errors)", sourceLocation: sourceLocation)
  #expect(lines.first?.hasPrefix("snug: ") == true, "\(errors)", sourceLocation: sourceLocation)
  #expect(
    lines.dropFirst().allSatisfy { $0.isEmpty || $0.hasPrefix("  ") }, "\(errors)", sourceLocation: sourceLocation)
  #expect(lines.count { $0.hasPrefix("  hint: ") } <= 1, "\(errors)", sourceLocation: sourceLocation)
  #expect(lines.count { $0.hasPrefix("  at ") } <= 1, "\(errors)", sourceLocation: sourceLocation)
  let first = lines.first?.dropFirst("snug: ".count).first
  #expect(first?.isUppercase == false, "\(errors)", sourceLocation: sourceLocation)
  expectPlain(errors, sourceLocation: sourceLocation)
}

/// Whether a text holds nothing but lines that a terminal shows as they are.
func expectPlain(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let bad = text.unicodeScalars.filter { scalar in
    scalar != "\n" && (scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format)
  }
  #expect(bad.isEmpty, "\(bad.map { String($0.value, radix: 16) })", sourceLocation: sourceLocation)
}

extension Stage {
  /// Every file of the user's in the places that a start could leave one, and what is mounted.
  func traces() throws -> String {
    try Stage.shell(
      "find \(home) \(runtime) -xdev | sort; find /tmp /dev/shm -xdev -user \(uid) 2>/dev/null | sort; wc -l </proc/self/mounts"
    )
  }

  /// Puts profiles of the user's in place of those that were there.
  func setProfiles(_ files: [(name: String, text: String)]) throws {
    try Stage.shell("rm -rf \(home)/.config/snug")
    for file in files { try write(file.text, to: "\(home)/.config/snug/profiles/\(file.name).toml") }
  }

  /// Starts `snug` with words and expects exactly one message and a status, and that nothing is left behind.
  func expectRefusal(
    _ words: [String], _ status: Int32, _ message: String, caller: Caller = .plain, directory: String? = nil,
    extra: [String] = [], without: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try traces()
    let done = try snug(words, caller: caller, directory: directory, extra: extra, without: without)
    #expect(done.status == status, "\(words): \(done.everything)", sourceLocation: sourceLocation)
    #expect(done.output == "", sourceLocation: sourceLocation)
    #expect(neutral(done.errors, self) == message + "\n", sourceLocation: sourceLocation)
    expectOneMessage(done.errors, sourceLocation: sourceLocation)
    #expect(leftovers() == [], sourceLocation: sourceLocation)
    #expect(try traces() == before, sourceLocation: sourceLocation)
  }
}
