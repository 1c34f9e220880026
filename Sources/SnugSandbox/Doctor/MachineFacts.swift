import CSnug
import Glibc
import SnugPlan

/// What files and a few harmless calls tell about the machine: enough to tell apart causes that share an errno.
///
/// Runs in `snug doctor`, and in the launcher where the clone was refused.
struct MachineFacts: Hashable {
  /// Content of /proc/sys/kernel/osrelease.
  var kernelRelease = "6.18.0"
  /// CAP_SYS_ADMIN is effective: the switches for ordinary users do not bind this process.
  var isPrivileged = false
  /// Whether this is the first user namespace of the machine.
  var inInitialUserNamespace = true
  /// Whether `/` is a mount; it is not below chroot(2), where the kernel refuses user namespaces.
  var rootIsMount = true
  /// A seccomp filter answers unshare(2) or clone3(2) before the kernel does.
  var isNamespaceFilter = false
  /// Some seccomp filter is in force.
  var isFiltered = false
  /// Values of the switches that exist, by sysctl name.
  var switches: [String: Int] = [:]
  /// AppArmor's label of this process; nil without AppArmor.
  var appArmorLabel: String?
  /// Whether /etc/apparmor.d/snug stands.
  var isAppArmorProfileInstalled = false
  var isSELinuxEnforcing = false
  var container: Container?
  /// Mounts that hide parts of /proc.
  var procMasks: [String] = []
  /// Landlock's ABI as this process may use it, or -errno.
  var landlock = 6
  var cgroup = CgroupFacts()
  /// Who could hold limits that processes share.
  var groups = GroupFacts(
    scopeObstacles: Dictionary(uniqueKeysWithValues: GroupLimit.Kind.allCases.map { ($0, "no systemd user manager") }))
  /// Where xdg-dbus-proxy is; nil where PATH has none.
  var busProxy: String?

  /// What encloses this process.
  enum Container: Hashable {
    case flatpak, docker, podman
    /// As systemd's /run/systemd/container names it.
    case other(String)
  }

  /// The cgroup of this process in the version 2 hierarchy.
  struct CgroupFacts: Hashable {
    /// Its directory; nil without version 2.
    var path: String?
    /// Groups can be made below it.
    var isDelegated = false
    var controllers: [String] = []
  }
}

/// Switches of the distributions and of the kernel that forbid or limit namespaces.
let switchNames = [
  "kernel.unprivileged_userns_clone", "kernel.apparmor_restrict_unprivileged_userns", "user.max_user_namespaces",
  "user.max_mnt_namespaces", "user.max_pid_namespaces", "user.max_ipc_namespaces", "user.max_uts_namespaces",
  "user.max_cgroup_namespaces", "user.max_net_namespaces", "kernel.yama.ptrace_scope",
]

/// Reads the facts of this machine and process.
func readMachineFacts() -> MachineFacts {
  var facts = machineFacts(read: readText, exists: { canAccess($0, F_OK) }, isWritable: { canAccess($0, W_OK) })
  facts.inInitialUserNamespace = readLink("/proc/self/ns/user") == "user:[4026531837]"
  facts.isNamespaceFilter = isNamespaceCallFiltered()
  facts.landlock = effectiveLandlockABI(csnug_landlock_abi(), limit: variable("SNUG_LANDLOCK_ABI"))
  facts.groups = HostProbe.read().groups()
  facts.busProxy = (variable("PATH") ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/xdg-dbus-proxy" }
    .first { $0.hasPrefix("/") && canAccess($0, X_OK) }
  return facts
}

/// The facts that stand in files, from functions that read them.
func machineFacts(
  read: (String) -> String?, exists: (String) -> Bool, isWritable: (String) -> Bool
) -> MachineFacts {
  func word(_ path: String) -> String? {
    read(path).map { String($0.prefix { !$0.isNewline && $0 != "\0" }) }
  }
  var facts = MachineFacts()
  facts.kernelRelease = word("/proc/sys/kernel/osrelease") ?? ""
  let status = statusFields(read("/proc/self/status") ?? "")
  let capSysAdmin: UInt64 = 1 << 21
  facts.isPrivileged = (UInt64(status["CapEff"] ?? "", radix: 16) ?? 0) & capSysAdmin != 0
  facts.isFiltered = status["Seccomp"] == "2"
  for name in switchNames {
    let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
    facts.switches[name] = word(path).flatMap { Int($0) }
  }
  facts.appArmorLabel = word("/proc/self/attr/apparmor/current") ?? word("/proc/self/attr/current")
  facts.isAppArmorProfileInstalled = exists("/etc/apparmor.d/snug")
  facts.isSELinuxEnforcing = word("/sys/fs/selinux/enforce") == "1"
  facts.container = container(exists: exists, word: word)
  let mountPoints = mountPoints(read("/proc/self/mountinfo") ?? "")
  facts.rootIsMount = mountPoints.isEmpty || mountPoints.contains("/")
  // binfmt_misc stands on a directory that is empty for ever and so hides nothing, see mount_too_revealing().
  facts.procMasks = mountPoints.filter { $0.hasPrefix("/proc/") && $0 != "/proc/sys/fs/binfmt_misc" }
  facts.cgroup = cgroupFacts(read: read, isWritable: isWritable)
  return facts
}

private func container(exists: (String) -> Bool, word: (String) -> String?) -> MachineFacts.Container? {
  if exists("/.flatpak-info") { return .flatpak }
  if exists("/run/.containerenv") { return .podman }
  if exists("/.dockerenv") { return .docker }
  return word("/run/systemd/container").map { .other($0) }
}

private func statusFields(_ text: String) -> [String: String] {
  var fields: [String: String] = [:]
  for line in text.split(separator: "\n") {
    guard let colon = line.firstIndex(of: ":") else { continue }
    fields[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == "\t" || $0 == " " })
  }
  return fields
}

/// Fifth field of each line of /proc/self/mountinfo, see proc(5).
private func mountPoints(_ mountinfo: String) -> [String] {
  mountinfo.split(separator: "\n").compactMap { line in
    let fields = line.split(separator: " ", maxSplits: 5)
    return fields.count > 4 ? String(fields[4]) : nil
  }
}

private func cgroupFacts(read: (String) -> String?, isWritable: (String) -> Bool) -> MachineFacts.CgroupFacts {
  let (own, mounts) = (read("/proc/self/cgroup") ?? "", read("/proc/self/mountinfo") ?? "")
  guard let path = CgroupPlace(cgroup: own, mountinfo: mounts)?.path else { return MachineFacts.CgroupFacts() }
  return MachineFacts.CgroupFacts(
    path: path,
    isDelegated: isWritable(path) && isWritable(path + "/cgroup.procs"),
    controllers: (read(path + "/cgroup.controllers") ?? "").split { $0.isWhitespace }.map(String.init))
}

/// Whether a seccomp filter answers for the kernel.
///
/// The kernel refuses an unknown flag (EINVAL) before it looks at rights; a filter that forbids the flag or the call
/// answers first and with something else. Neither call can succeed.
private func isNamespaceCallFiltered() -> Bool {
  csnug_unshare(Int32(Namespace.user.cloneFlag) | 1) != -Int(EINVAL) || csnug_clone3_invalid() != -Int(EINVAL)
}

private func readText(_ path: String) -> String? {
  readFile(path, limit: 1 << 22).map { String(decoding: $0, as: UTF8.self) }
}

private func canAccess(_ path: String, _ mode: Int32) -> Bool { unsafe access(path, mode) == 0 }

private func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
