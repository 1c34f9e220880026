@testable import SnugPlan

/// What the command would do with a command line.
enum BubblewrapAnswer: Equatable {
  case help([String])
  case version([String])
  case run(BubblewrapRequest, [String])
  /// Lines on standard error, and whether the usage follows.
  case refused([String], usage: Bool)
}

/// An ordinary user on a machine without SELinux.
let ordinaryCaller = BubblewrapCaller(uid: 1000, gid: 1000, supportsLabels: false)
let rootCaller = BubblewrapCaller(uid: 0, gid: 0, supportsLabels: false)

func parseBytes(
  _ words: [[UInt8]], data: [Int32: [UInt8]] = [:], environment: [String] = [],
  caller: BubblewrapCaller = ordinaryCaller
) -> BubblewrapAnswer {
  do {
    let outcome = try parseBubblewrap(
      words: words, environment: environment.map { Array($0.utf8) }, caller: caller
    ) { descriptor throws(UnreadableDescriptor) in
      if let bytes = data[descriptor] { return bytes }
      throw UnreadableDescriptor(reason: "Bad file descriptor")
    }
    switch outcome {
    case .help(let warnings): return .help(warnings.map(\.line))
    case .version(let warnings): return .version(warnings.map(\.line))
    case .run(let request, let warnings): return .run(request, warnings.map(\.line))
    }
  } catch {
    return .refused(error.messages.map(\.line), usage: error.showsUsage)
  }
}

func parse(
  _ words: [String], data: [Int32: String] = [:], environment: [String] = [],
  caller: BubblewrapCaller = ordinaryCaller
) -> BubblewrapAnswer {
  parseBytes(
    words.map { Array($0.utf8) }, data: data.mapValues { Array($0.utf8) }, environment: environment, caller: caller)
}

/// The words of a line without blanks in its words.
func split(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

/// The request of words that must be taken without a warning.
func requestOf(
  _ words: [String], data: [Int32: String] = [:], environment: [String] = [],
  caller: BubblewrapCaller = ordinaryCaller
) -> BubblewrapRequest? {
  guard
    case .run(let request, []) = parse(words + ["true"], data: data, environment: environment, caller: caller)
  else { return nil }
  return request
}

/// Every option by its name.
let bubblewrapOptions = Dictionary(
  uniqueKeysWithValues: bubblewrapOptionGroups.flatMap(\.options).map { ($0.name, $0) })
