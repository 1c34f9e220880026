import Glibc

/// A recorded text beside the tests, `Golden/NAME`. One that is missing is written, and its test fails, so that it is
/// read before it is believed; `SNUG_RECORD=1` writes all again.
struct GoldenFile {
  let path: String

  init(_ name: String, beside file: String = #filePath) {
    let directory = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    path = directory + "/Golden/" + name
  }

  /// Nil where the recorded text is this one, else what is wrong.
  func difference(from text: String) -> String? {
    guard getenv("SNUG_RECORD") == nil, let recorded = read() else {
      if let trouble = write(text) { return trouble }
      return getenv("SNUG_RECORD") == nil ? "\(path) was missing and has been written: read it, then run again" : nil
    }
    if recorded == text { return nil }
    let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).prefix { $0 == $1 }.count
    return """
      \(path):\(line + 1) differs (SNUG_RECORD=1 records anew)
      - \(line < old.count ? String(old[line]) : "(end)")
      + \(line < new.count ? String(new[line]) : "(end)")
      """
  }

  private func read() -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(file, &block, block.count)
      if count <= 0 { break }
      bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(_ text: String) -> String? {
    var made = ""
    for part in path.split(separator: "/").dropLast() {
      made += "/" + part
      mkdir(made, 0o755)
    }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return "cannot write \(path): errno \(errno)" }
    defer { close(file) }
    let bytes = Array(text.utf8)
    return Glibc.write(file, bytes, bytes.count) == bytes.count ? nil : "cannot write \(path)"
  }
}
