import Glibc
import SnugSandbox
import Testing

@Suite struct ChildProgramTests {
  private func run(_ script: String, limit: Int = 1 << 20, path: String = "/usr/bin:/bin") throws -> ProgramOutput {
    try readOutput(of: "sh", ["-c", script], environment: [("PATH", Array(path.utf8)), ("A", [0x62])], limit: limit)
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `output, errors and status come apart`() throws {
    let done = try run("echo out; echo err >&2; exit 3")
    #expect(done.status == 3 && text(done.output) == "out\n" && text(done.errors) == "err\n")
    #expect(try run("kill -TERM $$").status == 128 + 15)
  }

  @Test func `arguments are taken as they are and the environment is what is given`() throws {
    let done = try readOutput(
      of: "printf", ["%s|", "a b", "$A", "*", "-x"], environment: [("PATH", Array("/usr/bin:/bin".utf8))])
    #expect(text(done.output) == "a b|$A|*|-x|")
    let variables = text(try run("env").output).split(separator: "\n").filter { !$0.hasPrefix("_=") }
    #expect(variables.contains("A=b") && !variables.contains { $0.hasPrefix("HOME=") })
  }

  /// A descriptor of ours would keep a pipe of somebody else's open; input would be taken from the caller's terminal.
  @Test func `nothing is inherited and nothing is on standard input`() throws {
    let mine = dup(1)
    defer { close(mine) }
    let listed = try run("ls -1 /proc/$$/fd; cat")
    #expect(text(listed.output) == "0\n1\n2\n", "\(mine) was open")
  }

  @Test func `signals are as they are for any program`() throws {
    // Ignored here, as snug ignores it; a program that is told of a closed pipe has to end by it.
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    #expect(try run("kill -PIPE $$; echo lives").status == 128 + SIGPIPE)
  }

  @Test func `both streams are read at once, up to the limit`() throws {
    let both = try run("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2")
    #expect(both.status == 0 && both.output.count == 300_000 && both.errors.count == 600_000)
    #expect(try run("head -c 1000 /dev/zero", limit: 1000).output.count == 1000)
    #expect(throws: ProgramError.tooLong) { try run("head -c 1001 /dev/zero", limit: 1000) }
    // It is ended, however long it would go on.
    #expect(throws: ProgramError.tooLong) { try run("exec cat /dev/zero", limit: 1000) }
    #expect(throws: ProgramError.tooLong) { try run("exec cat /dev/zero >&2", limit: 1000) }
  }

  @Test func `programs are looked up in absolute directories alone`() throws {
    #expect(throws: ProgramError.notFound) { try run("true", path: ".:bin:") }
    #expect(throws: ProgramError.notFound) { try readOutput(of: "no-such-program", [], environment: []) }
    // A directory is no program, though it may be searched.
    #expect(throws: ProgramError.notFound) {
      try readOutput(of: "share", [], environment: [("PATH", Array("/usr".utf8))])
    }
    #expect(try readOutput(of: "true", [], environment: []).status == 0)
  }
}
