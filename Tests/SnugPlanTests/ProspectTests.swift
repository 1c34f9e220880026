import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// What would start, where the machine at hand keeps it from starting.
struct ProspectTests {
  private func prospect(_ text: String, in directory: String? = "/home/anna/src/demo", landlockABI: Int = 7) throws
    -> Prospect
  {
    var host = anna(debian(), in: directory, landlockABI: landlockABI)
    host.environment.removeAll { $0.name == "DISPLAY" }
    return try SnugPlan.prospect(of: try profile("version = 1\n" + text, for: host), on: host)
  }

  @Test func `what starts here is told as it is`() throws {
    let start = try prospect("[files]\nread = [\"~/src\"]")
    #expect(start.obstacles.isEmpty && !explain(start).text.contains("would not start now"))
  }

  @Test(arguments: [
    ("[files]\nread = [\"~/none\"]", "~/none", "~/none: as it is on this machine"),
    ("[files]\nwrite = [\".\"]", "cannot write .", ".: yours; what it changes"),
    ("[files]\nread = [\"xdg-music/new\"]", "xdg-music/new", "~/Music/new: as it is on this machine"),
    ("[desktop]\nx11 = true", "DISPLAY", "every window"),
    ("[assert]\nreadable = [\"xdg-music\"]", "xdg-music", "Snug tries from inside: readable xdg-music;"),
    ("[[files.op]]\nop = \"bind\"\nhost = \"~/none\"\ntarget = \"/opt/x\"", "~/none", "~/none (seen at /opt/x)"),
  ])
  func `what is missing here is said first, then all is explained as if it were there`(
    text: String, obstacle: String, fact: String
  ) throws {
    let start = try prospect(text, in: "/home/anna")
    #expect(start.obstacles.count == 1)
    let explanation = explain(start)
    let lines = explanation.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("would not start now: ") && lines[0].contains(obstacle), "\(lines[0])")
    #expect(lines[1].isEmpty && explanation.text.replacing("\n    ", with: " ").contains(fact), "\(explanation.text)")
  }

  @Test func `only what must be there is imagined`() throws {
    let text =
      "[files]\nread = [\"~/none\", { path = \"~/perhaps\", if-missing = \"skip\" }]\n[environment]\nkeep = [\"X\"]"
    let start = try prospect(text, landlockABI: 1)
    let facts = explain(start).facts
    #expect(facts[.skipped]?.map(\.text) == ["~/perhaps: does not exist"])
    #expect(facts[.environment]?.contains { $0.text.contains("none of your environment variables") } == true)
    #expect(start.plan.notEnforced.isEmpty == false, "this kernel's landlock is what it is")
    var questioner = Questioner(start)
    #expect(
      try questioner.answer(.path(written: "~/none", absolute: "/home/anna/none"), asked: "~/none").word == .readOnly)
  }

  @Test func `a kernel that is too old is said, and what the profile asks for is explained`() throws {
    let start = try prospect("optional = [\"!landlock\"]", landlockABI: 2)
    #expect(start.obstacles.count == 2 && start.plan.notEnforced.isEmpty)
  }

  @Test(arguments: [
    "[seccomp]\nallow = [\"ptrce\"]", "[files]\nread = [\"/proc/self\"]",
    "[[files.op]]\nop = \"remount\"\ntarget = \"/usr\"\naccess = \"writable\"",
    "[desktop]\nx11 = true\n[seccomp]\nallow = [\"ptrce\"]",
  ])
  func `what is wrong everywhere is no prospect`(text: String) throws {
    let host = anna(debian(), in: "/home/anna")
    let profile = try profile("version = 1\n" + text, for: host)
    let error = #expect(throws: CompileError.self) { try SnugPlan.prospect(of: profile, on: host) }
    let real = #expect(throws: CompileError.self) {
      try compile(profile, for: host, ProgramRequest(needsProgram: false))
    }
    #expect(error == real, "all that is wrong here is told")
  }

  @Test func `claims are told`() throws {
    let facts = explain(
      try prospect("[assert]\nhidden = [\"~/.ssh\"]\nreadable = [\"/usr\"]\nnetwork = false")
    ).facts[.assert]
    #expect(
      facts?.map(\.text) == [
        "before the app starts, Snug tries from inside: hidden ~/.ssh, readable /usr, network = false; "
          + "what does not hold stops the start"
      ])
    #expect(facts?.first?.origins.map(\.line) == [3, 4, 5])
    #expect(explain(try prospect("")).facts[.assert] == nil)
  }
}
