import CSnug
import Glibc
import SnugPlan
import SnugProfile
import Synchronization
import TestSupport
import Testing

@testable import SnugSandbox

/// Launchers, dying launchers and tidying commands at the same names, at the same time. Locks belong to open files, not to
/// processes, so threads with registries of their own meet as processes do.
@Suite(.serialized) struct RegistryRaceTests {
  private let rounds = wantsLongForm ? 3000 : 300

  @Test func `one name has one holder, whoever dies and whoever tidies up`() throws {
    let folder = try RuntimeFolder()
    let findings = Findings()
    let holders = Atomic<Int>(0)
    let claims = Atomic<Int>(0)
    let rounds = rounds
    _ = try folder.open()
    onThreads(8) { index in
      var numbers = Numbers(state: UInt64(index))
      do {
        guard let registry = try Registry.open(folder.host) else { return findings.add("no registry") }
        for _ in 0..<rounds {
          if index < 2 {
            let found = registry.entries()
            if found.live.count > 1 { findings.add("\(found.live)") }
            for problem in found.problems { findings.add(problem.text) }
            continue
          }
          guard let claim = try? claimOrTold(registry, findings) else { continue }
          claims.add(1, ordering: .relaxed)
          if holders.add(1, ordering: .sequentiallyConsistent).newValue != 1 { findings.add("two holders") }
          try claim.publishOwn()
          if !registry.leads("web", to: claim.descriptors[2]) { findings.add("a live instance was taken away") }
          if Bool.random(using: &numbers) { sched_yield() }
          if (names(in: "\(folder.path)/snug/web") ?? []).sorted() != ["control", "entry.json", "lock"] {
            findings.add("a live instance was emptied")
          }
          holders.subtract(1, ordering: .sequentiallyConsistent)
          if Bool.random(using: &numbers) { claim.release() } else { claim.die() }
        }
      } catch { findings.add("\(error)") }
    }
    #expect(findings.all == [])
    #expect(claims.load(ordering: .relaxed) > 10)
    // A child that a test beside this one has forked holds every lock until its exec: what it seems to hold goes then.
    #expect(
      eventually {
        _ = try? folder.open().entries()
        return folder.kept == []
      })
  }

  @Test func `claims with names of their own all succeed while others tidy up`() throws {
    let folder = try RuntimeFolder()
    let findings = Findings()
    let rounds = rounds
    _ = try folder.open()
    onThreads(6) { index in
      do {
        guard let registry = try Registry.open(folder.host) else { return findings.add("no registry") }
        for _ in 0..<rounds {
          if index < 3 {
            for problem in registry.entries().problems { findings.add(problem.text) }
            continue
          }
          let claim = try registry.claim(nil, profile: "x")
          try claim.publishOwn()
          if (try? registry.find(claim.name.text))?.instance != claim.name {
            findings.add("\(claim.name) is not found")
          }
          claim.release()
        }
      } catch { findings.add("\(error)") }
    }
    #expect(findings.all == [])
    _ = try folder.open().entries()
    #expect(folder.kept == [])
  }

  @Test func `a stopped cleaner blocks nobody for ever`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    try registry.claim(InstanceName("web"), profile: "x").die()
    let lock = try OpenFile("\(folder.path)/snug/web/lock", O_RDWR)
    #expect(csnug_lock(lock.number, 0, LockedBytes.removal) == 0)
    let error = refusal { _ = try registry.claim(InstanceName("web"), profile: "x") }
    #expect(error?.message == "cannot take the name web: somebody still removes what is left of an instance")
    #expect(registry.entries().live == [] && registry.entries().problems == [])
    #expect(folder.kept == ["web"])
  }
}

/// A claim of the name that all race for.
private func claimOrTold(_ registry: Registry, _ findings: Findings) throws -> Claim {
  do {
    return try registry.claim(InstanceName("web"), profile: "x")
  } catch {
    if error.message != "an instance named web is running" { findings.add(error.text) }
    throw error
  }
}
