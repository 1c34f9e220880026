import CCap
import CSnug
import SnugPlan

// The part of the real kernel that only bubblewrap's options ask for. Runs in the sandbox's first process.
extension LinuxKernel {
  package func copy(_ source: Descriptor, to target: Descriptor) throws(KernelError) {
    try unsafe withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer throws(KernelError) in
      while true {
        let count = try checkCount("read", "", unsafe csnug_read(source.number, buffer.baseAddress, buffer.count))
        if count == 0 { return }
        var done = 0
        while done < count {
          let written = try checkCount(
            "write", "", unsafe csnug_write(target.number, buffer.baseAddress?.advanced(by: done), count - done))
          if written == 0 { throw KernelError("write", code: ErrorNumber.noSpace) }
          done += written
        }
      }
    }
  }

  package func enterUserNamespace(_ namespace: Descriptor) throws(KernelError) {
    try check("setns", "", csnug_setns(namespace.number, Namespace.user.cloneFlag))
  }

  package func unshareUserNamespace() throws(KernelError) {
    try check("unshare", "", csnug_unshare(Int32(Namespace.user.cloneFlag)))
  }

  package func setuid(_ uid: UInt32) throws(KernelError) { try check("setuid", String(uid), csnug_setuid(uid)) }
  package func setgid(_ gid: UInt32) throws(KernelError) { try check("setgid", String(gid), csnug_setgid(gid)) }
  package func lock(_ file: Descriptor) throws(KernelError) { try check("fcntl", "", csnug_read_lock(file.number)) }

  package func awaitByte(_ file: Descriptor) throws(KernelError) {
    var byte: UInt8 = 0
    _ = try checkCount("read", "", unsafe csnug_read(file.number, &byte, 1))
  }

  package func setCapabilities(_ mask: UInt64) throws(KernelError) {
    guard let sets = unsafe cap_init() else { throw KernelError("cap_init", code: csnug_errno()) }
    defer { unsafe cap_free(UnsafeMutableRawPointer(sets)) }
    for number in 0..<cap_max_bits() where mask >> UInt64(number) & 1 == 1 {
      let one = [number]
      for set in [CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE] {
        if unsafe cap_set_flag(sets, set, 1, one, CAP_SET) != 0 {
          throw KernelError("cap_set_flag", String(number), code: csnug_errno())
        }
      }
    }
    if unsafe cap_set_proc(sets) != 0 { throw KernelError("cap_set_proc", code: csnug_errno()) }
  }

  package func raiseAmbient(_ capability: Int32) throws(KernelError) {
    if cap_set_ambient(capability, CAP_SET) != 0 {
      throw KernelError("cap_set_ambient", String(capability), code: csnug_errno())
    }
  }
}

/// The capabilities in this process's effective set, by number, and the number of those that the kernel knows.
public func ownCapabilities() -> (effective: UInt64, known: Int32) {
  var mask: UInt64 = 0
  let known = cap_max_bits()
  guard let sets = unsafe cap_get_proc() else { return (0, known) }
  defer { unsafe cap_free(UnsafeMutableRawPointer(sets)) }
  for number in 0..<known {
    var value = CAP_CLEAR
    if unsafe cap_get_flag(sets, number, CAP_EFFECTIVE, &value) == 0, value == CAP_SET { mask |= 1 << UInt64(number) }
  }
  return (mask, known)
}
