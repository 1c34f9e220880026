import CSnug
import Glibc

/// Why an item was not copied.
enum CopyTrouble: Error, Hashable {
  /// The copy is to end; nothing is to be told.
  case cancelled
  /// Reading failed, with the errno.
  case read(Int32)
  /// Writing failed, with the errno.
  case write(Int32)
  /// A refusal of ours, in words, about what is read.
  case refused(String)
  /// A refusal of ours, in words, about what stands where it is to be written.
  case occupied(String)
}

/// Copies what an open file held when its size was asked for, holes as holes. Whoever writes it meanwhile can neither
/// make the copy longer nor have it end in the middle and be taken for the whole.
///
/// - Parameters:
///   - target: new and empty.
///   - size: bytes, of a `fstat(2)` of `source`.
func copyContent(
  from source: Int32, to target: Int32, size: Int, isCancelled: () -> Bool
) throws(CopyTrouble) {
  var chunk = [UInt8](repeating: 0, count: 256 << 10)
  var offset = 0
  // Where it ends: earlier than promised on a file system whose sizes are none, as those of sysfs.
  var end = size
  var written = 0
  while offset < end {
    var stretch = end
    // EINVAL where the file system knows no holes: all is data.
    let data = lseek(source, offset, SEEK_DATA)
    if data < 0, errno == ENXIO { break }
    if data >= 0 {
      offset = data
      let hole = lseek(source, data, SEEK_HOLE)
      if hole > data { stretch = min(end, hole) }
    }
    while offset < stretch {
      if isCancelled() { throw .cancelled }
      let wanted = min(chunk.count, stretch - offset)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe csnug_pread(source, $0.baseAddress, wanted, Int64(offset))
      }
      if count < 0 { throw .read(Int32(clamping: -count)) }
      if count == 0 {
        end = offset
        break
      }
      try writeAll(chunk[..<count], to: target, at: offset)
      offset += count
      written = offset
    }
  }
  var now = stat()
  if unsafe fstat(source, &now) < 0 { throw .read(errno) }
  if now.st_size < size { throw .refused("it became shorter while it was copied") }
  if written < end, ftruncate(target, end) < 0 { throw .write(errno) }
}

private func writeAll(_ bytes: ArraySlice<UInt8>, to target: Int32, at offset: Int) throws(CopyTrouble) {
  var rest = bytes
  while !rest.isEmpty {
    let at = offset + bytes.count - rest.count
    let count = unsafe rest.withUnsafeBytes { unsafe pwrite(target, $0.baseAddress, $0.count, at) }
    if count < 0 { throw .write(errno) }
    rest = rest.dropFirst(count)
  }
}
