/// What Snug writes says by a sum of its bytes whether somebody has changed it since.
extension KeyFile {
  /// Puts the sum of all other lines into a group.
  mutating func seal(in group: String) {
    remove(DesktopEntry.sumKey, in: group)
    set(DesktopEntry.sumKey, in: group, to: Array(sum(bytes).utf8))
  }

  /// Whether the text is another one than was sealed. One without a sum counts as it was: Snug has not always written them.
  func isChanged(in group: String) -> Bool {
    guard let entry = entry(DesktopEntry.sumKey, in: group) else { return false }
    var rest = self
    rest.remove(DesktopEntry.sumKey, in: group)
    return entry.raw != Array(sum(rest.bytes).utf8)
  }
}

/// FNV-1a: it tells a change that somebody has made, and holds against nobody who wants to hide one from themselves.
private func sum(_ bytes: [UInt8]) -> String {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return String(hash, radix: 16)
}
