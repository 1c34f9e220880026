import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugDocs

/// Files under `share` that are made from the sources are what the sources make now. `SNUG_RECORD=1` writes them.
@Suite struct GeneratedFileTests {
  @Test func `the schema is current`() {
    #expect(compareGenerated(profileSchema().pretty + "\n", "share/schema/snug-profile.schema.json") == nil)
  }

  @Test func `the manual pages are current`() throws {
    #expect(compareGenerated(commandManual(try declaredCommands()), "share/man/snug.1") == nil)
    #expect(compareGenerated(profileManual(), "share/man/snug-profile.5") == nil)
    #expect(compareGenerated(lintManual(), "share/man/snug-lint.7") == nil)
  }

  @Test func `the completions are current`() throws {
    let commands = try declaredCommands()
    #expect(compareGenerated(bashCompletion(commands), "share/completions/snug.bash") == nil)
    #expect(compareGenerated(zshCompletion(commands), "share/completions/_snug") == nil)
    #expect(compareGenerated(fishCompletion(commands), "share/completions/snug.fish") == nil)
  }

  @Test func `every command and every value has a completion`() throws {
    for command in try declaredCommands() {
      #expect(operandsOfCommand[command.name] != nil, "\(command.name)")
      for option in command.options {
        #expect(completed(option) != nil, "\(command.name) \(option.names) <\(option.valueName ?? "")>")
      }
    }
  }

  @Test func `every table has help, and every note a key`() {
    for table in Key.tables { #expect(tableHelp[table] != nil || Key.named(table) != nil, "\(table)") }
    for table in tableHelp.keys { #expect(Key.isTable(table), "\(table)") }
    for name in keyNotes.keys { #expect(Key.named(name) != nil, "\(name)") }
  }

  @Test func `text out of a key means nothing to roff`() {
    let page = ManualPage(
      name: "x", section: 1, description: ".so \\o",
      blocks: [.text(".so /etc/passwd and \\f(CW 'q' `.code-x \\e` end"), .code(".Sh \"x\""), .items([("\"-a", [])])])
    #expect(
      page.source.split(separator: "\n").dropFirst(6).joined(separator: "\n") == #"""
        .Nd \&.so \eo
        .Pp
        \&.so /etc/passwd and \ef(CW \(aqq\(aq \fB.code\-x\fP \fB\ee\fP end
        .Bd -literal -offset indent
        \&.Sh "x"
        .Ed
        .Bl -tag -width Ds
        .It Sy "\(dq\-a"
        .El
        """#)
  }

  @Test(arguments: ["snug.1", "snug-profile.5", "snug-lint.7", "snug-bwrap.1"])
  func `the manual pages are clean`(name: String) throws {
    let page = "\(checkout)/share/man/\(name)"
    for line in ["mandoc -T lint -W warning", "man -l --warnings -E UTF-8"] {
      let tool = line.split(separator: " ")[0]
      let found = try spawn(["/bin/sh", "-c", "command -v \(tool)"])
      guard found.status == 0 else { return skip("\(tool) is not installed") }
      let done = try spawn(
        ["/bin/sh", "-c", "\(line) '\(page)' 2>&1 >\(tool == "man" ? "/dev/null" : "&1")"],
        environment: ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
      #expect(done.status == 0 && done.output == "", "\(line): \(done.everything)")
    }
  }
}
