/// An environment that is changed as `setenv(3)`, `unsetenv(3)` and `clearenv(3)` change it: a name that is there keeps
/// its place, a new one goes to the end. Each change takes the same time however long the list is.
struct EnvironmentList {
  /// As in `environ(7)`; nil where one was taken out.
  private var entries: [[UInt8]?]
  /// Where each name stands; more than once where the caller's own environment has it so.
  private var places: [[UInt8]: [Int]] = [:]

  init(_ environment: [[UInt8]]) {
    entries = environment
    for (index, entry) in environment.enumerated() {
      // What has no name can be neither set nor unset, and is passed on.
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { continue }
      places[Array(entry[..<equals]), default: []].append(index)
    }
  }

  /// The list as it is now.
  var environment: [[UInt8]] { entries.compactMap { $0 } }

  /// Whether a name can be set: it is not empty and holds no `=`.
  static func isName(_ name: [UInt8]) -> Bool { !name.isEmpty && !name.contains(UInt8(ascii: "=")) }

  mutating func set(_ name: [UInt8], _ value: [UInt8]) {
    let entry = name + [UInt8(ascii: "=")] + value
    if let place = places[name]?.first {
      entries[place] = entry
    } else {
      places[name] = [entries.count]
      entries.append(entry)
    }
  }

  mutating func unset(_ name: [UInt8]) {
    for place in places.removeValue(forKey: name) ?? [] { entries[place] = nil }
  }

  mutating func clear() {
    entries = []
    places = [:]
  }
}
