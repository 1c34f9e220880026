import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// `limits.memory`, `tasks` and `cpu`: who holds them, and what happens where nobody can.
@Suite struct SharedLimitTests {
  private let all = "[limits]\nmemory = \"4G\"\ntasks = 200\ncpu = \"150%\"\n"
  private let noScope = Dictionary(
    uniqueKeysWithValues: GroupLimit.Kind.allCases.map { ($0, "no systemd user manager") })

  private func attempt(_ text: String, _ facts: GroupFacts) throws -> (plan: Plan?, problems: [Diagnostic]) {
    let host = anna(debian(), groups: facts)
    let request = ProgramRequest(needsProgram: false)
    do { return (try compile(profile("version = 1\n" + text, for: host), for: host, request), []) } catch let error
      as CompileError
    {
      #expect(error.exitStatus == 125)
      return (nil, error.diagnostics)
    }
  }

  @Test func `a scope comes first, then a cgroup`() throws {
    let scope = try #require(try attempt(all, .complete).plan?.process.group)
    #expect(scope.keeper == .scope)
    #expect(scope.limits.map(\.kind) == [.memory, .tasks, .cpu])
    #expect(scope.limits.map(\.value) == [4 << 30, 200, 150])
    #expect(scope.limits.map(\.written) == ["4G", "200", "150%"])
    #expect(try attempt(all, GroupFacts(scopeObstacles: noScope)).plan?.process.group?.keeper == .cgroup)
    // One keeper holds all: the one that holds more.
    let mixed = GroupFacts(scopeObstacles: [.cpu: "no cpu controller"])
    #expect(try attempt(all, mixed).plan?.process.group?.keeper == .cgroup)
    let equal = GroupFacts(scopeObstacles: [.cpu: "none"], cgroupObstacles: [.cpu: "none"])
    let optional = try attempt("optional = [\"limits.cpu\"]\n" + all, equal).plan
    #expect(optional?.process.group?.keeper == .scope && optional?.process.group?.limits.count == 2)
  }

  @Test func `what cannot be had stops the start at its line`() throws {
    let facts = GroupFacts(
      scopeObstacles: noScope, cgroupObstacles: [.memory: "the cgroup /x has no memory controller"])
    let (plan, problems) = try attempt(all, facts)
    #expect(plan == nil)
    #expect(
      problems.map(\.text) == [
        """
        snug: cannot limit memory to 4G: no systemd user manager, and the cgroup /x has no memory controller
          at /profiles/test.toml:3:10
          hint: list "limits.memory" in optional to go on without it; snug doctor tells what gives it
        """
      ])
    #expect(problems.first?.cause == .cannotStartHere)
  }

  @Test(arguments: ["limits", "limits.memory"]) func `what is optional goes, and is named`(entry: String) throws {
    let facts = GroupFacts(scopeObstacles: noScope, cgroupObstacles: [.memory: "none"])
    let plan = try #require(try attempt("optional = [\"\(entry)\"]\n" + all, facts).plan)
    #expect(plan.notEnforced == ["limits.memory"])
    #expect(plan.process.group?.limits.map(\.kind) == [.tasks, .cpu])
    #expect(plan.text(instructions: 1).contains("\nnot enforced\n  limits.memory\n"))
    let nothing = GroupFacts(scopeObstacles: noScope, cgroupObstacles: noScope)
    let bare = try #require(try attempt("optional = [\"limits\"]\n" + all, nothing).plan)
    #expect(bare.process.group == nil && bare.notEnforced == ["limits.memory", "limits.tasks", "limits.cpu"])
  }

  @Test func `the machine is asked only where there is something to hold`() throws {
    nonisolated(unsafe) var asked = 0
    var host = anna(debian())
    host.groups = {
      asked += 1
      return .complete
    }
    let request = ProgramRequest(needsProgram: false)
    _ = try compile(profile("version = 1\nlimits.open-files = 100", for: host), for: host, request)
    #expect(asked == 0)
    _ = try compile(profile("version = 1\nlimits.tasks = 100", for: host), for: host, request)
    #expect(asked == 1, "the positive control")
  }

  @Test(arguments: [
    ("\"50%\"", UInt64(4 << 30) / 100 * 100, "50%"), ("1", 1, "1"), ("\"1536K\"", 1536 << 10, "1536K"),
    ("1073741824", 1 << 30, "1G"), ("\"3T\"", 3 << 40, "3T"),
  ]) func `sizes are bytes, and stand as a person writes them`(text: String, bytes: UInt64, written: String) throws {
    let limit = try attempt("limits.memory = \(text)", .complete).plan?.process.group?.limits.first
    // Of a machine of 8 GiB, in whole hundredths.
    let expected = text == "\"50%\"" ? UInt64(8 << 30) / 100 * 50 : bytes
    #expect(limit?.value == expected && limit?.written == written)
  }

  @Test func `plan and explanation tell of them`() throws {
    let host = anna(debian(), groups: GroupFacts(scopeObstacles: noScope))
    let found = try profile("version = 1\n" + all, for: host)
    let plan = try compile(found, for: host, ProgramRequest(needsProgram: false))
    let text = plan.text(instructions: 1)
    for line in ["4294967296 in all, held by a cgroup of its own", "200 in all, held by", "150% in all, held by"] {
      #expect(text.contains(line), "\(text)")
    }
    #expect(text.contains("# test.toml:3"))
    let json = plan.json(instructions: 1).line
    #expect(json.contains("\"memory\":4294967296,\"tasks\":200,\"cpu\":150}"), "\(json)")
    #expect(json.contains("\"limits-held-by\":\"cgroup\""))
    let told = explain(Prospect(found, plan, on: host)).facts[.lifetime, default: []].map(\.text)
    #expect(told.contains("all its processes together use at most 4 GiB of memory"))
    #expect(told.contains("at most 200 processes and threads together"))
    #expect(told.contains("all its processes together use at most 150% of one processor"))
    #expect(!told.contains { $0.hasSuffix("not limited") }, "\(told)")
  }

  @Test(arguments: [
    ("", "memory, processor time and number of processes are not limited"),
    ("limits.memory = 1", "processor time and number of processes are not limited"),
    ("limits = { memory = 1, tasks = 5 }", "processor time is not limited"),
    ("limits = { cpu = \"5%\", processes = 5 }", "memory is not limited"),
  ]) func `what is free is told`(text: String, fact: String) throws {
    let host = anna(debian())
    let found = try profile("version = 1\n" + text, for: host)
    let plan = try compile(found, for: host, ProgramRequest(needsProgram: false))
    #expect(explain(Prospect(found, plan, on: host)).facts[.lifetime, default: []].contains { $0.text == fact })
  }

  @Test func `a profile is explained also where it cannot start`() throws {
    let host = anna(debian(), groups: GroupFacts(scopeObstacles: noScope, cgroupObstacles: noScope))
    let seen = try prospect(of: profile("version = 1\n" + all, for: host), on: host)
    #expect(seen.obstacles.count == 3 && seen.plan.process.group?.limits.count == 3)
  }
}
