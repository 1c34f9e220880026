import CSnug
import Glibc
import SnugProfile
import SnugSandbox

/// Replaces the content of a file at once: whoever reads it sees the old or the new text, never half of one. Owner, group
/// and mode stay; a link stays a link.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(Diagnostic) {
  func failure(_ reason: String) -> Diagnostic { Diagnostic("cannot write \(path): \(reason)") }
  guard let resolved = realpath(path, nil) else { throw failure(errorText(csnug_errno())) }
  let real = String(cString: resolved)
  free(resolved)
  guard let before = HostFiles.owner(real) else { throw failure(errorText(csnug_errno())) }
  let new = "\(real).\(csnug_getpid()).new"
  // Beside it, so that the name is exchanged within one file system; a name that is there is nobody's but ours to take.
  let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
  if file < 0 { throw failure(errorText(csnug_errno())) }
  var code = write(bytes, to: file)
  if code == 0, fchown(file, before.uid, before.gid) != 0 { code = csnug_errno() }
  if code == 0, fchmod(file, before.mode) != 0 { code = csnug_errno() }
  // Without this a power cut could leave the new name without its content.
  if code == 0, fsync(file) != 0 { code = csnug_errno() }
  _ = csnug_close(file)
  if code == 0, rename(new, real) != 0 { code = csnug_errno() }
  if code != 0 {
    unlink(new)
    throw failure(errorText(code))
  }
}
