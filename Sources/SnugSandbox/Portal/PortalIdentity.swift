import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// What portals read of an instance outside of it: which process is its first one, in
/// `$XDG_RUNTIME_DIR/.flatpak/snug-INSTANCE/bwrapinfo.json`. By it they translate process numbers, and newer ones know no
/// app without it.
///
/// Flatpak's own directories there have numbers for names, and are left alone.
public final class PortalIdentity: Companion {
  private let policy: PortalPolicy
  private let base: String
  private var isWritten = false

  /// Makes an identity; nothing is written yet.
  ///
  /// - Parameter runtimeDirectory: the caller's.
  public init(_ policy: PortalPolicy, runtimeDirectory: String) {
    self.policy = policy
    base = "\(runtimeDirectory)/.flatpak"
  }

  private static let prefix = "snug-"
  private static let processFile = "bwrapinfo.json"
  private static var files: [String] { [processFile, "info"] }

  override func attach(to pid: Int32, signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    removeLeftovers()
    let directory = "\(base)/\(policy.instanceID)"
    isWritten = true
    do throws(UserFile.Failure) {
      try UserFile.write(policy.info, to: "\(directory)/info")
      try UserFile.write(Array("{\"child-pid\": \(pid)}\n".utf8), to: "\(directory)/\(Self.processFile)")
    } catch {
      throw Sandbox.Failure(
        status: 125,
        diagnostic: Diagnostic("cannot tell portals of the app: \(error.path): \(error.reason)", at: policy.origin))
    }
  }

  override func end() {
    if isWritten { remove(policy.instanceID) }
    isWritten = false
  }

  /// What a launcher that was killed has left: its first process is gone.
  private func removeLeftovers() {
    for name in HostFiles.list(base) where name.hasPrefix(Self.prefix) && name != policy.instanceID {
      guard let content = readFile("\(base)/\(name)/\(Self.processFile)", limit: 4096) else { continue }
      let digits = String(decoding: content, as: UTF8.self).drop { !$0.isNumber }.prefix { $0.isNumber }
      guard let pid = Int32(digits), pid > 0, csnug_kill(pid, 0) == -Int(ESRCH) else { continue }
      remove(name)
    }
  }

  private func remove(_ name: String) {
    let directory = Int32(clamping: unsafe csnug_open_without_links("\(base)/\(name)"))
    if directory < 0 { return }
    for file in Self.files { _ = unsafe csnug_unlinkat(directory, file) }
    _ = csnug_close(directory)
    _ = unsafe csnug_rmdirat(AT_FDCWD, "\(base)/\(name)")
  }
}
