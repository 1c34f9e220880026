import Glibc

/// What an X server shows, as Xvfb(1) writes it with `-fbdir`: a picture in the format of xwd(1), kept up to date.
package struct Framebuffer {
  private let path: String

  /// Makes one of a file, which need not be there yet.
  package init(_ path: String) { self.path = path }

  /// How many colours there are in a part of the screen; nil where the file is no picture of 32 bits a point, or too
  /// short for it.
  package func colours(x: Int, y: Int, width: Int, height: Int) -> Int? {
    guard let bytes = read(), bytes.count > 100 else { return nil }
    // A header of big-endian words: size, version, ..., see XWDFile.h.
    func word(_ index: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(bytes[index * 4 + $1]) } }
    let start = word(0) + word(19) * 12
    let (columns, rows, stride) = (word(4), word(5), word(12))
    guard word(1) == 7, word(11) == 32, stride >= columns * 4, bytes.count >= start + rows * stride else { return nil }
    var found: Set<UInt32> = []
    for row in max(0, y)..<max(0, y, min(rows, y + height)) {
      for column in max(0, x)..<max(0, x, min(columns, x + width)) {
        let place = start + row * stride + column * 4
        // The fourth byte is not shown.
        found.insert((0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[place + $1]) })
      }
    }
    return found.count
  }

  private func read() -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}
