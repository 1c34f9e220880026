import CSnug
import SnugPlan
import SnugProfile

/// Moves this launcher into the user and the network namespace of a running instance, so that the sandbox it starts next
/// shares that network: its user namespace becomes a child of the other one's. There is no way around it, setns(2): who
/// enters a network namespace needs CAP_SYS_ADMIN in the user namespace that owns it, and in its own.
///
/// By the rule of owners, user_namespaces(7), a process of the first instance has every capability over the second one's
/// user namespace. It has no name for anything in it: pids, mounts and descriptors are of namespaces that it does not see,
/// and its filter refuses setns.
///
/// Runs in the launcher, before it starts anything.
///
/// - Parameter namespaces: user and network namespace, which are closed.
public func joinNetwork(_ namespaces: [Int32]) throws(KernelError) {
  defer { for namespace in namespaces { _ = csnug_close(namespace) } }
  guard namespaces.count == 2 else { throw KernelError(refused: "setns", because: "its namespaces did not come") }
  let kernel = LinuxKernel()
  try kernel.enterUserNamespace(Descriptor(namespaces[0]))
  let entered = csnug_setns(namespaces[1], Namespace.network.cloneFlag)
  if entered < 0 { throw KernelError("setns", code: Int32(-entered)) }
  // What entering gave is for the start alone that follows, and that makes its own.
  try kernel.clearCapabilities()
  // Whoever gains capabilities is not dumpable any more, and then PID 1 could not write its own id maps, proc(5).
  try kernel.setDumpable(true)
}
