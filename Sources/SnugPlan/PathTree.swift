/// Clean absolute paths with a value each, looked up component by component: ancestors, descendants and parent-first
/// order cost the depth of a path, not the number of paths.
///
/// Every start asks it some thousand times, so it works on bytes: no name is made a string or hashed on the way.
package struct PathTree<Value> {
  fileprivate struct Node {
    var children = PathChildren()
    var value: Value?
  }
  private var nodes = [Node()]

  /// An empty tree.
  package init() {}

  /// The value at exactly this path.
  package subscript(path: String) -> Value? {
    get {
      guard let node = find(path) else { return nil }
      return nodes[node].value
    }
    set {
      guard newValue != nil || find(path) != nil else { return }
      nodes[make(path)].value = newValue
    }
  }

  /// Changes the value at a path in place; one that is not there yet starts as `initial`.
  package mutating func change(_ path: String, from initial: Value, _ body: (inout Value) -> Void) {
    let node = make(path)
    var value = nodes[node].value.take() ?? initial
    body(&value)
    nodes[node].value = value
  }

  /// Whether a value stands at or below the path.
  package func holds(_ path: String) -> Bool { find(path) != nil }

  /// The values at the path and at its ancestors, topmost first, with what is left of the path below each.
  package func along(_ path: String) -> [(value: Value, rest: String)] {
    var found: [(value: Value, rest: String)] = []
    if let value = nodes[0].value { found.append((value, trimmed(path[...]))) }
    walk(path) { node, end in
      if let value = nodes[node].value { found.append((value, rest(of: path, from: end))) }
    }
    return found
  }

  /// The deepest of `along`.
  package func nearest(_ path: String) -> (value: Value, rest: String)? {
    var deepest = nodes[0].value == nil ? nil : (node: 0, end: 0)
    walk(path) { node, end in
      if nodes[node].value != nil { deepest = (node, end) }
    }
    guard let deepest, let value = nodes[deepest.node].value else { return nil }
    return (value, rest(of: path, from: deepest.end))
  }

  /// Names directly below a path that hold something.
  func children(_ path: String) -> [String] {
    guard let node = find(path) else { return [] }
    return nodes[node].children.all.map { $0.name.text }
  }

  /// Takes out everything at and below a path and returns it.
  mutating func remove(below path: String) -> [Value] {
    guard let top = find(path) else { return [] }
    var removed: [Value] = []
    var open = [top]
    while let node = open.popLast() {
      if let value = nodes[node].value { removed.append(value) }
      for child in nodes[node].children.all { open.append(child.node) }
      nodes[node] = Node()
    }
    return removed
  }

  /// All values, each parent before what is below it, siblings by the bytes of their names.
  var parentFirst: [(path: String, value: Value)] {
    var all: [(path: String, value: Value)] = []
    var open = [(path: "/", node: 0)]
    while let (path, node) = open.popLast() {
      if let value = nodes[node].value { all.append((path, value)) }
      for child in nodes[node].children.all.sorted(by: { $1.name < $0.name }) {
        open.append((joined(path, child.name.text), child.node))
      }
    }
    return all
  }

  /// Goes down a path as far as there are nodes; each is told with where its name ends. False where they end before it.
  @discardableResult
  private func walk(_ path: String, _ visit: (_ node: Int, _ end: Int) -> Void) -> Bool {
    var node = 0
    return forEachName(of: path) { name, end in
      guard let next = nodes[node].children[name] else { return false }
      node = next
      visit(next, end)
      return true
    }
  }

  private func find(_ path: String) -> Int? {
    var found = 0
    return walk(path, { node, _ in found = node }) ? found : nil
  }

  private mutating func make(_ path: String) -> Int {
    var node = 0
    _ = forEachName(of: path) { name, _ in
      if let next = nodes[node].children[name] {
        node = next
      } else {
        nodes.append(Node())
        nodes[node].children.add(name, nodes.count - 1)
        node = nodes.count - 1
      }
      return true
    }
    return node
  }

  private func rest(of path: String, from offset: Int) -> String {
    trimmed(path[path.utf8.index(path.startIndex, offsetBy: offset)...])
  }
}

extension PathTree: Sendable where Value: Sendable {}
extension PathTree.Node: Sendable where Value: Sendable {}

/// What lies directly below a node. Most have a handful, which are looked through; of many there is an index.
private struct PathChildren: Sendable {
  private(set) var all: [(name: PathComponent, node: Int)] = []
  private var index: [PathComponent: Int] = [:]
  private static var few: Int { 16 }

  subscript(name: PathComponent) -> Int? {
    if all.count > Self.few { return index[name] }
    for child in all where child.name == name { return child.node }
    return nil
  }

  mutating func add(_ name: PathComponent, _ node: Int) {
    all.append((name, node))
    if all.count == Self.few + 1 {
      for child in all { index[child.name] = child.node }
    } else if all.count > Self.few {
      index[name] = node
    }
  }
}

/// One name of a path, by its bytes: `String` takes different spellings of `é` for the same, a file system does not.
///
/// The first sixteen bytes are two numbers, padded with zeros, which no name holds: comparing them is comparing the names.
package struct PathComponent: Hashable, Comparable, Sendable {
  private var head: UInt64 = 0
  private var middle: UInt64 = 0
  private var tail: [UInt8] = []

  /// Makes a name of bytes without a slash or zero.
  package init(_ bytes: some Sequence<UInt8>) {
    var index = 0
    for byte in bytes {
      switch index {
      case 0..<8: head |= UInt64(byte) << UInt64(56 - 8 * index)
      case 8..<16: middle |= UInt64(byte) << UInt64(56 - 8 * (index - 8))
      default: tail.append(byte)
      }
      index += 1
    }
  }

  /// The bytes.
  package var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16 + tail.count) { bytes, count in
      for index in 0..<16 {
        let byte = UInt8(truncatingIfNeeded: (index < 8 ? head : middle) >> UInt64(56 - 8 * (index & 7)))
        if byte == 0 { break }
        bytes[count] = byte
        count += 1
      }
      for byte in tail {
        bytes[count] = byte
        count += 1
      }
    }
  }

  /// As text; bytes that are not UTF-8 are replaced.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// By bytes, a beginning before what is longer.
  package static func < (left: Self, right: Self) -> Bool {
    if left.head != right.head { return left.head < right.head }
    if left.middle != right.middle { return left.middle < right.middle }
    return left.tail.lexicographicallyPrecedes(right.tail)
  }
}

/// Tells each name of a path with the offset of its end, until `body` wants no more. Returns whether it wanted all.
private func forEachName(of path: String, _ body: (PathComponent, Int) -> Bool) -> Bool {
  func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: "/") {
      if end > start, !body(PathComponent(bytes[start..<end]), end) { return false }
      start = end + 1
    }
    return true
  }
  return path.utf8.withContiguousStorageIfAvailable(scan) ?? Array(path.utf8).withUnsafeBufferPointer(scan)
}

/// Feeds bytes to a hash, at once where they lie in one piece.
func combine(_ bytes: some Collection<UInt8>, into hasher: inout Hasher) {
  let isDone: Void? = bytes.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  if isDone == nil { for byte in bytes { hasher.combine(byte) } }
}

/// The order of names by their bytes, compared at once where they lie in one piece.
func precedes(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
  let answer = left.withContiguousStorageIfAvailable { left in
    right.withContiguousStorageIfAvailable { left.lexicographicallyPrecedes($0) }
  }
  return answer.flatMap { $0 } ?? left.lexicographicallyPrecedes(right)
}

/// Whether two names are the same bytes.
func sameBytes(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
  let answer = left.withContiguousStorageIfAvailable { left in
    right.withContiguousStorageIfAvailable { left.count == $0.count && left.elementsEqual($0) }
  }
  return answer.flatMap { $0 } ?? left.elementsEqual(right)
}

/// The names of a path.
package func components(_ path: String) -> [Substring] {
  // Not split(): that costs a start as much as all its mounts.
  var ends: [(start: Int, end: Int)] = []
  func scan(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: "/") {
      if end > start { ends.append((start, end)) }
      start = end + 1
    }
  }
  if path.utf8.withContiguousStorageIfAvailable(scan) == nil { Array(path.utf8).withUnsafeBufferPointer(scan) }
  let first = path.utf8.startIndex
  return ends.map { path[path.utf8.index(first, offsetBy: $0.start)..<path.utf8.index(first, offsetBy: $0.end)] }
}

/// A path below another one; `name` may be several names, or empty.
package func joined(_ path: String, _ name: String) -> String {
  if name.isEmpty { return path }
  return path == "/" ? "/" + name : path + "/" + name
}

/// Equal by bytes.
package func samePath(_ left: String, _ right: String) -> Bool { sameBytes(left.utf8, right.utf8) }

/// What is left of `path` below `ancestor`: empty for the same path, nil where it is somewhere else.
func remainder(of path: String, below ancestor: String) -> String? {
  if ancestor == "/" { return trimmed(path[...]) }
  guard path.utf8.starts(with: ancestor.utf8) else { return nil }
  let rest = path.utf8.dropFirst(ancestor.utf8.count)
  guard rest.first == nil || rest.first == UInt8(ascii: "/") else { return nil }
  return String(Substring(rest.dropFirst()))
}

/// Whether `path` is `ancestor` or below it.
package func isAtOrBelow(_ path: String, _ ancestor: String) -> Bool { remainder(of: path, below: ancestor) != nil }

/// A path from text with `.`, `..` and empty names taken out, as a lookup from `directory` would go, links apart.
func cleaned(_ text: String, from directory: String) -> String {
  var names = text.utf8.first == UInt8(ascii: "/") ? [] : components(directory)
  for name in components(text) {
    switch name {
    case ".": continue
    case "..": _ = names.popLast()
    default: names.append(name)
    }
  }
  return "/" + names.joined(separator: "/")
}

private func trimmed(_ rest: Substring) -> String {
  String(rest.utf8.first == UInt8(ascii: "/") ? Substring(rest.utf8.dropFirst()) : rest)
}
