import SnugPlan
import SnugProfile
import TestSupport
import Testing

@Suite struct DiffPropertyTests {
  /// A tree without links: through a link a grant may take away from another one.
  private func plainTree(_ numbers: inout Numbers) -> (tree: FixtureTree, paths: [String]) {
    let tree = debian()
    var paths = ["/data"]
    for _ in 0..<12 {
      let parent = paths.randomElement(using: &numbers) ?? "/data"
      paths.append(parent + "/" + ["a", "b", "c"][Int.random(in: 0..<3, using: &numbers)])
    }
    for path in paths { tree.directory(path) }
    return (tree, paths)
  }

  private func randomLists(_ paths: [String], _ numbers: inout Numbers) -> [String: [String]] {
    var lists: [String: [String]] = ["read": [], "write": [], "hide": []]
    for _ in 0..<Int.random(in: 0...5, using: &numbers) {
      let kind = ["read", "write", "hide"][Int.random(in: 0..<3, using: &numbers)]
      lists[kind, default: []].append(paths.randomElement(using: &numbers) ?? "/data")
    }
    return lists
  }

  private func text(_ lists: [String: [String]]) -> String {
    "[files]\n"
      + lists.sorted { $0.key < $1.key }.map { key, paths in
        "\(key) = [\(paths.map { "{ path = '\($0)', if-missing = 'skip' }" }.joined(separator: ", "))]\n"
      }.joined()
  }

  @Test func `a profile is no different from itself`() throws {
    var compared = 0
    for seed in 0..<200 {
      var numbers = Numbers(state: UInt64(seed) << 8)
      let (tree, paths, _) = randomTree(&numbers)
      let grants = "[files]\n" + randomGrants(paths, &numbers)
      guard let found = try? changes(grants, grants, on: tree) else { continue }
      compared += 1
      #expect(found.isEmpty, "seed \(seed): \(lines(found))")
    }
    #expect(compared > 100)
  }

  @Test func `adding a hide gains nothing`() throws {
    var losses = 0
    for seed in 0..<250 {
      var numbers = Numbers(state: UInt64(seed) << 12)
      let (tree, paths) = plainTree(&numbers)
      var lists = randomLists(paths, &numbers)
      let before = text(lists)
      lists["hide", default: []].append(paths.randomElement(using: &numbers) ?? "/data")
      let found = try changes(before, text(lists), on: tree)
      losses += found.count { $0.kind == .loss }
      #expect(!found.contains { $0.kind == .gain }, "seed \(seed): \(before) \(lines(found))")
    }
    #expect(losses > 50)
  }

  /// But a read below something writable: the longer path decides, and makes it read-only.
  @Test func `adding a grant loses nothing`() throws {
    var gains = 0
    for seed in 0..<250 {
      var numbers = Numbers(state: UInt64(seed) << 16)
      let (tree, paths) = plainTree(&numbers)
      var lists = randomLists(paths, &numbers)
      let before = text(lists)
      let kind = Bool.random(using: &numbers) ? "read" : "write"
      let path = paths.randomElement(using: &numbers) ?? "/data"
      lists[kind, default: []].append(path)
      let found = try changes(before, text(lists), on: tree)
      gains += found.count { $0.kind == .gain }
      for loss in found where loss.kind == .loss {
        #expect(
          kind == "read" && loss.paths == [path] && loss.text.contains("only read"), "seed \(seed): \(lines(found))")
      }
    }
    #expect(gains > 50)
  }

  @Test func `what one way gains the other way loses`() throws {
    func paths(_ changes: [Change], _ kind: Change.Kind) -> [String] {
      changes.filter { $0.kind == kind }.flatMap(\.paths).sorted()
    }
    var differing = 0
    for seed in 0..<250 {
      var numbers = Numbers(state: UInt64(seed) << 24)
      let (tree, places) = plainTree(&numbers)
      let (a, b) = (text(randomLists(places, &numbers)), text(randomLists(places, &numbers)))
      let there = try changes(a, b, on: tree)
      let back = try changes(b, a, on: tree)
      #expect(paths(there, .gain) == paths(back, .loss) && paths(there, .loss) == paths(back, .gain), "seed \(seed)")
      differing += there.isEmpty ? 0 : 1
    }
    #expect(differing > 150)
  }

  /// What is told agrees with what a process would see, path by path.
  @Test func `gains and losses are those of each path`() throws {
    for seed in 0..<200 {
      var numbers = Numbers(state: UInt64(seed) << 32)
      let (tree, places) = plainTree(&numbers)
      let (a, b) = (text(randomLists(places, &numbers)), text(randomLists(places, &numbers)))
      let found = try changes(a, b, on: tree)
      let (before, after) = (try plan(a, on: tree), try plan(b, on: tree))
      for path in places {
        let (one, other) = (before.access(path), after.access(path))
        let told = found.filter { change in change.paths.contains { path == $0 || path.hasPrefix($0 + "/") } }
        if other > one { #expect(told.contains { $0.kind == .gain }, "seed \(seed): \(path) \(lines(found))") }
        if other < one { #expect(told.contains { $0.kind == .loss }, "seed \(seed): \(path) \(lines(found))") }
        if one == other { #expect(!told.contains { $0.paths.contains(path) }, "seed \(seed): \(path) \(lines(found))") }
      }
    }
  }
}

extension Plan {
  /// 0 hidden, 1 read, 2 write: by the deepest op at or above a path, where host paths stand at their own places.
  fileprivate func access(_ path: String) -> Int {
    let deepest = ops.filter { $0.op.name != "remount" }.map(\.op).filter { op in
      path == op.target || path.hasPrefix(op.target + "/")
    }.max { $0.target.count < $1.target.count }
    guard case .bind(let bind) = deepest else { return 0 }
    return bind.access == .readOnly ? 1 : 2
  }
}
