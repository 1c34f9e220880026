import SnugPlan

/// A command that PID 1 starts beside the app, as the launcher hands it over.
///
/// On the wire: strings that each end with a zero byte, in three lists that each begin with their length in decimal.
package struct CommandRequest: Hashable, Sendable {
  /// argv; its first word is looked up in the PATH of the environment. Words need not be UTF-8.
  package var words: [[UInt8]]
  /// `NAME=value`, on top of the plan's environment.
  package var environment: [[UInt8]]
  /// The most bytes of address space, see RLIMIT_AS in setrlimit(2).
  package var addressSpace: UInt64?
  /// The most processes of the whole instance, see RLIMIT_NPROC in setrlimit(2).
  package var processes: UInt64?
  /// Whether its leader waits for `LeaderMessage.go` before it starts the command.
  package var waits = false
  /// Its private terminal, if it gets one: of 0, 1 and 2 only the others come as descriptors.
  package var terminal: CommandTerminal?

  /// Makes a request.
  package init(
    words: [[UInt8]], environment: [[UInt8]] = [], addressSpace: UInt64? = nil, processes: UInt64? = nil,
    terminal: CommandTerminal? = nil
  ) {
    self.words = words
    self.environment = environment
    self.addressSpace = addressSpace
    self.processes = processes
    self.terminal = terminal
  }

  /// For the control socket.
  package var encoded: [UInt8] {
    var options: [String] = []
    if let addressSpace { options.append("address-space=\(addressSpace)") }
    if let processes { options.append("processes=\(processes)") }
    if waits { options.append("waits=1") }
    if let terminal { options += terminal.options.map { "\($0.name)=\($0.value)" } }
    let lists = [options.map { Array($0.utf8) }, environment, words]
    return lists.flatMap { list in Array("\(list.count)".utf8) + [0] + list.flatMap { $0 + [0] } }
  }

  /// Nil where the bytes are not a request's: it is never trusted to be whole.
  package init?(encoded bytes: some Collection<UInt8>) {
    var rest = bytes[...]
    func next() -> [UInt8]? {
      guard let end = rest.firstIndex(of: 0) else { return nil }
      defer { rest = rest[rest.index(after: end)...] }
      return Array(rest[..<end])
    }
    func list() -> [[UInt8]]? {
      guard let text = next(), let count = Int(String(decoding: text, as: UTF8.self)), count >= 0, count <= rest.count
      else { return nil }
      var items: [[UInt8]] = []
      for _ in 0..<count {
        guard let item = next() else { return nil }
        items.append(item)
      }
      return items
    }
    guard let options = list(), let environment = list(), let words = list(), !words.isEmpty, rest.isEmpty else {
      return nil
    }
    self.init(words: words, environment: environment)
    var terminalOptions: [(name: Substring, value: UInt64)] = []
    for option in options {
      let parts = String(decoding: option, as: UTF8.self).split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = UInt64(parts[1]) else { return nil }
      switch parts[0] {
      case "address-space": addressSpace = value
      case "processes": processes = value
      case "waits": waits = value == 1
      case let name where name.hasPrefix("terminal"): terminalOptions.append((name, value))
      default: return nil
      }
    }
    terminal = CommandTerminal(options: terminalOptions)
    if terminal == nil && !terminalOptions.isEmpty { return nil }
  }
}
