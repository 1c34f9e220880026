import SnugPlan
import Synchronization

/// A host file system in memory, with links.
package final class FixtureTree: Sendable {
  package enum Node: Sendable {
    case directory
    case file([UInt8], isExecutable: Bool)
    case link(String)
    case special(FileType)
    /// Looking at it or below it fails.
    case closed(Int32)
  }

  private struct Content {
    var nodes: [String: Node] = ["/": .directory]
    var inodes: [String: UInt64] = ["/": 1]
    var looks = 0
  }
  private let content = Mutex(Content())

  package init() {}

  /// How often the tree was looked at.
  package var looks: Int { content.withLock { $0.looks } }

  /// Puts a node at a path, making the directories above it.
  package func put(_ path: String, _ node: Node) {
    content.withLock { content in
      var parent = ""
      for name in path.split(separator: "/").dropLast() {
        parent += "/" + name
        if content.nodes[parent] == nil { add(parent, .directory, &content) }
      }
      add(path, node, &content)
    }
  }

  private func add(_ path: String, _ node: Node, _ content: inout Content) {
    content.nodes[path] = node
    content.inodes[path] = content.inodes[path] ?? UInt64(content.inodes.count + 1)
  }

  package func directory(_ paths: String...) { for path in paths { put(path, .directory) } }
  package func file(_ path: String, _ text: String = "", isExecutable: Bool = false) {
    put(path, .file(Array(text.utf8), isExecutable: isExecutable))
  }
  package func program(_ path: String) { file(path, "", isExecutable: true) }
  package func link(_ path: String, _ to: String) { put(path, .link(to)) }
  package func special(_ path: String, _ type: FileType) { put(path, .special(type)) }

  private enum Walk {
    case found(String, Node)
    case failed(Int32)
  }

  private func walk(_ path: String, _ content: Content, followsLast: Bool = true) -> Walk {
    var left = path.split(separator: "/").map(String.init)[...]
    var here = ""
    var links = 0
    while let name = left.popFirst() {
      if name == "." { continue }
      if name == ".." {
        here = here.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        continue
      }
      switch content.nodes[here.isEmpty ? "/" : here] {
      case .directory: break
      case .closed(let code): return .failed(code)
      case .none: return .failed(2)
      default: return .failed(20)
      }
      let next = here + "/" + name
      switch content.nodes[next] {
      case .none: return .failed(2)
      case .link(let text) where followsLast || !left.isEmpty:
        links += 1
        if links > 40 { return .failed(40) }
        if text.hasPrefix("/") { here = "" }
        left = text.split(separator: "/").map(String.init)[...] + left
      default: here = next
      }
    }
    let real = here.isEmpty ? "/" : here
    return content.nodes[real].map { .found(real, $0) } ?? .failed(2)
  }

  package func look(_ path: String) -> PathFacts {
    content.withLock { content in
      content.looks += 1
      var link: String?
      if case .found(_, .link(let text)) = walk(path, content, followsLast: false) { link = text }
      switch walk(path, content) {
      case .failed(2), .failed(20): return .missing(link: link)
      case .failed(let code): return .unreadable(code)
      case .found(let real, let node):
        let identity = FileIdentity(deviceMajor: 8, deviceMinor: 1, inode: content.inodes[real] ?? 0)
        switch node {
        case .directory: return .exists(real: real, type: .directory, identity: identity, link: link)
        case .file: return .exists(real: real, type: .file, identity: identity, link: link)
        case .special(let type): return .exists(real: real, type: type, identity: identity, link: link)
        case .closed(let code): return .unreadable(code)
        case .link: return .unreadable(40)
        }
      }
    }
  }

  package func list(_ path: String) -> [String] {
    content.withLock { content in
      guard case .found(let real, .directory) = walk(path, content) else { return [] }
      let prefix = real == "/" ? "/" : real + "/"
      return content.nodes.keys.filter {
        $0 != "/" && $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/")
      }
      .map { String($0.dropFirst(prefix.count)) }.sorted()
    }
  }

  package func read(_ path: String) -> [UInt8]? {
    content.withLock { content in
      if case .found(_, .file(let bytes, _)) = walk(path, content) { bytes } else { nil }
    }
  }

  package func isExecutable(_ path: String) -> Bool {
    content.withLock { content in
      if case .found(_, .file(_, let isExecutable)) = walk(path, content) { isExecutable } else { false }
    }
  }
}
