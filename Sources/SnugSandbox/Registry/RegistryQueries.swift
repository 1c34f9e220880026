import CSnug
import Glibc
import SnugPlan
import SnugProfile

// What commands ask the registry.

/// What is known of one name.
private enum Reading {
  case live(Entry)
  /// A launcher has the name, and nothing runs yet.
  case starting
  /// PID 1 or the launcher has ended.
  case ended
  case free
  case broken(Diagnostic)
}

private let listHint = "snug ps lists what runs"

extension Registry {
  /// Every instance that runs, by name, and what is wrong with others. What dead launchers have left is taken away.
  public func entries() -> (live: [Entry], problems: [Diagnostic]) {
    var live: [Entry] = []
    var problems: [Diagnostic] = []
    guard directory >= 0 else { return (live, problems) }
    for file in HostFiles.list("/proc/self/fd/\(directory)") {
      if Self.isTemporary(file) {
        if case .failed(let code) = sweep(file) { problems.append(cannotTakeAway(file, code)) }
        continue
      }
      guard let name = try? InstanceName(file) else {
        problems.append(
          Diagnostic("cannot use \(path)/\(file): it is no name of an instance", hint: "take it away"))
        continue
      }
      switch read(name) {
      case .live(let entry): live.append(entry)
      case .broken(let problem): problems.append(problem)
      case .starting, .ended, .free: break
      }
    }
    return (live, problems)
  }

  /// The instance that a word of a person means: the one of that name, else the only one whose name begins so.
  ///
  /// - Throws: where there is none, more than one, or it does not run.
  public func find(_ word: String) throws(Diagnostic) -> Entry {
    let name = try InstanceName(word)
    if let entry = try entry(of: name) { return entry }
    let matches = entries().live.filter { $0.instance.text.utf8.starts(with: word.utf8) }
    guard let match = matches.first else { throw unknown(name) }
    if matches.count == 1 { return match }
    let names = matches.prefix(8).map({ $0.instance.text }).joined(separator: ", ") + (matches.count > 8 ? ", ..." : "")
    throw Diagnostic("\"\(name)\" may mean \(matches.count) instances: \(names)", hint: "give more of the name")
  }

  /// The instance of a name, and no other one whose name begins so.
  ///
  /// - Throws: where there is none, or it does not run.
  public func find(_ name: InstanceName) throws(Diagnostic) -> Entry {
    if let entry = try entry(of: name) { return entry }
    throw unknown(name)
  }

  /// Whether a name is taken: by an instance that runs, starts or ends.
  public func isTaken(_ name: InstanceName) -> Bool {
    switch state(of: name.text) {
    case .held(let folder):
      csnug_close(folder)
      return true
    case .vanishing: return true
    case .free, .stale, .unusable: return false
    }
  }

  private func unknown(_ name: InstanceName) -> Diagnostic {
    Diagnostic("no instance named \(name) is running", hint: listHint)
  }

  /// Nil where nobody has the name.
  private func entry(of name: InstanceName) throws(Diagnostic) -> Entry? {
    switch read(name) {
    case .live(let entry): return entry
    case .starting: throw Diagnostic("the instance \(name) has not started yet", hint: "try again in a moment")
    case .ended: throw Diagnostic("the instance \(name) has just ended", hint: listHint)
    case .broken(let problem): throw problem
    case .free: return nil
    }
  }

  /// Connects to the control socket of an instance. Returns the descriptor: seqpacket, close-on-exec, blocking.
  ///
  /// - Throws: where it has ended, or where somebody else listens there.
  public func connect(to entry: Entry) throws(Diagnostic) -> Int32 {
    let name = entry.instance
    let ended = Diagnostic("the instance \(name) has just ended", hint: listHint)
    func failure(_ code: Int32) -> Diagnostic {
      code == ENOENT || code == ECONNREFUSED
        ? ended : Diagnostic("cannot reach the instance \(name): \(errorText(code))")
    }
    let folder = Self.openDirectory(directory, name.text)
    if folder < 0 { throw failure(-folder) }
    defer { csnug_close(folder) }
    let socket = Int32(clamping: csnug_socket())
    if socket < 0 { throw failure(-socket) }
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var result = unsafe csnug_connect(socket, "/proc/self/fd/\(folder)/\(InstanceFile.control)")
    if result >= 0 { result = unsafe csnug_peer(socket, &pid, &uid) }
    let isTrusted = result >= 0 && isTrustedPeer(socket)
    if isTrusted { return socket }
    csnug_close(socket)
    if result < 0 { throw failure(Int32(clamping: -result)) }
    if uid == self.uid {
      throw Diagnostic("cannot trust the instance \(name): who listens there has ended, or is inside a sandbox")
    }
    throw Diagnostic("cannot trust the instance \(name): user \(uid) listens there, and you are \(self.uid)")
  }

  private func read(_ name: InstanceName) -> Reading {
    guard directory >= 0 else { return .free }
    let folder: Int32
    switch state(of: name.text) {
    case .free: return .free
    case .vanishing: return .ended
    case .stale:
      if case .failed(let code) = sweep(name.text) { return .broken(cannotTakeAway(name.text, code)) }
      return .ended
    case .unusable(let code): return .broken(cannotUse(name.text, code))
    case .held(let held): folder = held
    }
    defer { csnug_close(folder) }
    let bytes: [UInt8]
    switch readEntry(folder) {
    case .success(let content): bytes = content
    case .failure(let error):
      if error.code == ENOENT { return leads(name.text, to: folder) ? .starting : .ended }
      return .broken(Diagnostic("cannot read the entry of the instance \(name): \(errorText(error.code))"))
    }
    do throws(Diagnostic) {
      let entry = try Entry(parsing: bytes, of: name)
      return entry.first.isAlive ? .live(entry) : .ended
    } catch {
      return .broken(error)
    }
  }

  /// Content of an entry, never through a link and never waiting.
  private func readEntry(_ folder: Int32) -> Result<[UInt8], KernelError> {
    let file = unsafe openat(folder, InstanceFile.entry, O_PATH | O_NOFOLLOW | O_CLOEXEC)
    if file < 0 { return .failure(KernelError("open", InstanceFile.entry, code: errno)) }
    defer { csnug_close(file) }
    return HostFiles.read("/proc/self/fd/\(file)", limit: 64 << 10)
  }
}
