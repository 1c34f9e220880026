import Glibc
import TestSupport
import Testing

extension Live {
  /// The records of `--status-fd`.
  @Suite(.serialized) struct StatusTests {
    static let startedKeys = ["app-id", "app-pid", "event", "instance", "namespaces", "not-enforced", "pid"]
    static let endedKeys = [
      "event", "limit", "peak-bytes", "signal", "status", "system-ms", "user-ms", "wall-ms",
    ]

    /// The records of a text; every line is one.
    private func records(_ text: String) throws -> [JSONValue] {
      #expect(text.isEmpty || text.hasSuffix("\n"))
      return try text.split(separator: "\n").map { try #require(JSONValue(String($0)), "not JSON: \($0)") }
    }

    @Test func `a start tells host pids and namespaces, an end what it cost`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      let running = try stage.startShell("exec $IN --status-fd 5 -- $PROBE catch 15 7 5>$STAGE/status")
      #expect(running.waitFor("ready"))
      #expect(eventually { readText("\(folder)/status")?.hasSuffix("\n") == true })
      let started = try #require(try records(readText("\(folder)/status") ?? "").first)
      #expect(started.keys == Self.startedKeys)
      #expect(started["event"] == .text("started"))
      #expect(started["instance"].text.hasPrefix("default-"), "\(started)")
      #expect(started["app-id"] == .text("snug.default"))
      #expect(started["pid"].integer == running.initPID.map(Int.init))
      let app = Int32(try #require(started["app-pid"].integer))
      #expect(running.appPIDs == [app])
      #expect(linkText("/proc/\(app)/exe")?.hasSuffix("/probe") == true, "it exists while the app runs")
      let namespaces = started["namespaces"]
      #expect(namespaces.keys == ["cgroup", "ipc", "mount", "network", "pid", "user", "uts"])
      for (name, file) in ["mount": "mnt", "network": "net"].merging(
        namespaces.keys.filter { $0 != "mount" && $0 != "network" }.map { ($0, $0) },
        uniquingKeysWith: { first, _ in first })
      {
        let inside = linkText("/proc/\(app)/ns/\(file)")
        #expect(inside == "\(file):[\(namespaces[name].integer ?? 0)]", "\(name)")
        #expect(inside != linkText("/proc/self/ns/\(file)"), "\(name)")
      }
      running.signal(SIGTERM)
      #expect(running.finish().status == 7)
      let all = try records(readText("\(folder)/status") ?? "")
      #expect(all.count == 2)
      let ended = try #require(all.last)
      #expect(ended.keys == Self.endedKeys)
      #expect(ended["event"] == .text("ended"))
      #expect(ended["status"] == .number(7))
      #expect(ended["signal"] == .null)
      #expect(ended["limit"] == .null)
      #expect((ended["peak-bytes"].integer ?? 0) > 100_000)
      for key in ["user-ms", "system-ms", "wall-ms"] { #expect((ended[key].integer ?? -1) >= 0, "\(key)") }
      #expect(stage.leftovers() == [])
    }

    @Test func `times and memory are those of the app`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      let script =
        "x = bytearray(80 << 20); import time; a = time.time()\\nwhile time.process_time() < 0.4: pass\\ntime.sleep(0.3)"
      let done = try stage.shell(
        "printf '\(script)' >$STAGE/burn.py; $SNUG run --read $STAGE --status-fd 5 -- /usr/bin/python3 $STAGE/burn.py 5>$STAGE/status"
      )
      #expect(done.status == 0, "\(done.everything)")
      let ended = try #require(try records(readText("\(folder)/status") ?? "").last)
      let (user, system) = (ended["user-ms"].integer ?? 0, ended["system-ms"].integer ?? 0)
      #expect(user + system >= 400)
      #expect((ended["wall-ms"].integer ?? 0) >= 700)
      #expect((ended["peak-bytes"].integer ?? 0) >= 80 << 20)
    }

    @Test func `a signal is named, and the limit where the kernel tells which`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.profile("small", "limits.file-size = \"8K\"")
      let done = try stage.shell(
        """
        $SNUG run --status-fd 5 -- sh -c 'kill -SEGV $$' 5>$STAGE/one
        $SNUG run --status-fd 5 -p small -- sh -c 'exec head -c 1000000 /dev/zero >/tmp/x' 5>$STAGE/two
        echo $?
        """)
      #expect(done.output == "153\n", "\(done.everything)")
      let segv = try #require(try records(readText("\(folder)/one") ?? "").last)
      #expect(segv["status"] == .number(139))
      #expect(segv["signal"] == .number(11))
      #expect(segv["limit"] == .null)
      let size = try #require(try records(readText("\(folder)/two") ?? "").last)
      #expect(size["status"] == .number(153))
      #expect(size["signal"] == .number(25))
      #expect(size["limit"] == .text("file-size"))
    }

    @Test func `a start that fails tells that and nothing else`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.profile("lost", "summary = \"a \\\"quoted\\\" one\"\n[files]\nread = [\"/no/such \\\"place\\\"\"]")
      let done = try stage.shell(
        """
        $SNUG run --status-fd 5 -- no-such-program 5>$STAGE/one; echo $?
        $SNUG run --status-fd 5 -p lost -- true 5>$STAGE/two; echo $?
        """)
      #expect(done.output == "127\n125\n")
      let missing = try records(readText("\(folder)/one") ?? "")
      #expect(missing.count == 1)
      #expect(missing[0].keys == ["event", "message", "origin", "status"])
      #expect(missing[0]["event"] == .text("failed"))
      #expect(missing[0]["status"] == .number(127))
      #expect(missing[0]["origin"] == .null || missing[0]["origin"].keys.contains("file") == true)
      let lost = try records(readText("\(folder)/two") ?? "")
      #expect(lost.count == 1)
      #expect(lost[0]["status"] == .number(125))
      let message = lost[0]["message"].text
      #expect(message.contains("/no/such \"place\""), "\(message)")
      #expect(done.errors.contains(message), "the words that a person reads")
      #expect(lost[0]["origin"]["line"] == .number(4))
      #expect(lost[0]["origin"]["file"] == .text("\(stage.home)/.config/snug/profiles/lost.toml"))
    }

    @Test func `standard output may carry the records`() throws {
      let stage = try stage()
      let done = try stage.snug(["run", "--status-fd", "1", "--", "sh", "-c", "exit 4"])
      #expect(done.status == 4)
      let all = try records(done.output)
      #expect(all.map { $0["event"] } == [.text("started"), .text("ended")], "\(done.everything)")
    }

    @Test func `the records' descriptor is not the app's`() throws {
      let stage = try stage()
      let done = try stage.shell("$IN --status-fd 5 -- $PROBE report 5>$STAGE/status | grep ^link; exit 0")
      let numbers = done.output.split(separator: "\n").compactMap { Int($0.split(separator: " ")[1]) }
      #expect(numbers.sorted() == [0, 1, 2], "\(done.output)")
      let both = try stage.shell("$IN --status-fd 5 --fd 5 -- $PROBE report 5>$STAGE/status | grep '^link 5 '; exit 0")
      #expect(both.output.hasPrefix("link 5 "), "asked for, it is: the positive control: \(both.everything)")
    }

    @Test func `a descriptor that is not open, or no number, is refused before anything starts`() throws {
      let stage = try stage()
      for (words, option) in [
        (["--status-fd", "77"], "77"), (["--fd", "77"], "77"), (["--fd", "2"], "--fd"), (["--fd", "x"], "--fd"),
        (["--status-fd", "-1"], "--status-fd"), (["--fd", "99999999999"], "--fd"),
      ] {
        let done = try stage.snug(["run"] + words + ["--", "true"])
        #expect(done.status == 125, "\(words): \(done.everything)")
        #expect(done.errors.contains(option), "\(done.errors)")
      }
    }
  }
}
