import Glibc

/// Text of a file of at most a few megabytes; nil where it cannot be read.
package func readText(_ path: String) -> String? { readBytes(path).map { String(decoding: $0, as: UTF8.self) } }

/// Its bytes.
package func readBytes(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// Milliseconds of a clock that only goes forward.
package func milliseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
}

/// Waits until a condition holds; false after `seconds`. For what must come about, however slow the machine is.
package func eventually(seconds: Int = 20, _ condition: () -> Bool) -> Bool {
  let end = milliseconds() + Double(seconds) * 1000
  while !condition() {
    if milliseconds() > end { return false }
    usleep(2_000)
  }
  return true
}

/// What a symbolic link says; nil where it is none.
package func linkText(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink(path, &buffer, buffer.count)
  return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Names in a directory, without `.` and `..`; nil where it cannot be listed.
package func names(in path: String) -> [String]? {
  guard let folder = opendir(path) else { return nil }
  defer { closedir(folder) }
  var found: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { found.append(name) }
  }
  return found
}

/// What a process has open: number and where it leads. Nil where that cannot be seen.
package func descriptors(of pid: Int32) -> [Int32: String]? {
  guard let numbers = names(in: "/proc/\(pid)/fd") else { return nil }
  var found: [Int32: String] = [:]
  for number in numbers { found[Int32(number) ?? -1] = linkText("/proc/\(pid)/fd/\(number)") ?? "?" }
  return found
}
