import SnugProfile

/// Reads bubblewrap's command line.
///
/// Rules and messages are those of bubblewrap 0.11.1 as its `bwrap(1)` has them. Unlike there: nothing limits the number of
/// words; numbers that do not fit are refused instead of cut; a path or a name must be UTF-8; messages hold no raw
/// control bytes.
///
/// - Parameters:
///   - words: argv without its first word.
///   - environment: The caller's, as `environ(7)` has it.
///   - caller: Who calls.
///   - readDescriptor: Reads a descriptor to its end and closes it.
public func parseBubblewrap(
  words: [[UInt8]], environment: [[UInt8]], caller: BubblewrapCaller,
  readDescriptor: (Int32) throws(UnreadableDescriptor) -> [UInt8]
) throws(BubblewrapError) -> BubblewrapOutcome {
  var parser = BubblewrapParser(environment: environment, caller: caller)
  if words.isEmpty { throw parser.usage }
  switch try parser.read(words, isData: false, readDescriptor) {
  case .help: return .help(warnings: parser.warnings)
  case .version: return .version(warnings: parser.warnings)
  case .command(let start):
    if !parser.overlaySources.isEmpty { throw parser.refusal(BubblewrapParser.strayOverlaySource) }
    parser.request.command = Array(words[start...])
    parser.request.environment = parser.environment.environment
    try parser.check()
    return .run(parser.request, warnings: parser.warnings)
  }
}

/// What is known while words are read.
struct BubblewrapParser {
  /// Where reading ended.
  enum Stop {
    case help, version
    /// At the first word that belongs to no option.
    case command(Int)
  }

  static let strayOverlaySource =
    "--overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay"

  let caller: BubblewrapCaller
  var request = BubblewrapRequest()
  var environment: EnvironmentList
  var warnings: [BubblewrapMessage] = []
  /// What `--perms`, `--size` and `--overlay-src` said about the option to come.
  var pendingMode: UInt32?
  var pendingSize: UInt64?
  var overlaySources: [String] = []
  /// Whether `--seccomp` was given: it shares its list with `--add-seccomp-fd`, but not its command line.
  var hasOnlyFilter = false

  /// The option at hand, and the words that its arguments stand in.
  private(set) var name = ""
  private(set) var words: [[UInt8]] = []
  private(set) var position = 0

  init(environment: [[UInt8]], caller: BubblewrapCaller) {
    self.environment = EnvironmentList(environment)
    self.caller = caller
  }

  /// Reads options up to the first word that is none. `isData`: the words come from `--args`.
  mutating func read(
    _ words: [[UInt8]], isData: Bool, _ readDescriptor: (Int32) throws(UnreadableDescriptor) -> [UInt8]
  ) throws(BubblewrapError) -> Stop {
    var index = 0
    while index < words.count, words[index].first == UInt8(ascii: "-") {
      let option = try find(words[index])
      index += 1
      if case .readWords = option.effect, isData { throw refusal("--args not supported in arguments file") }
      if words.count - index < option.count { throw refusal(option.missing) }
      (name, self.words, position) = (option.name, words, index)
      index += option.count
      switch option.effect {
      case .help: return .help
      case .version: return .version
      case .end: return .command(index)
      case .change(let change): try change(&self)
      case .readWords:
        switch try read(try data(readDescriptor), isData: true, readDescriptor) {
        case .help: return .help
        case .version: return .version
        // A command in the data is passed over, and all that follows it there.
        case .command: break
        }
      }
      try checkModifiers(after: option)
    }
    return .command(index)
  }

  private func find(_ word: [UInt8]) throws(BubblewrapError) -> BubblewrapOption {
    if let option = bubblewrapOption(word) { return option }
    throw refusal("Unknown option \(escaped(word))")
  }

  /// The words behind the descriptor that `--args` names.
  private func data(
    _ readDescriptor: (Int32) throws(UnreadableDescriptor) -> [UInt8]
  ) throws(BubblewrapError) -> [[UInt8]] {
    let bytes: [UInt8]
    let descriptor = try descriptor(0)
    do {
      bytes = try readDescriptor(descriptor)
    } catch {
      throw refusal("Can't read --args data: \(error.reason)")
    }
    var words = bytes.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
    // A NUL ends a word; only what stands behind the last one is a word without it.
    if words.last?.isEmpty == true { words.removeLast() }
    return words
  }

  private func checkModifiers(after option: BubblewrapOption) throws(BubblewrapError) {
    if pendingMode != nil, !option.isModifier {
      throw refusal("--perms must be followed by an option that creates a file")
    }
    if pendingSize != nil, !option.isModifier { throw refusal("--size must be followed by --tmpfs") }
    if !overlaySources.isEmpty, option.name != "--overlay-src" { throw refusal(Self.strayOverlaySource) }
  }

  /// What options say about each other, in bubblewrap's order: the first is the one that is told.
  func check() throws(BubblewrapError) {
    let request = self.request
    let wantsUserNamespace = request.userNamespace == .always
    let blocksUserNamespace = request.userNamespaceBlockDescriptor != nil
    if blocksUserNamespace, !wantsUserNamespace { throw refusal("--userns-block-fd requires --unshare-user") }
    if blocksUserNamespace, request.infoDescriptor == nil { throw refusal("--userns-block-fd requires --info-fd") }
    if request.userNamespaceDescriptor != nil {
      switch request.userNamespace {
      case .always: throw refusal("--userns not compatible --unshare-user")
      case .ifPossible: throw refusal("--userns not compatible --unshare-user-try")
      case .asNeeded: break
      }
    }
    if request.disableUserNamespaces, !wantsUserNamespace {
      throw refusal("--disable-userns requires --unshare-user")
    }
    if request.disableUserNamespaces, blocksUserNamespace {
      throw refusal("--disable-userns is not compatible with  --userns-block-fd")
    }
    if request.command.isEmpty { throw usage }
    try checkIdentity()
    if request.hostname != nil, !request.unshareUTS {
      throw refusal("Specifying --hostname requires --unshare-uts")
    }
    if request.isFirstProcess, !request.unsharePID { throw refusal("Specifying --as-pid-1 requires --unshare-pid") }
    if request.isFirstProcess, !request.lockFiles.isEmpty {
      throw refusal("Specifying --as-pid-1 and --lock-file is not permitted")
    }
  }

  /// Root alone gets no user namespace unasked; without one ids are what they are. Whether one is possible is not known
  /// here.
  private func checkIdentity() throws(BubblewrapError) {
    guard caller.uid == 0, request.userNamespace == .asNeeded, request.userNamespaceDescriptor == nil else { return }
    if let uid = request.uid, uid != caller.uid {
      throw refusal("Specifying --uid requires --unshare-user or --userns")
    }
    if let gid = request.gid, gid != caller.gid {
      throw refusal("Specifying --gid requires --unshare-user or --userns")
    }
  }
}

// Messages.
extension BubblewrapParser {
  /// An error after the warnings so far.
  func refusal(_ text: String) -> BubblewrapError {
    BubblewrapError(messages: warnings + [message(.error, text)], showsUsage: false)
  }

  /// The usage after the warnings so far.
  var usage: BubblewrapError { BubblewrapError(messages: warnings, showsUsage: true) }

  private func message(_ severity: BubblewrapMessage.Severity, _ text: String) -> BubblewrapMessage {
    BubblewrapMessage(severity, text, hasLevelPrefix: request.usesLevelPrefix)
  }

  mutating func warnIfRepeated(_ isRepeated: Bool) {
    if isRepeated { warnings.append(message(.warning, "Only the last \(name) option will take effect")) }
  }
}
