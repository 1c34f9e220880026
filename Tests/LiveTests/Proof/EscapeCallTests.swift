import SnugPlan
import TestSupport
import Testing

extension Live {
  /// Every system call from 0 to 600, by every entry there is, under each preset: rows 85, 87 and 89 of the threat list.
  @Suite(.serialized) struct EscapeCallTests {
    /// A filter: its name in the tables, and what a profile says to get it.
    private static let filters = [
      ("base", "preset = \"base\""), ("desktop", "preset = \"desktop\""), ("devel", "preset = \"devel\""),
      ("nested", "preset = \"nested\""), ("desktop, 32-bit", "preset = \"desktop\"\nmultiarch = true"),
      ("none", "preset = \"none\""),
    ]
    /// What changes more than the process that calls it, whatever it is given: each writes the disks of the machine.
    private static let skipped: [String: [UInt32]] = ["native": [162], "compat": [36], "x32": [162]]
    private static let last = 600

    private func answers(_ stage: Stage, _ settings: String, entry: String) throws -> [String] {
      try stage.profile("calls", "extends = [\"default\"]\n[seccomp]\n\(settings)\n")
      let skipped = (Self.skipped[entry] ?? []).map(String.init)
      let done = try stage.inside("calls", [], ["calls", entry, String(Self.last)] + skipped)
      let lines = done.output.split(separator: "\n").map { String($0.split(separator: " ").last ?? "") }
      #expect(lines.count == Self.last + 1, "\(entry) under \(settings): \(done.everything)")
      return lines
    }

    @Test func `every call from 0 to 600 is answered as recorded`() throws {
      let stage = try stage()
      guard FilterArchitecture.native == .x8664 else { return skip("the tables are those of x86_64") }
      var summary = ProofTable(
        "escape-calls", title: "System calls 0 to 600 from inside",
        header: [
          "entry", "filter", "killed", "EPERM", "ENOSYS", "EAFNOSUPPORT", "let through to the kernel", "not made",
        ])
      for entry in ["native", "compat", "x32"] {
        var columns: [(name: String, answers: [String])] = []
        for (name, settings) in Self.filters {
          columns.append((name, try answers(stage, settings, entry: entry)))
        }
        let open = columns[columns.count - 1].answers
        guard open.count == Self.last + 1, columns.allSatisfy({ $0.answers.count == open.count }) else { return }
        for (name, answers) in columns {
          func count(_ word: String) -> Int { answers.count { $0 == word } }
          summary.rows.append([
            entry, name, String(count("killed")), String(count("EPERM")), String(count("ENOSYS")),
            String(count("EAFNOSUPPORT")), "\(count("passed"))", "\(count("skipped"))",
          ])
        }
        try compare(columns, entry)
      }
      try summary.publish()
      #expect(stage.leftovers() == [])
    }

    /// Against the table in the repository. What the filter lets through a kernel of another age answers in its own way:
    /// there the answer without a filter is what is expected.
    private func compare(_ columns: [(name: String, answers: [String])], _ entry: String) throws {
      let names = SystemCall.all.reduce(into: [UInt32: String]()) { names, call in
        if let number = call.number(on: entry == "compat" ? .i386 : .x8664) { names[number] = call.name }
      }
      let file = "calls-x86_64-\(entry).txt"
      let golden = readText("\(checkout)/Tests/LiveTests/Golden/\(file)") ?? ""
      let wanted = golden.split(separator: "\n").map { $0.split(separator: "|").map { String($0.trimmingBlanks) } }
      var lines = [(["number", "call"] + columns.map { $0.name }).joined(separator: " | ")]
      for number in 0...Self.last {
        var cells = [String(number), names[UInt32(number)] ?? "-"]
        let recorded = number + 1 < wanted.count ? wanted[number + 1] : []
        let open = columns[columns.count - 1].answers[number]
        for (index, column) in columns.enumerated() {
          let answer = column.answers[number]
          let last = recorded.last ?? ""
          let isKernels = recorded.count == columns.count + 2 && recorded[index + 2] == last && answer == open
          cells.append(isKernels ? last : answer)
        }
        lines.append(cells.joined(separator: " | "))
      }
      let problem = compareGolden(lines.joined(separator: "\n") + "\n", file, beside: "\(checkout)/Tests/LiveTests/x")
      #expect(problem == nil)
    }

    /// What each preset must and must not let through, whatever the recorded table says.
    @Test func `the presets differ from no filter as they should`() throws {
      let stage = try stage()
      guard FilterArchitecture.native == .x8664 else { return skip("the tables are those of x86_64") }
      let desktop = try answers(stage, "preset = \"desktop\"", entry: "native")
      let open = try answers(stage, "preset = \"none\"", entry: "native")
      guard desktop.count == open.count, open.count == Self.last + 1 else { return }
      for name in [
        "mount", "unshare", "setns", "keyctl", "ptrace", "bpf", "userfaultfd", "kexec_load", "open_by_handle_at",
      ] {
        let number = Int(try #require(SystemCall.named(name)?.number(on: .x8664)))
        #expect(["EPERM", "ENOSYS"].contains(desktop[number]), "\(name): \(desktop[number])")
      }
      for name in ["clone3", "io_uring_setup", "move_mount", "open_tree"] {
        let number = Int(try #require(SystemCall.named(name)?.number(on: .x8664)))
        #expect(desktop[number] == "ENOSYS" && open[number] != "ENOSYS", "\(name): \(desktop[number]) \(open[number])")
      }
      for name in ["read", "openat", "execve", "getpid", "socketpair"] {
        let number = Int(try #require(SystemCall.named(name)?.number(on: .x8664)))
        #expect(desktop[number] == "passed", "\(name): \(desktop[number])")
      }
      for number in (Int(SystemCall.newest) + 1)...Self.last { #expect(desktop[number] == "ENOSYS", "\(number)") }
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
