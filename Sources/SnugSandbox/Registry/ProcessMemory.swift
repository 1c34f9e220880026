import Glibc

/// Bytes of memory of everything below a process. What processes share with others counts in shares (PSS), see
/// `proc_pid_smaps(5)`; of a process that lets nobody look, all that is resident counts.
public func memoryBytes(below pid: Int32) -> UInt64 {
  processTree(below: pid).reduce(0) { $0 + (proportionalBytes($1) ?? residentBytes($1) ?? 0) }
}

private func proportionalBytes(_ pid: Int32) -> UInt64? {
  guard let text = readFile("/proc/\(pid)/smaps_rollup") else { return nil }
  for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Pss:".utf8) {
    let digits = line.filter { $0 >= 0x30 && $0 <= 0x39 }
    return UInt64(String(decoding: digits, as: UTF8.self)).map { $0 << 10 }
  }
  return nil
}

private func residentBytes(_ pid: Int32) -> UInt64? {
  guard let text = readFile("/proc/\(pid)/statm") else { return nil }
  let fields = text.split(separator: UInt8(ascii: " "))
  guard fields.count > 1, let pages = UInt64(String(decoding: fields[1], as: UTF8.self)) else { return nil }
  return pages * UInt64(getpagesize())
}
