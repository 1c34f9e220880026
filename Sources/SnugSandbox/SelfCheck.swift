import SnugPlan
import SnugProfile

/// The last word before the app: PID 1 reads back from the kernel what it built and refuses on any difference. One
/// ignored failure, one short read, one call that lied, and the app does not start.
///
/// Runs in the sandbox's PID 1. The files are opened before landlock and read after seccomp.
package struct SelfCheck {
  /// What the launcher knew before the clone.
  package struct Expectation: Sendable {
    /// Namespace ids of the launcher, as links in /proc/self/ns read.
    package var hostNamespaces: [Namespace: String]
    /// Filters that the launcher itself runs under.
    package var filtersBefore: Int
    package var callerUID: UInt32
    package var callerGID: UInt32

    /// Makes an expectation.
    package init(hostNamespaces: [Namespace: String], filtersBefore: Int, callerUID: UInt32, callerGID: UInt32) {
      self.hostNamespaces = hostNamespaces
      self.filtersBefore = filtersBefore
      self.callerUID = callerUID
      self.callerGID = callerGID
    }
  }

  var status: Descriptor
  var mountinfo: Descriptor
  var uidMap: Descriptor
  var gidMap: Descriptor
  var setgroups: Descriptor
  var descriptors: Descriptor
  var namespaces: [Namespace: String]

  /// Opens what `confirm` reads: in `ownProc`, a proc that is mounted nowhere, or else in the plan's own.
  static func open(_ ownProc: Descriptor?, _ site: Site, _ plan: Plan, on kernel: any Kernel) throws(KernelError)
    -> SelfCheck
  {
    let target = plan.procTarget ?? ""
    let proc = if let ownProc { ownProc } else { try kernel.openat2(site.newRoot, target, .path) }
    if try kernel.fstatfs(proc) != procMagic {
      throw KernelError(refused: "fstatfs", target, because: "what is there is not proc")
    }
    var namespaces: [Namespace: String] = [:]
    for namespace in Namespace.allCases {
      namespaces[namespace] = try kernel.readlinkat(proc, "self/ns/\(namespace.procName)")
    }
    let check = SelfCheck(
      status: try kernel.openat2(proc, "self/status", .read),
      mountinfo: try kernel.openat2(proc, "self/mountinfo", .read),
      uidMap: try kernel.openat2(proc, "self/uid_map", .read),
      gidMap: try kernel.openat2(proc, "self/gid_map", .read),
      setgroups: try kernel.openat2(proc, "self/setgroups", .read),
      descriptors: try kernel.openat2(proc, "self/fd", .read), namespaces: namespaces)
    kernel.close(proc)
    return check
  }

  /// Reads everything and compares it with the plan and the record of what was attached.
  func confirm(
    _ expected: Expectation, _ plan: Plan, _ site: Site, keeping: [Descriptor], on kernel: any Kernel
  ) throws(KernelError) {
    #if SNUG_TEST_BUILD
      guard Layer.selfCheck.stands else { return }
      let plan = unsafe TestLayers.untold ?? plan
    #endif
    try Self.judgeNamespaces(namespaces, expected.hostNamespaces, made: plan.namespaces)
    let filters = expected.filtersBefore + (plan.seccomp.preset == .none && plan.seccomp.deny.isEmpty ? 0 : 1)
    try Self.judgeStatus(try kernel.readAll(status), filters: filters)
    // It alone keeps memory and descriptors of PID 1 from the app, and no file of proc shows it.
    #if SNUG_TEST_BUILD
      let isExcused = TestLayers.isSelfCheckTold && !Layer.dumpable.stands
    #else
      let isExcused = false
    #endif
    if try kernel.isDumpable(), !isExcused {
      throw KernelError(refused: "self-check", because: "the first process can be looked into")
    }
    if plan.namespaces.contains(.user) {
      try Self.judgeMap(try kernel.readAll(uidMap), "uid_map", inside: plan.process.uid, outside: expected.callerUID)
      try Self.judgeMap(try kernel.readAll(gidMap), "gid_map", inside: plan.process.gid, outside: expected.callerGID)
      if try kernel.readAll(setgroups) != Array("deny\n".utf8) {
        throw KernelError(refused: "self-check", "setgroups", because: "changing groups is not denied")
      }
    }
    try Self.judgeMounts(try kernel.readAll(mountinfo), site.attached)
    let own = [status, mountinfo, uidMap, gidMap, setgroups, descriptors, site.newRoot]
    let allowed = Set(
      [0, 1, 2] + plan.passedDescriptors + (own + keeping).map({ $0.number }) + [site.scratch.number])
    #if SNUG_TEST_BUILD
      if TestLayers.isSelfCheckTold, !Layer.descriptorsInit.stands { return }
    #endif
    for number in try kernel.listDescriptors(descriptors) where !allowed.contains(number) {
      throw KernelError(refused: "self-check", because: "descriptor \(number) is open and should not be")
    }
    for descriptor in Set(own + [site.scratch]) { kernel.close(descriptor) }
  }

  /// Those that were made are new, the others are the launcher's.
  static func judgeNamespaces(_ seen: [Namespace: String], _ host: [Namespace: String], made: [Namespace])
    throws(KernelError)
  {
    for namespace in Namespace.allCases {
      guard let mine = seen[namespace], let theirs = host[namespace] else {
        throw KernelError(refused: "self-check", because: "the \(namespace.rawValue) namespace cannot be told")
      }
      if made.contains(namespace) != (mine != theirs) {
        let state = made.contains(namespace) ? "still the host's" : "not the host's"
        throw KernelError(refused: "self-check", because: "the \(namespace.rawValue) namespace is \(state)")
      }
    }
  }

  /// /proc/self/status: no capability in any set, no_new_privs, the filter, one thread.
  static func judgeStatus(_ bytes: [UInt8], filters: Int) throws(KernelError) {
    let fields = StatusFields(bytes)
    var wanted = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map { ($0, "0000000000000000") }
    wanted += [("NoNewPrivs", "1"), ("Threads", "1"), ("Seccomp", filters > 0 ? "2" : "0")]
    #if SNUG_TEST_BUILD
      if TestLayers.isSelfCheckTold {
        wanted.removeAll { name, _ in
          name.hasPrefix("Cap") ? !Layer.capabilities.stands : name == "NoNewPrivs" && !Layer.noNewPrivileges.stands
        }
      }
    #endif
    for (name, value) in wanted {
      let found = fields[name]
      guard found != value else { continue }
      throw KernelError(
        refused: "self-check", because: "\(name) is \(found ?? "missing") in /proc/self/status, not \(value)")
    }
    // Linux 5.9 and newer count them.
    if let count = fields["Seccomp_filters"], Int(count) != filters {
      throw KernelError(refused: "self-check", because: "\(count) seccomp filters are loaded, not \(filters)")
    }
  }

  static func judgeMap(_ bytes: [UInt8], _ name: String, inside: UInt32, outside: UInt32) throws(KernelError) {
    let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }.map(String.init)
    if words != [String(inside), String(outside), "1"] {
      throw KernelError(refused: "self-check", name, because: "the map is not the one that was written")
    }
  }

  /// /proc/self/mountinfo, see `proc_pid_mountinfo(5)`: every mount is one that was attached, or came in below a bind;
  /// each carries its flags and gets nothing from the host; none that was attached is missing.
  ///
  /// By mount id, not by path: ids need no unescaping and cannot be confused by a name.
  static func judgeMounts(_ bytes: [UInt8], _ attached: [AttachedMount]) throws(KernelError) {
    guard bytes.last == UInt8(ascii: "\n") else {
      throw KernelError(refused: "self-check", because: "the mount table is cut short")
    }
    var known: [UInt64: AttachedMount] = [:]
    for mount in attached { known[mount.id] = mount }
    var seen: Set<UInt64> = []
    // Bytes, not text: a mount point may hold any byte but a blank or a newline, which are escaped.
    var fields: [ArraySlice<UInt8>] = []
    var start = 0
    for end in bytes.indices where bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "\n") {
      fields.append(bytes[start..<end])
      start = end + 1
      guard bytes[end] == UInt8(ascii: "\n") else { continue }
      defer { fields.removeAll(keepingCapacity: true) }
      if fields.count == 1, fields[0].isEmpty { continue }
      guard fields.count >= 10, let id = number(fields[0]), let parent = number(fields[1]) else {
        throw KernelError(refused: "self-check", because: "the mount table has a line that cannot be read")
      }
      func refuse(_ reason: String) -> KernelError {
        KernelError(refused: "self-check", String(decoding: fields[4], as: UTF8.self), because: reason)
      }
      // The kernel's table has one line a mount. One that came twice could stand in for one that is gone.
      guard seen.insert(id).inserted else { throw refuse("the mount is in the table twice") }
      let mount: AttachedMount
      if let own = known[id] {
        mount = own
      } else {
        // Parents stand before their children for mounts of one tree that was cloned whole.
        guard let above = known[parent], above.carriesTree else {
          throw refuse("something is mounted there that the plan does not name")
        }
        mount = AttachedMount(id: id, attributes: above.attributes, carriesTree: true)
        known[id] = mount
      }
      #if SNUG_TEST_BUILD
        let isTold = TestLayers.isSelfCheckTold
        let present = MountAttributes(options: fields[5]).union(isTold ? TestLayers.withoutAttributes : [])
      #else
        let present = MountAttributes(options: fields[5])
      #endif
      if !present.isSuperset(of: mount.attributes) {
        throw refuse("the mount is not \(mount.attributes.subtracting(present).text)")
      }
      // Optional fields up to "-": shared or master would let mounts travel.
      if fields[6].count != 1 { throw refuse("the mount is \(String(decoding: fields[6], as: UTF8.self))") }
    }
    let gone = attached.filter { !seen.contains($0.id) }.count
    if gone > 0 {
      throw KernelError(refused: "self-check", because: "\(gone) mounts that the plan names are gone")
    }
  }

  private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
    guard !field.isEmpty, field.count < 19 else { return nil }
    var value: UInt64 = 0
    for byte in field {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    return value
  }
}

extension MountAttributes {
  /// From the options of a line of the mount table: `ro,nosuid,nodev,relatime`.
  fileprivate init(options: ArraySlice<UInt8>) {
    self = []
    var start = options.startIndex
    while start < options.endIndex {
      let word = options[start...].prefix { $0 != UInt8(ascii: ",") }
      start = word.endIndex + 1
      switch word.count {
      case 2 where word.elementsEqual("ro".utf8): insert(.readOnly)
      case 5 where word.elementsEqual("nodev".utf8): insert(.noDevices)
      case 6 where word.elementsEqual("nosuid".utf8): insert(.noSetuid)
      case 6 where word.elementsEqual("noexec".utf8): insert(.noExecute)
      default: break
      }
    }
  }
}

extension Namespace {
  /// Name in /proc/PID/ns.
  var procName: String {
    switch self {
    case .mount: "mnt"
    case .network: "net"
    default: rawValue
    }
  }

  /// Bit of `clone(2)`.
  var cloneFlag: UInt64 {
    switch self {
    case .mount: 0x0002_0000
    case .cgroup: 0x0200_0000
    case .uts: 0x0400_0000
    case .ipc: 0x0800_0000
    case .user: 0x1000_0000
    case .pid: 0x2000_0000
    case .network: 0x4000_0000
    }
  }
}
