import Glibc

/// A descriptor of the test's own that is closed with it.
package final class OpenFile {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  /// What a path leads to.
  package convenience init(_ path: String, _ flags: Int32 = O_RDONLY) throws {
    let number = open(path, flags | O_CLOEXEC)
    if number < 0 { throw SpawnError(what: "open \(path)", code: errno) }
    self.init(number)
  }

  /// A file in memory, without a name, read from its start.
  package convenience init(holding bytes: some Sequence<UInt8>) throws {
    let bytes = Array(bytes)
    let number = memfd_create("data", UInt32(MFD_CLOEXEC))
    guard number >= 0, write(number, bytes, bytes.count) == bytes.count, lseek(number, 0, SEEK_SET) == 0 else {
      throw SpawnError(what: "memfd_create", code: errno)
    }
    self.init(number)
  }

  deinit { close(number) }

  /// Everything up to its end, which for a pipe is when nobody can write any more.
  package func readAll() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(number, &chunk, chunk.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// Whether nobody has the other end of a pipe any more.
  package var isHungUp: Bool {
    var list = [pollfd(fd: number, events: Int16(POLLIN), revents: 0)]
    return poll(&list, 1, 0) > 0 && list[0].revents & Int16(POLLHUP) != 0
  }
}

/// A pipe; let go of an end to close it here.
package struct PipeEnds {
  package var reader: OpenFile?
  package var writer: OpenFile?

  package init() throws {
    var ends: [Int32] = [-1, -1]
    if pipe2(&ends, O_CLOEXEC) != 0 { throw SpawnError(what: "pipe", code: errno) }
    reader = OpenFile(ends[0])
    writer = OpenFile(ends[1])
  }
}
