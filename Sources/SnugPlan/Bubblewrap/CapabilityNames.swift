/// Names of capabilities by number, without their `cap_`; see `capabilities(7)`.
private let capabilityNames = [
  "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
  "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
  "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
  "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
  "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
  "checkpoint_restore",
]

/// The number of a capability as `cap_from_name(3)` finds it: by name in any case, or by a number below 64 in C's
/// notation. Unlike there nothing may follow: `cap_chown,cap_kill` would be the first alone, and silently.
func capabilityNumber(_ word: [UInt8]) -> Int32? {
  if let first = word.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
    guard let number = readCNumber(word, base: nil), number.magnitude < 64 else { return nil }
    return Int32(number.magnitude)
  }
  let name = lowercased(word)
  let prefix = Array("cap_".utf8)
  guard name.starts(with: prefix) else { return nil }
  return capabilityNames.firstIndex { $0.utf8.elementsEqual(name[prefix.count...]) }.map(Int32.init)
}

/// Whether a word stands for every capability.
func isEveryCapability(_ word: [UInt8]) -> Bool { lowercased(word) == Array("all".utf8) }

private func lowercased(_ word: [UInt8]) -> [UInt8] {
  word.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
}
