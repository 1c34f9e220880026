import TestSupport

/// A call that may fail without anybody's loss, by who makes it and why. Everything else that fails ends the start.
struct AbsorbedCall: Sendable {
  /// Of CSnug; "*": any.
  let wrapper: String
  /// The file that asks for it; "*": any.
  let file: String
  let reason: String
  /// How lines of the box begin that may then be others: what is not there is not shown.
  let mayLose: [String]

  init(_ wrapper: String, _ file: String, _ reason: String, mayLose: [String] = []) {
    (self.wrapper, self.file, self.reason, self.mayLose) = (wrapper, file, reason, mayLose)
  }
}

/// Where calls come from, by the addresses that the test build notes.
struct FaultSites {
  private var places: [String: String] = [:]

  /// Has the tool that knows debugging information look up all of them at once.
  init(_ calls: [FaultCall], in executable: String) throws {
    let addresses = Array(Set(calls.flatMap { $0.from })).sorted()
    for start in stride(from: 0, to: addresses.count, by: 500) {
      let part = addresses[start..<min(start + 500, addresses.count)]
      // One less: an address to return to may be the next line's.
      let before = part.map { String((Int($0, radix: 16) ?? 1) - 1, radix: 16) }
      let text = try Stage.shell("addr2line -s -e \(executable) \(before.joined(separator: " "))")
      for (address, line) in zip(part, text.split(separator: "\n")) { places[address] = String(line) }
    }
  }

  /// `File.swift:12` of the first caller that is more than a way to the kernel.
  func place(of call: FaultCall) -> String {
    let names = call.from.map { places[$0].map { String($0.split(separator: " ")[0]) } ?? "?" }
    return names.first { name in !ways.contains { name.hasPrefix($0) } } ?? names.first ?? "?"
  }

  /// All that is known of who called.
  func path(of call: FaultCall) -> String {
    call.from.compactMap { places[$0] }.filter { !$0.hasPrefix("?") }.joined(separator: " < ")
  }

}

/// Files that pass a call on.
private let ways = [
  "faults.c", "csnug.c", "children.c", "descriptors.c", "mounts.c", "sockets.c", "terminal.c", "LinuxKernel.swift",
  "LinuxKernelExtras.swift", "HostFiles.swift", "System.swift", "?", "<",
]
