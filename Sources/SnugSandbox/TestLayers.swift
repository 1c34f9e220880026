#if SNUG_TEST_BUILD
  import CSnug
  import Glibc
  import SnugPlan
  import SnugProfile

  /// Leaves layers of defence out, so that a proof can find what the others hold: `SNUG_TEST_LAYERS_OFF` names them, with
  /// commas between.
  ///
  /// The self-check is told, or no start would come so far. With `untold` among the names it is not: then it has to notice.
  enum TestLayers {
    /// What is left out.
    static let off: Set<Layer> = {
      Set(
        names.filter { $0 != "untold" }.map { name in
          guard let layer = Layer(rawValue: name) else { preconditionFailure("SNUG_TEST_LAYERS_OFF: no layer \(name)") }
          return layer
        })
    }()

    /// Whether the self-check knows what is left out.
    static let isSelfCheckTold = !names.contains("untold")

    private static let names: [String] = {
      guard let list = unsafe getenv("SNUG_TEST_LAYERS_OFF") else { return [] }
      return unsafe String(cString: list).split(separator: ",").map(String.init)
    }()

    /// Attributes that no mount gets.
    static let withoutAttributes: MountAttributes = {
      var attributes: MountAttributes = []
      if off.contains(.readOnly) { attributes.insert(.readOnly) }
      if off.contains(.noSetuid) { attributes.insert(.noSetuid) }
      if off.contains(.noDevices) { attributes.insert(.noDevices) }
      if off.contains(.noExecute) { attributes.insert(.noExecute) }
      return attributes
    }()

    /// The plan that the self-check judges by where it is not told.
    nonisolated(unsafe) private(set) static var untold: Plan?

    /// A plan without the layers that can be taken out of it.
    static func applied(_ plan: Plan) -> Plan {
      unsafe isApplied = true
      if off.isEmpty { return plan }
      if !isSelfCheckTold { unsafe untold = plan }
      csnug_test_loosen(off.contains(.resolution))
      var plan = plan
      for (layer, namespace) in [
        (Layer.pid, Namespace.pid), (.ipc, .ipc), (.network, .network), (.uts, .uts), (.cgroup, .cgroup),
      ] where off.contains(layer) {
        plan.namespaces.removeAll { $0 == namespace }
      }
      if off.contains(.seccomp) { plan.seccomp = SeccompPolicy(preset: .none) }
      if off.contains(.landlockScope) { plan.landlock.scope = [] }
      if off.contains(.landlockFiles) { (plan.landlock.files, plan.landlock.rules) = (false, []) }
      if off.contains(.limits) { plan.process.limits = [] }
      if off.contains(.terminal) { plan.process.terminal = .shared }
      if off.contains(.environment) { addCallersEnvironment(&plan) }
      changeOps(&plan)
      return plan
    }

    private static func addCallersEnvironment(_ plan: inout Plan) {
      let own = Set(plan.environment.map { $0.name })
      for line in (readFile("/proc/self/environ") ?? []).split(separator: 0) {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let name = String(decoding: line[..<equals], as: UTF8.self)
        if own.contains(name) { continue }
        plan.environment.append(
          PlannedVariable(name: name, value: Array(line[line.index(after: equals)...]), origin: .defaults))
      }
    }

    private static func changeOps(_ plan: inout Plan) {
      func bind(_ path: String, _ access: Access) -> PlannedOp {
        let source = Source(path: path, written: path, type: .directory, identity: nil)
        return PlannedOp(.bind(Bind(source: source, target: path, access: access)), from: .defaults)
      }
      var ops: [PlannedOp] = []
      // The host's whole tree; what is bound stays bound, with its attributes, and proc and dev are layers of their own.
      if off.contains(.mounts) {
        ops.append(bind("/", .writable))
        plan.landlock.rules.removeAll { unsafe access($0.path, F_OK) != 0 }
      }
      for var planned in plan.ops {
        switch planned.op {
        case .proc(var proc):
          if off.contains(.masks) { proc.cover = .nothing }
          if off.contains(.pid) {
            proc.shared = Source(path: "/proc", written: "/proc", type: .directory, identity: nil)
          }
          planned.op = .proc(proc)
        case .dev where off.contains(.devices): planned = bind("/dev", .device)
        case .dev, .bind: break
        default: if off.contains(.mounts) { continue }
        }
        ops.append(planned)
      }
      plan.ops = ops
    }

    /// All capabilities of the user namespace, also for who is started by an exec: what a start without their end leaves.
    static func keepCapabilities(_ kernel: any Kernel) throws(KernelError) {
      let last = Int32(readText("/proc/sys/kernel/cap_last_cap")) ?? 40
      try kernel.setCapabilities((1 << UInt64(last + 1)) - 1)
      for capability in 0...last { try kernel.raiseAmbient(capability) }
    }

    private static func readText(_ path: String) -> String {
      String(decoding: (readFile(path) ?? []).filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Whether whoever closes everything leaves it open: the launcher does so before it has a plan, PID 1 after.
    static func leavesOpen(but kept: [Descriptor]) -> Bool {
      let isInit = unsafe isApplied
      if isInit, off.contains(.descriptorsLauncher) {
        // The launcher has marked them, too: none of it is to be closed by an exec any more.
        for number: Int32 in 3..<1024 where !kept.contains(Descriptor(number)) { _ = csnug_set_cloexec(number, false) }
      }
      return off.contains(isInit ? .descriptorsInit : .descriptorsLauncher)
    }

    nonisolated(unsafe) private static var isApplied = false
  }
#endif
