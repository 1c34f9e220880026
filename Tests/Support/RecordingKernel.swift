import SnugPlan
import SnugProfile

/// A kernel of paper: records every call as one line of text, plays a small file system, and fails one call on demand.
///
/// Descriptors have names that say where they come from: `host:/usr`, `copy(host:/usr)`, `tmpfs1:/etc`.
package final class RecordingKernel: Kernel {
  /// Every call that can fail, in order, one line each.
  package private(set) var calls: [String] = []
  /// Index of the call that fails, and how.
  package var failing: (index: Int, code: Int32)?
  /// What the host has: path to type. `/` and the parents of each are directories.
  package var host: [String: FileType]
  /// Names that the kernel's own file systems have, by the end of the path: `sys` below proc.
  package var kernelNames: Set<String> = ["bus", "fs", "irq", "sys", "sysrq-trigger", "kcore", "keys", "timer_list"]
  /// Errors by line, for calls that a test wants to fail in a certain way.
  package var errors: [String: Int32] = [:]
  /// Ids as they are written to the maps.
  package private(set) var written: [String: [UInt8]] = [:]
  /// Packets sent to the launcher.
  package private(set) var sent: [[UInt8]] = []
  /// What awaitGo answers.
  package var launcherLives = true
  /// Descriptors by name whose file or directory is empty.
  package var emptyNames: Set<String> = []
  /// How many user namespaces may still be made.
  package var userNamespacesLeft = 10
  /// Hard limit of open files.
  package var hardLimit: UInt64 = 1 << 20

  private struct Mount {
    var id: UInt64
    var name: String
    var attributes: MountAttributes
    var attachedTo: UInt64?
  }
  private struct Node {
    var mount: UInt64
    var path: String
    var name: String
    var context = ""
  }
  private var nodes: [Int32: Node] = [:]
  private var directory: Node?
  private var root: Node?
  private var mounts: [UInt64: Mount] = [:]
  private var made: [String: FileType] = [:]
  private var nextNumber: Int32 = 10
  private var nextMount: UInt64 = 100
  private var counts: [String: Int] = [:]
  private var noNewPrivileges = false
  private var filters = 0
  private var dumpable = true
  private var bounding: UInt64 = (1 << 41) - 1
  private var capabilities = true
  private var attachOrder: [UInt64] = []

  /// Makes a host with these paths.
  package init(host: [String: FileType] = [:]) {
    self.host = host
    mounts[1] = Mount(id: 1, name: "host", attributes: [])
    for (path, type) in [
      ("/dev/null", FileType.characterDevice), ("/dev/zero", .characterDevice), ("/dev/full", .characterDevice),
      ("/dev/random", .characterDevice), ("/dev/urandom", .characterDevice), ("/dev/tty", .characterDevice),
      ("/proc/self/uid_map", .file), ("/proc/self/gid_map", .file), ("/proc/self/setgroups", .file),
    ] {
      self.host[path] = type
    }
  }

  /// A new root and a host root to work on, as Init has them.
  package func makeSite() throws(KernelError) -> Site {
    let root = try openRoot()
    let context = try fsopen("tmpfs")
    let new = try fsmount(context, [.noSetuid, .noDevices])
    let site = Site(kernel: self, hostRoot: root, newRoot: new)
    calls.removeAll()
    return site
  }

  /// Forgets what was recorded so far.
  package func forget() { calls.removeAll() }

  /// Numbers of the descriptors that are open.
  package var openDescriptors: [String] { nodes.values.map(\.name).sorted() }

  private func log(_ line: String, call: String, path: String = "") throws(KernelError) {
    calls.append(line)
    if let failing, failing.index == calls.count - 1 { throw KernelError(call, path, code: failing.code) }
    if let code = errors[line] { throw KernelError(call, path, code: code) }
  }

  private func name(_ file: Descriptor) -> String { nodes[file.number]?.name ?? "closed descriptor" }

  private func add(_ node: Node) -> Descriptor {
    nextNumber += 1
    nodes[nextNumber] = node
    return Descriptor(nextNumber)
  }

  private func newMount(_ name: String, _ attributes: MountAttributes) -> UInt64 {
    nextMount += 1
    mounts[nextMount] = Mount(id: nextMount, name: name, attributes: attributes)
    return nextMount
  }

  private func type(_ node: Node) -> FileType? {
    if node.mount == 1 {
      if let type = host[node.path] { return type }
      return host.keys.contains { $0.hasPrefix(node.path == "/" ? "/" : node.path + "/") } ? .directory : nil
    }
    if node.path == "/" { return rootTypes[node.mount] ?? .directory }
    if let type = made["\(node.mount):\(node.path)"] { return type }
    let mount = mounts[node.mount]?.name ?? ""
    if mount.hasPrefix("devpts") && node.path == "/ptmx" { return .characterDevice }
    if mount.hasPrefix("proc") {
      let last = String(node.path.split(separator: "/").last ?? "")
      if node.path.hasPrefix("/self") { return last == "fd" ? .directory : .file }
      if kernelNames.contains(last) { return last.count <= 3 || last == "fs" ? .directory : .file }
    }
    return nil
  }

  private func join(_ base: String, _ path: String) -> String {
    if path == "/" || path.isEmpty { return base }
    let tail = path.hasPrefix("/") ? path : "/" + path
    return base == "/" ? tail : base + tail
  }

  /// Steps into whatever is mounted on the way, as a lookup does.
  private func resolve(_ root: Node, _ path: String) -> Node {
    var node = root
    for part in path.split(separator: "/") {
      node.path = join(node.path, String(part))
      while let on = mounts.values.first(where: {
        $0.attachedTo != nil && places[$0.id] == "\(node.mount):\(node.path)"
      }) {
        node = Node(mount: on.id, path: "/", name: on.name)
      }
    }
    node.name = (mounts[node.mount]?.name ?? "?") + ":" + node.path
    return node
  }
  private var places: [UInt64: String] = [:]

  // MARK: - Kernel: files

  package func openRoot() throws(KernelError) -> Descriptor {
    try log("open /", call: "open", path: "/")
    if let root { return add(root) }
    return add(Node(mount: 1, path: "/", name: "host:/"))
  }

  package func openat2(_ root: Descriptor, _ path: String, _ how: OpenHow) throws(KernelError) -> Descriptor {
    let line = "openat2 \(name(root)) \(path) \(how)"
    try log(line, call: "open", path: path)
    guard let base = nodes[root.number] else { throw KernelError("open", path, code: 9) }
    let node = resolve(base, path)
    switch how {
    case .create where type(node) != nil: throw KernelError("open", path, code: ErrorNumber.exists)
    case .create, .replace: made["\(node.mount):\(node.path)"] = .file
    default: if type(node) == nil { throw KernelError("open", path, code: ErrorNumber.noEntry) }
    }
    return add(node)
  }

  package func open(_ path: String, _ how: TrialHow) throws(KernelError) -> Descriptor {
    try log("open \(path) \(how)", call: "open", path: path)
    let node = resolve(root ?? Node(mount: 1, path: "/", name: "host:/"), path)
    guard how == .unnamed || type(node) != nil else { throw KernelError("open", path, code: ErrorNumber.noEntry) }
    return add(node)
  }

  package func isEmpty(_ file: Descriptor) throws(KernelError) -> Bool {
    try log("read \(name(file)) first", call: "read")
    return emptyNames.contains(name(file))
  }

  package func statx(_ file: Descriptor) throws(KernelError) -> FileStatus {
    try log("statx \(name(file))", call: "statx")
    guard let node = nodes[file.number], let type = type(node) else { throw KernelError("statx", code: 9) }
    let devices: [String: (UInt32, UInt32)] = [
      "null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0),
    ]
    let node2 = devices[String(node.path.split(separator: "/").last ?? "")] ?? (0, 0)
    return FileStatus(
      type: type, identity: FileIdentity(deviceMajor: 0, deviceMinor: UInt32(node.mount), inode: inode(node.path)),
      mode: type == .directory ? 0o755 : 0o644, nodeMajor: node2.0, nodeMinor: node2.1, mountID: node.mount)
  }

  /// The inode number that a path has here.
  package func inode(_ path: String) -> UInt64 { path.utf8.reduce(5381) { ($0 &* 33) ^ UInt64($1) } }

  package func fstatfs(_ file: Descriptor) throws(KernelError) -> Int {
    try log("fstatfs \(name(file))", call: "fstatfs")
    guard let node = nodes[file.number] else { throw KernelError("fstatfs", code: 9) }
    let mount = mounts[node.mount]?.name ?? ""
    let isProc = mount.hasPrefix("proc") || node.path.hasPrefix("/proc/self")
    return isProc ? procMagic : mount.hasPrefix("devpts") ? devptsMagic : 0x0102_1994
  }

  package func mkdirat(_ parent: Descriptor, _ name: String, mode: UInt32) throws(KernelError) {
    try log("mkdirat \(self.name(parent)) \(name) \(String(mode, radix: 8))", call: "mkdir", path: name)
    try make(parent, name, .directory)
  }

  package func symlinkat(_ to: String, _ parent: Descriptor, _ name: String) throws(KernelError) {
    try log("symlinkat \(to) \(self.name(parent)) \(name)", call: "symlink", path: name)
    try make(parent, name, .file)
  }

  private func make(_ parent: Descriptor, _ name: String, _ type: FileType) throws(KernelError) {
    guard let base = nodes[parent.number] else { throw KernelError("mkdir", name, code: 9) }
    let key = "\(base.mount):\(join(base.path, name))"
    if made[key] != nil { throw KernelError("mkdir", name, code: ErrorNumber.exists) }
    made[key] = type
  }

  package func unlinkat(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try log("unlinkat \(self.name(parent)) \(name)", call: "unlink", path: name)
  }

  package func rmdirat(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try log("rmdirat \(self.name(parent)) \(name)", call: "rmdir", path: name)
  }

  package func fchmod(_ file: Descriptor, mode: UInt32) throws(KernelError) {
    try log("fchmod \(name(file)) \(String(mode, radix: 8))", call: "chmod")
  }

  package func copy(_ source: Descriptor, to target: Descriptor) throws(KernelError) {
    try log("copy \(source.number) \(name(target))", call: "read")
  }

  package func readlinkat(_ directory: Descriptor, _ path: String) throws(KernelError) -> String {
    try log("readlinkat \(name(directory)) \(path)", call: "readlink", path: path)
    return "\(path):[2]"
  }

  package func write(_ file: Descriptor, _ bytes: [UInt8]) throws(KernelError) {
    try log("write \(name(file)) \(bytes.count <= 40 ? escaped(bytes) : "\(bytes.count) bytes")", call: "write")
    written[String(name(file).split(separator: "/").last ?? "")] = bytes
  }

  package func readAll(_ file: Descriptor) throws(KernelError) -> [UInt8] {
    try log("read \(name(file))", call: "read")
    let last = String(name(file).split(separator: "/").last ?? "")
    switch last {
    case "status":
      let zero = String(repeating: "0", count: 16)
      let sets = capabilities ? String(repeating: "f", count: 16) : zero
      let bound = bounding == 0 ? zero : sets
      return Array(
        """
        Name:\tsnug
        Threads:\t1
        CapInh:\t\(zero)
        CapPrm:\t\(sets)
        CapEff:\t\(sets)
        CapBnd:\t\(bound)
        CapAmb:\t\(zero)
        NoNewPrivs:\t\(noNewPrivileges ? 1 : 0)
        Seccomp:\t\(filters > 0 ? 2 : 0)
        Seccomp_filters:\t\(filters)

        """.utf8)
    case "mountinfo":
      var text = ""
      for id in attachOrder {
        guard let mount = mounts[id], let parent = mount.attachedTo else { continue }
        let flags = mount.attributes.contains(.readOnly) ? mount.attributes.text : "rw," + mount.attributes.text
        text += "\(id) \(parent) 0:\(id) / \(places[id] ?? "/") \(flags),relatime - tmpfs snug rw\n"
      }
      return Array(text.utf8)
    case "uid_map", "gid_map":
      return (written[last] ?? []) + [UInt8(ascii: "\n")]
    case "setgroups": return Array("deny\n".utf8)
    default: return []
    }
  }

  package func listDescriptors(_ directory: Descriptor) throws(KernelError) -> [Int32] {
    try log("getdents64 \(name(directory))", call: "getdents64")
    return [0, 1, 2] + nodes.keys.sorted()
  }

  package func close(_ file: Descriptor) { nodes[file.number] = nil }

  package func closeAll(but kept: [Descriptor]) throws(KernelError) {
    try log("close_range", call: "close_range")
  }

  // MARK: - Kernel: mounts

  package func openTree(_ file: Descriptor, recursive: Bool) throws(KernelError) -> Descriptor {
    try log("open_tree \(name(file))\(recursive ? " recursive" : "")", call: "open_tree")
    guard let node = nodes[file.number], let type = type(node) else { throw KernelError("open_tree", code: 9) }
    let id = newMount("copy(\(node.name))", [])
    if type != .directory { rootTypes[id] = type }
    return add(Node(mount: id, path: "/", name: "copy(\(node.name))"))
  }
  private var rootTypes: [UInt64: FileType] = [:]

  package func mountSetattr(_ mount: Descriptor, _ attributes: MountAttributes, recursive: Bool, isolates: Bool)
    throws(KernelError)
  {
    let words = [attributes.text] + (recursive ? ["recursive"] : []) + (isolates ? [] : ["receiving"])
    try log("mount_setattr \(name(mount)) \(words.joined(separator: " "))", call: "mount_setattr")
    if let id = nodes[mount.number]?.mount { mounts[id]?.attributes.formUnion(attributes) }
  }

  package func moveMount(_ mount: Descriptor, to target: Descriptor) throws(KernelError) {
    try log("move_mount \(name(mount)) \(name(target))", call: "move_mount")
    guard let id = nodes[mount.number]?.mount, let place = nodes[target.number] else {
      throw KernelError("move_mount", code: 9)
    }
    mounts[id]?.attachedTo = place.mount
    places[id] = "\(place.mount):\(place.path)"
    attachOrder.append(id)
  }

  package func fsopen(_ type: String) throws(KernelError) -> Descriptor {
    try log("fsopen \(type)", call: "fsopen", path: type)
    counts[type, default: 0] += 1
    return add(Node(mount: 0, path: "/", name: "\(type)\(counts[type, default: 0]) context", context: type))
  }

  package func fsconfig(_ context: Descriptor, _ key: String, _ value: String) throws(KernelError) {
    try log("fsconfig \(name(context)) \(key)=\(value)", call: "fsconfig", path: key)
  }

  package func fsconfig(_ context: Descriptor, flag: String) throws(KernelError) {
    try log("fsconfig \(name(context)) \(flag)", call: "fsconfig", path: flag)
  }

  package func fsconfig(_ context: Descriptor, _ key: String, _ value: Descriptor) throws(KernelError) {
    try log("fsconfig \(name(context)) \(key)=\(name(value))", call: "fsconfig", path: key)
  }

  package func fsconfigCreate(_ context: Descriptor) throws(KernelError) {
    try log("fsconfig \(name(context)) create", call: "fsconfig")
  }

  package func fsmount(_ context: Descriptor, _ attributes: MountAttributes) throws(KernelError) -> Descriptor {
    try log("fsmount \(name(context)) \(attributes.text)", call: "fsmount")
    let type = nodes[context.number]?.context ?? "?"
    let label = "\(type)\(counts[type, default: 0])"
    return add(Node(mount: newMount(label, attributes), path: "/", name: label))
  }

  package func detach(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try log("umount \(self.name(parent)) \(name)", call: "umount", path: name)
    if let base = nodes[parent.number] {
      let place = "\(base.mount):\(join(base.path, name))"
      for id in attachOrder where places[id] == place {
        mounts[id]?.attachedTo = nil
        places[id] = nil
      }
    }
  }

  package func makeRootSlave() throws(KernelError) { try log("mount / slave recursive", call: "mount") }
  package func pivotRoot() throws(KernelError) {
    try log("pivot_root . .", call: "pivot_root")
    root = directory
  }
  package func detachOldRoot() throws(KernelError) { try log("umount / detach", call: "umount") }
  package func fchdir(_ directory: Descriptor) throws(KernelError) {
    try log("fchdir \(name(directory))", call: "fchdir")
    self.directory = nodes[directory.number]
  }
  package func chdir(_ path: String) throws(KernelError) { try log("chdir \(path)", call: "chdir", path: path) }
  package func getcwd() throws(KernelError) -> String {
    try log("getcwd", call: "getcwd")
    return "/"
  }

  // MARK: - Kernel: the process

  package func setParentDeathSignal() throws(KernelError) { try log("prctl PR_SET_PDEATHSIG", call: "prctl") }
  package func isHungUp(_ control: Descriptor) throws(KernelError) -> Bool {
    try log("poll control", call: "poll")
    return !launcherLives
  }
  package func awaitGo(_ control: Descriptor) throws(KernelError) -> Bool {
    try log("recv control", call: "recv")
    return launcherLives
  }
  package func send(_ socket: Descriptor, _ bytes: [UInt8]) throws(KernelError) { sent.append(bytes) }
  package func setDumpable(_ on: Bool) throws(KernelError) {
    try log("prctl PR_SET_DUMPABLE \(on)", call: "prctl")
    dumpable = on
  }
  package func isDumpable() throws(KernelError) -> Bool {
    try log("prctl PR_GET_DUMPABLE", call: "prctl")
    return dumpable
  }
  package func joinSessionKeyring() throws(KernelError) { try log("keyctl join session", call: "keyctl") }
  package func sethostname(_ name: String) throws(KernelError) {
    try log("sethostname \(name)", call: "sethostname", path: name)
  }
  package func raiseOpenFiles() throws(KernelError) -> OpenFileLimit {
    try log("setrlimit open-files hard", call: "setrlimit")
    return OpenFileLimit(soft: 1024, hard: hardLimit)
  }
  package func setrlimit(_ kind: ResourceLimit.Kind, soft: UInt64, hard: UInt64) throws(KernelError) {
    try log("setrlimit \(kind.rawValue) \(soft) \(hard)", call: "setrlimit", path: kind.rawValue)
  }
  package func setpriority(_ nice: Int32) throws(KernelError) { try log("setpriority \(nice)", call: "setpriority") }
  package func setsid() throws(KernelError) { try log("setsid", call: "setsid") }
  package func umask(_ mask: UInt32) {}
  package func loopbackUp() throws(KernelError) { try log("ioctl lo up", call: "ioctl", path: "lo") }
  package func dropBounding(_ capability: Int32) throws(KernelError) -> Bool {
    guard capability < 41 else { return false }
    try log("prctl PR_CAPBSET_DROP \(capability)", call: "prctl")
    bounding &= ~(1 << UInt64(capability))
    return true
  }
  package func clearAmbient() throws(KernelError) { try log("prctl PR_CAP_AMBIENT_CLEAR_ALL", call: "prctl") }
  package func lockSecurebits() throws(KernelError) { try log("prctl PR_SET_SECUREBITS", call: "prctl") }
  package func clearCapabilities() throws(KernelError) {
    try log("capset", call: "capset")
    capabilities = false
  }
  package func setNoNewPrivileges() throws(KernelError) {
    try log("prctl PR_SET_NO_NEW_PRIVS", call: "prctl")
    noNewPrivileges = true
  }
  package func landlockCreateRuleset(_ handled: LandlockRights) throws(KernelError) -> Descriptor {
    try log(
      "landlock_create_ruleset files=\(String(handled.files, radix: 16)) network=\(handled.network) scope=\(handled.scope)",
      call: "landlock_create_ruleset")
    return add(Node(mount: 0, path: "/", name: "ruleset"))
  }
  package func landlockAddPath(_ ruleset: Descriptor, _ path: Descriptor, _ rights: UInt64) throws(KernelError) {
    try log("landlock_add_rule \(name(path)) \(String(rights, radix: 16))", call: "landlock_add_rule")
  }
  package func landlockAddConnect(_ ruleset: Descriptor, port: UInt16) throws(KernelError) {
    try log("landlock_add_rule connect \(port)", call: "landlock_add_rule")
  }
  package func landlockRestrict(_ ruleset: Descriptor) throws(KernelError) {
    try log("landlock_restrict_self", call: "landlock_restrict_self")
  }
  package func seccomp(_ program: [UInt64]) throws(KernelError) {
    try log("seccomp \(program.count) instructions", call: "seccomp")
    filters += 1
  }

  // MARK: - Kernel: terminals

  package func openPeer(_ master: Descriptor) throws(KernelError) -> Descriptor {
    try log("ioctl \(name(master)) peer", call: "ioctl")
    return add(Node(mount: 0, path: "/", name: "peer(\(name(master)))"))
  }
  package func setTerminal(_ terminal: Descriptor, modes: [UInt8], size: [UInt16]) throws(KernelError) {
    try log("ioctl \(name(terminal)) \(modes.count) modes, \(size[0])x\(size[1])", call: "ioctl")
  }
  package func send(_ socket: Descriptor, _ bytes: [UInt8], with descriptor: Descriptor) throws(KernelError) {
    try log("sendmsg \(name(descriptor))", call: "sendmsg")
  }

  // MARK: - Kernel: what bubblewrap's options ask for

  package func enterUserNamespace(_ namespace: Descriptor) throws(KernelError) {
    try log("setns \(namespace.number)", call: "setns")
  }
  package func unshareUserNamespace() throws(KernelError) {
    try log("unshare user", call: "unshare")
    if userNamespacesLeft == 0 { throw KernelError("unshare", code: ErrorNumber.noSpace) }
    userNamespacesLeft -= 1
  }
  package func setuid(_ uid: UInt32) throws(KernelError) { try log("setuid \(uid)", call: "setuid") }
  package func setgid(_ gid: UInt32) throws(KernelError) { try log("setgid \(gid)", call: "setgid") }
  package func lock(_ file: Descriptor) throws(KernelError) { try log("lock \(name(file))", call: "fcntl") }
  package func awaitByte(_ file: Descriptor) throws(KernelError) { try log("await \(file.number)", call: "read") }
  package func setCapabilities(_ mask: UInt64) throws(KernelError) {
    try log("capset \(String(mask, radix: 16))", call: "capset")
  }
  package func raiseAmbient(_ capability: Int32) throws(KernelError) {
    try log("prctl PR_CAP_AMBIENT_RAISE \(capability)", call: "prctl")
  }
}
