import CSnug
import SnugPlan

/// Whether the other end of a connection is a process of this user outside every sandbox: of our own pid namespace. The
/// app has our uid, so the uid alone tells nothing; and a listener inside would be given our terminal.
func isTrustedPeer(_ socket: Int32) -> Bool {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  guard unsafe csnug_peer(socket, &pid, &uid) == 0, uid == callerIDs().uid else { return false }
  let pidfd = Int32(csnug_peer_pidfd(socket))
  // Before Linux 6.5 there is only the number, which another process may have by now. One that has ended is not trusted:
  // it may have left the connection to a process inside. Nor is it where this kernel gives no pidfd of it, ESRCH.
  if pidfd == -ErrorNumber.noProtocolOption { return pid > 0 && isInSandbox(pid) == false }
  if pidfd < 0 { return false }
  defer { _ = csnug_close(pidfd) }
  // Of the process itself, whatever its number means by now. Its pids in each namespace from ours down,
  // proc_pid_fdinfo(5): one, where it lives in ours; -1, where it is gone.
  let text = String(decoding: readFile("/proc/self/fdinfo/\(pidfd)") ?? [], as: UTF8.self)
  let pids = text.split(separator: "\n").first { $0.hasPrefix("NSpid:") }?.split(separator: "\t").dropFirst() ?? []
  return pids.count == 1 && Int32(pids.first ?? "") ?? -1 > 0
}
