/// An environment that is changed as `setenv(3)`, `unsetenv(3)` and `clearenv(3)` change it: a name that is there keeps
/// its place, a new one goes to the end.
///
/// Names are found by a table of its own: most command lines change a few, and what `Dictionary` sets up for a first use
/// costs more than all of them.
struct EnvironmentList {
  /// As in `environ(7)`; nil where one was taken out.
  private var entries: [[UInt8]?]
  /// Places of entries by the hash of their name, in chains; made for the first change.
  private var heads: [Int32] = []
  private var next: [Int32] = []

  init(_ environment: [[UInt8]]) { entries = environment.map { [UInt8]?.some($0) } }

  /// The list as it is now.
  var environment: [[UInt8]] { entries.compactMap { $0 } }

  /// Whether a name can be set: it is not empty and holds no `=`.
  static func isName(_ name: [UInt8]) -> Bool { !name.isEmpty && !name.contains(UInt8(ascii: "=")) }

  mutating func set(_ name: [UInt8], _ value: [UInt8]) {
    let entry = name + [UInt8(ascii: "=")] + value
    // The first of those that the caller's own environment has twice.
    if let place = places(of: name).min() {
      entries[Int(place)] = entry
    } else {
      entries.append(entry)
      link(entries.count - 1)
    }
  }

  mutating func unset(_ name: [UInt8]) {
    for place in places(of: name) { entries[Int(place)] = nil }
  }

  mutating func clear() {
    entries = []
    heads = []
    next = []
  }

  private mutating func places(of name: [UInt8]) -> [Int32] {
    if heads.isEmpty || entries.count > 2 * heads.count { rebuild() }
    var found: [Int32] = []
    var place = heads[bucket(name[...])]
    while place >= 0 {
      if let entry = entries[Int(place)], Self.name(of: entry).elementsEqual(name) { found.append(place) }
      place = next[Int(place)]
    }
    return found
  }

  private mutating func rebuild() {
    heads = [Int32](repeating: -1, count: max(64, entries.count))
    next = []
    for place in entries.indices { link(place) }
  }

  /// What has no name can be neither set nor unset, and is passed on.
  private mutating func link(_ place: Int) {
    next.append(-1)
    guard let entry = entries[place] else { return }
    let name = Self.name(of: entry)
    if name.isEmpty { return }
    let bucket = bucket(name)
    next[place] = heads[bucket]
    heads[bucket] = Int32(place)
  }

  /// FNV-1a. Whoever chooses names that collide slows down their own start alone.
  private func bucket(_ name: ArraySlice<UInt8>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(hash % UInt32(heads.count))
  }

  /// What stands before the `=`; empty where there is none.
  private static func name(of entry: [UInt8]) -> ArraySlice<UInt8> {
    entry.firstIndex(of: UInt8(ascii: "=")).map { entry[..<$0] } ?? []
  }
}
