import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// The tree that a plan makes and the rules that decide about paths are two roads to one answer.
struct ExplainAgreementTests {
  /// What the tree shows of a host path, by the widest of its places.
  private func seen(_ tree: inout FinalTree, _ real: String) -> Visibility {
    tree.places(of: real).map { $0.isWritable ? .writable : .readOnly }.max() ?? .hidden
  }

  @Test func `the tree shows what the rules decide, never more`() throws {
    var compared = 0
    var equal = 0
    var byKind: [Visibility: Int] = [:]
    for seed in 0..<(wantsLongForm ? 3000 : 300) {
      var numbers = Numbers(state: UInt64(seed) << 32)
      let (tree, paths, reals) = randomTree(&numbers)
      let base = ["base": "version = 1\n[files]\n" + randomGrants(paths, &numbers)]
      let text = "extends = [\"base\"]\n[files]\n" + randomGrants(paths, &numbers)
      guard let (profile, plan, host) = try? started(text, on: tree, shipped: base) else { continue }
      var final = FinalTree(plan, profile, host)
      let rules = grantRules(profile, host)
      // What stands elsewhere may cover another grant, and a link that is not followed grants nothing.
      let isPlain =
        !profile.files.grants.contains { $0.at != nil } && !plan.skipped.contains { $0.reason.contains("link") }
      for real in reals + ["/data/none", "/data/a/none"] where host.real(real) == real {
        let decided = rules.decide(real).visibility
        let shown = seen(&final, real)
        compared += 1
        if shown == decided { equal += 1 }
        byKind[shown, default: 0] += 1
        if shown > decided || (isPlain && shown != decided) {
          Issue.record("seed \(seed): \(real) is \(shown), decided \(decided)\n\(base)\n\(text)")
        }
      }
    }
    #expect(compared > 1000 && equal * 2 > compared)
    #expect(byKind.count == 3 && byKind.values.allSatisfy { $0 > 50 }, "\(byKind)")
  }

  @Test func `an answer agrees with the rules, and what it proposes works`() throws {
    var tried = 0
    for seed in 0..<(wantsLongForm ? 400 : 40) {
      var numbers = Numbers(state: UInt64(seed) << 24)
      let (tree, paths, _) = randomTree(&numbers)
      let text = "[files]\n" + randomGrants(paths, &numbers)
      guard let (profile, plan, host) = try? started(text, on: tree) else { continue }
      var questioner = Questioner(Prospect(profile, plan, on: host))
      for path in paths {
        let answer = try questioner.answer(.path(written: path, absolute: path), asked: path)
        let decided = questioner.rules.decide(host.real(path) ?? path)
        if answer.word == .hidden {
          let isHidden = [decided, questioner.rules.decide(path)].contains { $0.rule?.kind == .hide }
          #expect(isHidden, "seed \(seed) \(path): \(answer)\n\(text)")
        }
        if answer.word == .writable {
          #expect(decided.visibility == .writable, "seed \(seed) \(path): \(answer)\n\(text)")
        }
        guard let remedy = answer.remedies.first(where: { $0.contains("snug run --") }) else { continue }
        let words = remedy.split(separator: " ").suffix(2).map(String.init)
        let kind = words[0] == "--read" ? "read" : "write"
        let option = OptionSetting(key: "files.\(kind)", text: String(words[1].dropLast()), option: words[0])
        let (wider, widerPlan, _) = try started(text, on: tree, options: [option])
        var after = Questioner(Prospect(wider, widerPlan, on: host))
        let word = try after.answer(.path(written: path, absolute: path), asked: path).word
        #expect(word == .writable || (kind == "read" && word == .readOnly), "seed \(seed): \(remedy) makes it \(word)")
        tried += 1
      }
    }
    #expect(tried > 100)
  }

  @Test func `diff weighs a file as explain tells it`() throws {
    var counts: [Extent: Int] = [:]
    var sealedCount = 0
    for seed in 0..<100 {
      var numbers = Numbers(state: UInt64(seed) << 40)
      let (tree, paths, reals) = randomTree(&numbers)
      let ops = paths.prefix(2).map { "[[files.op]]\nop = \"remount\"\ntarget = \"\($0)\"\naccess = \"read-only\"\n" }
      let text = "[files]\nhome = \"\(seed % 3 == 0 ? "overlay" : "temporary")\"\n" + randomGrants(paths, &numbers)
      // Not every place has a mount to seal.
      let sealed = try? started(text + "\n" + ops.joined(), on: tree)
      guard let (profile, plan, host) = sealed ?? (try? started(text, on: tree)) else { continue }
      sealedCount += sealed == nil ? 0 : 1
      var final = FinalTree(plan, profile, host)
      for real in reals where host.real(real) == real {
        let sights = final.places(of: real)
        let extent = final.extent(of: real).extent
        counts[extent, default: 0] += 1
        let told: Extent =
          sights.contains(where: \.isKeptWritable)
          ? .write : sights.contains(where: \.isWritable) ? .thrownAway : sights.isEmpty ? .hidden : .read
        #expect(extent == told, "seed \(seed): \(real)\n\(text)")
      }
    }
    #expect(
      [.hidden, .read, .write].allSatisfy { (counts[$0] ?? 0) > 20 } && sealedCount > 10, "\(counts) \(sealedCount)")
  }

  @Test func `what the plan puts at a place is what the tree finds there`() throws {
    for seed in 0..<100 {
      var numbers = Numbers(state: UInt64(seed) << 16)
      let (tree, paths, _) = randomTree(&numbers)
      let text = "[files]\n" + randomGrants(paths, &numbers)
      guard let (profile, plan, host) = try? started(text, on: tree) else { continue }
      var final = FinalTree(plan, profile, host)
      for case .bind(let bind) in plan.ops.map(\.op) {
        let sight = final.sight(bind.target)
        #expect(sight.isHost(bind.source.path), "seed \(seed): \(bind.target)")
        #expect(sight.isWritable == (bind.access != .readOnly), "seed \(seed): \(bind.target)")
      }
    }
  }

  @Test func `exact ops cover, seal and link as the kernel does`() throws {
    let (profile, plan, host) = try started(
      """
      [files]
      write = ["~/src"]
      [[files.op]]
      op = "remount"
      target = "~/src"
      access = "read-only"
      [[files.op]]
      op = "bind"
      host = "/opt/app"
      target = "/usr/local"
      access = "writable"
      [[files.op]]
      op = "symlink"
      target = "/way"
      to = "usr/local"
      [[files.op]]
      op = "tmpfs"
      target = "/usr/share"
      [[files.op]]
      op = "file"
      target = "/data/secret"
      text = "x"
      mode = 0o0
      """)
    var final = FinalTree(plan, profile, host)
    #expect(final.sight("/home/anna/src/demo").isHost("/home/anna/src/demo"))
    #expect(!final.sight("/home/anna/src/demo").isWritable)
    #expect(final.sight("/way").isHost("/opt/app") && final.sight("/way").isWritable)
    #expect(final.sight("/usr/local/bin").inside.exists == false)
    #expect(final.sight("/usr/share/zoneinfo").inside.exists == false && final.sight("/usr/share").isWritable)
    #expect(final.sight("/usr/bin/true").isHost("/usr/bin/true"))
    let secret = final.sight("/data/secret").inside
    #expect(secret.exists == true && !secret.isReadable && !secret.isWritable)
    #expect(final.places(of: "/usr/local").isEmpty)
    #expect(final.sight("/data").inside == .init(exists: true, isReadable: true, isWritable: false, host: nil))
  }
}
