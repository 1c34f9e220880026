/// A layer of defence that stands by itself: without it the others have to hold. What each of them holds alone is tried
/// by the proofs, in whose builds single ones can be left out, see `TestLayers`.
enum Layer: String {
  case mounts
  case readOnly = "read-only"
  case noSetuid = "nosuid"
  case noDevices = "nodev"
  case noExecute = "noexec"
  case masks, devices
  case landlockFiles = "landlock-files"
  case landlockScope = "landlock-scope"
  case seccomp, capabilities
  case noNewPrivileges = "no-new-privs"
  case pid, ipc, network, uts, cgroup
  case keyring, dumpable, terminal, environment, limits
  case descriptorsLauncher = "descriptors-launcher"
  case descriptorsInit = "descriptors-init"
  case descriptorsExec = "descriptors-exec"
  /// Destinations are resolved beneath the new root.
  case resolution
  /// The old root has no name any more while destinations are made.
  case oldRoot = "old-root"
  case selfCheck = "self-check"

  /// Whether it stands: always, but for proofs.
  @inline(__always) var stands: Bool {
    #if SNUG_TEST_BUILD
      !TestLayers.off.contains(self)
    #else
      true
    #endif
  }
}
