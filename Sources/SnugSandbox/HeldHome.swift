import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The lock on the private home that a sandbox uses, kept until the sandbox is gone: a reset finds it and refuses.
///
/// Runs in the launcher. The lock is flock(2) on the directory itself: it needs no file, goes with the launcher however
/// that ends, and the app, which can reach the directory too, can never have it alone while its own launcher shares it.
final class HeldHome {
  private var directory: Int32 = -1

  deinit { if directory >= 0 { csnug_close(directory) } }

  /// Locks the private home of a plan, made or found before. Once it is held, nothing is done.
  func hold(_ home: Located<String>?) throws(Sandbox.Failure) {
    guard directory < 0, let home else { return }
    let path = home.value
    func refusal(_ reason: String, hint: String? = nil) -> Sandbox.Failure {
      Sandbox.Failure(
        status: 125,
        diagnostic: Diagnostic("cannot use the private home \(path): \(reason)", at: home.origin, hint: hint))
    }
    let place = Int32(clamping: unsafe csnug_open_without_links(path))
    if place < 0 { throw refusal(place == -ENOENT ? "it has just been reset" : errorText(-place)) }
    defer { csnug_close(place) }
    let opened = Int32(clamping: unsafe csnug_open_beneath(place, ".", false))
    if opened == -EACCES {
      throw refusal(errorText(EACCES), hint: "chmod u+rwx it, or empty it: snug home NAME --reset")
    }
    if opened < 0 { throw refusal(errorText(-opened)) }
    directory = opened
    switch lock(opened, exclusive: false) {
    case .isHeld: throw refusal("it is being reset")
    // A file system without such locks: a reset refuses for the same reason, so nothing is lost.
    case .had, .impossible: break
    }
    // The reset may have come between the look and the lock.
    if OpenIdentity(opened) != identity(path) { throw refusal("it has just been reset") }
    // The day of the last use, which `snug home` shows.
    futimens(opened, nil)
  }

  private func identity(_ path: String) -> OpenIdentity? {
    let place = Int32(clamping: unsafe csnug_open_without_links(path))
    defer { if place >= 0 { csnug_close(place) } }
    return place < 0 ? nil : OpenIdentity(place)
  }
}

/// What came of asking for a lock.
enum LockAnswer: Hashable {
  case had
  /// Somebody else has it.
  case isHeld
  /// The file system has no such locks: the errno.
  case impossible(Int32)
}

/// flock(2) on an open directory, without waiting.
func lock(_ directory: Int32, exclusive: Bool) -> LockAnswer {
  if flock(directory, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 { return .had }
  return errno == EWOULDBLOCK ? .isHeld : .impossible(errno)
}
