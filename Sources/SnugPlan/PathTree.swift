/// Clean absolute paths with a value each, looked up component by component: ancestors, descendants and parent-first
/// order cost the depth of a path, not the number of paths.
package struct PathTree<Value> {
  fileprivate struct Node {
    var children: [PathComponent: Int] = [:]
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
    var node = 0
    if let value = nodes[0].value { found.append((value, trimmed(path[...]))) }
    for component in components(path) {
      guard let next = nodes[node].children[PathComponent(component)] else { break }
      node = next
      if let value = nodes[node].value { found.append((value, trimmed(path[component.endIndex...]))) }
    }
    return found
  }

  /// The deepest of `along`.
  package func nearest(_ path: String) -> (value: Value, rest: String)? {
    var node = 0
    var found = nodes[0].value.map { ($0, path.startIndex) }
    for component in components(path) {
      guard let next = nodes[node].children[PathComponent(component)] else { break }
      node = next
      if let value = nodes[node].value { found = (value, component.endIndex) }
    }
    guard let (value, end) = found else { return nil }
    return (value, trimmed(path[end...]))
  }

  /// Names directly below a path that hold something.
  func children(_ path: String) -> [String] {
    guard let node = find(path) else { return [] }
    return nodes[node].children.keys.map { String($0.text) }
  }

  /// Takes out everything at and below a path and returns it.
  mutating func remove(below path: String) -> [Value] {
    guard let top = find(path) else { return [] }
    var removed: [Value] = []
    var open = [top]
    while let node = open.popLast() {
      if let value = nodes[node].value { removed.append(value) }
      open.append(contentsOf: nodes[node].children.values)
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
      let sorted = nodes[node].children.sorted {
        precedes($1.key.text.utf8, $0.key.text.utf8)
      }
      for (component, child) in sorted { open.append((joined(path, String(component.text)), child)) }
    }
    return all
  }

  private func find(_ path: String) -> Int? {
    var node = 0
    for component in components(path) {
      guard let next = nodes[node].children[PathComponent(component)] else { return nil }
      node = next
    }
    return node
  }

  private mutating func make(_ path: String) -> Int {
    var node = 0
    for component in components(path) {
      let key = PathComponent(component)
      if let next = nodes[node].children[key] {
        node = next
      } else {
        nodes.append(Node())
        nodes[node].children[key] = nodes.count - 1
        node = nodes.count - 1
      }
    }
    return node
  }
}

extension PathTree: Sendable where Value: Sendable {}
extension PathTree.Node: Sendable where Value: Sendable {}

/// One name of a path, equal by its bytes: `String` takes different spellings of `é` for the same, a file system does
/// not.
struct PathComponent: Hashable {
  let text: Substring

  init(_ text: Substring) { self.text = text }

  static func == (left: Self, right: Self) -> Bool { sameBytes(left.text.utf8, right.text.utf8) }

  func hash(into hasher: inout Hasher) { combine(text.utf8, into: &hasher) }
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
  path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
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
