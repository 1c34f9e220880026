import CSnug
import Glibc
import SnugPlan

// Asking systemd's user manager for a scope. Runs in the launcher.

/// Path of an executable that belongs to this one: `libexec/snug` of the installation, or beside it where it was built.
public func helperPath(_ name: String) -> String {
  if let prefix = installationPrefix() { return "\(prefix)/libexec/snug/\(name)" }
  let own = readLink("/proc/self/exe") ?? ""
  return "/" + (own.split(separator: "/").dropLast() + [Substring(name)]).joined(separator: "/")
}

/// The executable with every command; the installed `snug` has only those that start something, see `enter`.
public let commandsExecutable = "snug-commands"

/// The directory above `bin` and `libexec`, where this executable was installed; nil where it lies elsewhere.
public func installationPrefix() -> String? {
  guard let own = readLink("/proc/self/exe") else { return nil }
  let parts = own.split(separator: "/").dropLast()
  if parts.last == "bin" { return "/" + parts.dropLast().joined(separator: "/") }
  if parts.suffix(2) == ["libexec", "snug"] { return "/" + parts.dropLast(2).joined(separator: "/") }
  return nil
}

/// Path of the `snug` that is started by name; nil where /proc does not tell.
public func startedExecutable() -> String? {
  guard let own = readLink("/proc/self/exe") else { return nil }
  let parts = own.split(separator: "/")
  guard parts.last == Substring(commandsExecutable) else { return own }
  if let prefix = installationPrefix() { return "\(prefix)/bin/snug" }
  return "/" + (parts.dropLast() + ["snug"]).joined(separator: "/")
}

/// Whether a cgroup is that of a scope that `requestScope` has asked for.
func isScope(_ path: String) -> Bool {
  let name = path.split(separator: "/").last ?? ""
  return name.hasPrefix("app-snug-") && name.hasSuffix(".scope")
}

/// Has systemd make a scope around a process; why not, where it does not. Waits until it is done.
func requestScope(appID: String, instance: String, pid: Int32, _ limits: [GroupLimit]) -> String? {
  // An instance that is reset has two for a moment, and no two units have one name.
  var words = ["scope", appID, String(pid), "--id", "\(instance).\(pid)"]
  for limit in limits {
    let value = limit.kind == .cpu ? "\(limit.value)%" : String(limit.value)
    words += ["--\(limit.kind.rawValue)", value]
  }
  do throws(BusHelperFailure) {
    try callBusHelper(words)
    return nil
  } catch {
    return error.reason
  }
}
