import SnugPlan
import SnugProfile

/// What went wrong while the machine was looked at and that says nothing about it: no memory, no descriptor, a broken
/// disk. What is not there may be left out; what could not be looked at may not, or the plan would be of another machine.
///
/// Runs in the launcher, before it starts anything, on its one thread.
public enum HostTrouble {
  nonisolated(unsafe) private static var first: KernelError?

  /// Takes an errno into account; one that tells something of the machine is none of our trouble, unless `whatever` it is.
  static func note(_ path: String, _ code: Int32, whatever: Bool = false) {
    // EIO, ENOMEM, EINVAL, ENFILE, EMFILE, ENOSYS.
    guard whatever || [5, 12, 22, 23, 24, 38].contains(code), unsafe first == nil else { return }
    unsafe first = KernelError("look", path, code: code)
  }

  /// The first trouble since the last time this was asked; nil where there was none.
  public static func take() -> Diagnostic? {
    guard let error = unsafe first else { return nil }
    unsafe first = nil
    return Diagnostic("cannot look at \(error.path): \(errorText(error.code))")
  }
}
