import SnugProfile

/// The box of a program that works beside an app: its own namespaces, the base filter, no network, and nothing to write to
/// but one directory. It reads every byte that the app sends, so an error in it must open nothing else.
///
/// - Parameters:
///   - name: what it is called where instances are told apart.
///   - ops: what is inside; the root is made read-only behind them.
///   - writable: the one place that it may write to.
///   - id: app id of the app that it works for.
///   - passing: descriptors that it needs.
///   - usesAbstract: whether what it connects to has no file: an abstract socket belongs to a network, and to reach one
///     the program is where it is, but connects to nothing else.
func helperPlan(
  _ name: String, _ ops: [Op], writable: String? = nil, for host: Host, id: String, from origin: Origin,
  passing: [Int32], usesAbstract: Bool = false, environment: [PlannedVariable] = [], executable: String = "",
  command: [String] = []
) -> Plan {
  let abi = host.landlockABI
  var rules = [LandlockRule(path: "/", rights: .read)]
  if let writable { rules.append(LandlockRule(path: writable, rights: .write)) }
  let scope: [Landlock.Scope] = abi < 6 ? [] : usesAbstract ? [.signal] : [.signal, .abstractUnixSocket]
  return Plan(
    namespaces: Namespace.allCases.filter { $0 != .network || !usesAbstract },
    ops: (ops + [.remount(Remount(target: "/"))]).map { PlannedOp($0, from: origin) },
    seccomp: SeccompPolicy(preset: .base),
    landlock: LandlockPolicy(
      abi: abi, scope: scope, files: abi >= 1, rules: abi >= 1 ? rules : [], connectTCP: abi >= 4 ? [] : nil),
    environment: environment,
    process: ProcessPolicy(
      uid: host.uid, gid: host.gid, hostname: "snug", workingDirectory: "/", umask: 0o077, nice: 0, terminal: .none,
      adoptWait: .none, stopWait: .none, cancelSignal: nil, limits: [ResourceLimit(.core, 0)]),
    executable: executable, command: command.map { Array($0.utf8) }, id: id, profile: name, passedDescriptors: passing)
}

/// `/usr` and what leads into it, the loader's cache, and the program where it lies elsewhere.
func systemOps(_ program: Source, _ host: Host) -> [Op] {
  var ops: [Op] = []
  func show(_ path: String) {
    guard case .exists(let real, let type, let identity, let link) = host.look(path) else { return }
    if let link, type == .directory {
      ops.append(.symlink(Symlink(target: path, to: link)))
    } else {
      let source = Source(path: real, written: path, type: type, identity: identity)
      ops.append(.bind(Bind(source: source, target: path, access: .readOnly)))
    }
  }
  for path in ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache"] { show(path) }
  if isAtOrBelow(program.path, "/usr") { return ops }
  // There every program names its libraries by their full paths.
  for store in ["/nix/store", "/gnu/store"] where isAtOrBelow(program.path, store) {
    show(store)
    return ops
  }
  return ops + [.bind(Bind(source: program, target: program.path, access: .readOnly))]
}
