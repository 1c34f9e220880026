import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// A shim starts a profile in place of a program of its name: where a box shows it, it is never that program.
@Suite struct ShimTests {
  private let shim = "#!/bin/sh\n# snug-shim edit\nexec /usr/bin/snug run -p edit -- make \"$@\"\n"
  private let profile = """
    programs = ["make"]
    [files]
    read = ["~/.local/bin"]
    [environment]
    set = { PATH = "/home/anna/.local/bin:/usr/bin" }
    """

  @Test func `PATH is searched behind it`() throws {
    let tree = debian()
    tree.file("/home/anna/.local/bin/make", shim, isExecutable: true)
    let found = try plan(profile, on: tree, ProgramRequest()).executable
    #expect(found == "/usr/bin/make")
    // The control: any other program there is found first.
    tree.file("/home/anna/.local/bin/make", "#!/bin/sh\n", isExecutable: true)
    #expect(try plan(profile, on: tree, ProgramRequest()).executable == "/home/anna/.local/bin/make")
  }

  @Test func `by its path it is refused`() throws {
    let tree = debian()
    tree.file("/home/anna/.local/bin/make", shim, isExecutable: true)
    for text in [profile, profile.replacing("\"make\"", with: "\"/home/anna/.local/bin/make\"")] {
      let request = ProgramRequest(command: [Array("/home/anna/.local/bin/make".utf8)])
      let problem = try problem(text, on: tree, request)
      #expect(problem.text.hasPrefix("snug: cannot run /home/anna/.local/bin/make: it is a shim, which starts snug"))
      #expect(problem.status == 126)
    }
  }

  @Test func `its mark is told from other files`() {
    #expect(shimProfile(Array(shim.utf8)) == "edit")
    #expect(shimProfile(Array("#!/bin/sh\n# snug-shim a b\n".utf8)) == "a b")
    for text in ["", "#!/bin/sh\n", "#!/bin/bash\n# snug-shim x\n", "# snug-shim x\n", "#!/bin/sh\n\n# snug-shim x\n"] {
      #expect(shimProfile(Array(text.utf8)) == nil)
    }
    #expect(shimProfile(Array(shim.utf8) + [UInt8](repeating: 0x0A, count: 4096)) == nil)
  }
}
