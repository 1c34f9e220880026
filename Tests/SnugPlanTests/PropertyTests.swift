import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// A small tree in which names meet often, with links across it.
func randomTree(_ numbers: inout Numbers) -> (tree: FixtureTree, paths: [String], reals: [String]) {
  let tree = debian()
  var directories = ["/data"]
  for _ in 0..<12 {
    let parent = directories.randomElement(using: &numbers) ?? "/data"
    directories.append(parent + "/" + ["a", "b", "c"][Int.random(in: 0..<3, using: &numbers)])
  }
  for directory in directories { tree.directory(directory) }
  var links: [String] = []
  for name in ["l", "m"] {
    let parent = directories.randomElement(using: &numbers) ?? "/data"
    links.append(parent + "/" + name)
    tree.link(parent + "/" + name, directories.randomElement(using: &numbers) ?? "/data")
  }
  return (tree, directories + links, directories)
}

func randomGrants(_ paths: [String], _ numbers: inout Numbers) -> String {
  var lists: [String: [String]] = ["read": [], "write": [], "hide": []]
  for _ in 0..<Int.random(in: 1...6, using: &numbers) {
    let kind = ["read", "write", "hide"][Int.random(in: 0..<3, using: &numbers)]
    let path = paths.randomElement(using: &numbers) ?? "/data"
    let isElsewhere = kind != "hide" && Bool.random(using: &numbers)
    let at = isElsewhere ? ", at = \"/x\(Int.random(in: 0..<4, using: &numbers))\"" : ""
    lists[kind]?.append("{ path = \"\(path)\", if-missing = \"skip\"\(at) }")
  }
  return lists.sorted { $0.key < $1.key }.map { "\($0.key) = [\($0.value.joined(separator: ", "))]" }
    .joined(separator: "\n")
}

private func isAtOrBelow(_ path: String, _ ancestor: String) -> Bool {
  path == ancestor || path.hasPrefix(ancestor == "/" ? "/" : ancestor + "/")
}

extension Plan {
  /// Which host paths are seen somewhere, and whether writable: what stands deepest at a place is what is seen there.
  fileprivate func seen(_ reals: [String]) -> [String: Bool] {
    let targets = Set(ops.filter { $0.op.name != "remount" }.map { $0.op.target })
    var seen: [String: Bool] = [:]
    for case .bind(let bind) in ops.map(\.op) {
      for real in reals where isAtOrBelow(real, bind.source.path) {
        let place = bind.target + real.dropFirst(bind.source.path.count)
        let deepest = targets.filter { isAtOrBelow(place, $0) }.max { $0.count < $1.count }
        if deepest == bind.target { seen[real] = seen[real] ?? false || bind.access == .writable }
      }
    }
    return seen
  }
}

struct PropertyTests {
  @Test func noOpHidesAnEarlierOne() throws {
    var compiled = 0
    for seed in 0..<400 {
      var numbers = Numbers(state: UInt64(seed))
      let (tree, paths, _) = randomTree(&numbers)
      guard let plan = try? plan("[files]\n" + randomGrants(paths, &numbers), on: tree) else { continue }
      compiled += 1
      let targets = plan.ops.filter { $0.op.name != "remount" }.map { $0.op.target }
      for (index, later) in targets.enumerated() {
        for earlier in targets[..<index] {
          #expect(!isAtOrBelow(earlier, later), "seed \(seed): \(later) covers \(earlier)")
        }
      }
    }
    #expect(compiled > 200)
  }

  @Test func addingAHideNeverWidens() throws {
    var compared = 0
    for seed in 0..<600 {
      var numbers = Numbers(state: UInt64(seed) << 20)
      let (tree, paths, reals) = randomTree(&numbers)
      let base = ["base": "version = 1\n[files]\n" + randomGrants(paths, &numbers)]
      let grants = randomGrants(paths, &numbers)
      let hidden = paths.randomElement(using: &numbers) ?? "/data"
      let head = "extends = [\"base\"]\n[files]\n"
      guard let before = try? plan(head + grants, on: tree, shipped: base) else { continue }
      let more = grants.replacing("hide = [", with: "hide = [{ path = \"\(hidden)\", if-missing = \"skip\" }, ")
      guard let after = try? plan(head + more, on: tree, shipped: base) else { continue }
      compared += 1
      let seenBefore = before.seen(reals)
      let seenAfter = after.seen(reals)
      for (path, isWritable) in seenAfter {
        #expect(seenBefore[path] != nil, "seed \(seed): \(path) is seen for hiding \(hidden)")
        #expect(!isWritable || seenBefore[path] == true, "seed \(seed): \(path) is writable for hiding \(hidden)")
      }
      if case .exists(let real, _, _, _) = tree.look(hidden) {
        #expect(seenAfter[real] == nil, "seed \(seed): \(hidden) is still seen")
      }
    }
    #expect(compared > 200)
  }

  /// Looking at the host is what costs: three thousand grants look three times as often as a thousand.
  @Test func manyGrantsGrowLinearly() throws {
    func looks(_ count: Int) throws -> Int {
      let tree = debian()
      for index in 0..<count { tree.directory("/data/d\(index)") }
      let list = (0..<count).map { "\"/data/d\($0)\"" }.joined(separator: ",")
      let host = anna(tree)
      let profile = try profile("version = 1\n[files]\nread = [\(list)]\nhide = [\"/data/d0/none\"]", for: host)
      let before = tree.looks
      let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
      #expect(plan.ops.count > count)
      return tree.looks - before
    }
    let one = try looks(1000)
    let three = try looks(3000)
    #expect(three <= one * 3 + 100)
    #expect(three < 3000 * 3)
  }

  @Test func oneSourceStandsUnderManyNames() throws {
    let tree = debian()
    for index in 0..<3000 { tree.link("/data/l\(index)", "/opt/app") }
    let list = (0..<3000).map { "\"/data/l\($0)\"" }.joined(separator: ",")
    let host = anna(tree)
    let profile = try profile("version = 1\n[files]\nread = [\(list)]\nhide = [\"/opt/app/none\"]", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    #expect(plan.lines(at: "/data/l2999") == ["bind /opt/app read-only"])
  }

  @Test func longAndOddPaths() throws {
    let tree = debian()
    let deep = String(repeating: "/" + String(repeating: "n", count: 62), count: 65)
    let names = [
      "/data/new\nline", "/data/quote\"", "/data/back\\slash", "/data/😀", "/data/e\u{301}", "/data/\u{e9}", deep,
    ]
    for name in names { tree.directory(name) }
    let list = names.dropFirst().map { "'''\($0)'''" }.joined(separator: ",")
    let text = "\"/data/new\\nline\"," + list
    let plan = try plan("[files]\nread = [\(text)]", on: tree)
    for name in names {
      #expect(plan.ops.contains { $0.op.target.utf8.elementsEqual(name.utf8) }, "\(name)")
    }
  }
}
