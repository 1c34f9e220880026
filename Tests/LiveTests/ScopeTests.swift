import Glibc
import TestSupport
import Testing

extension Live {
  /// snug-bus against a service manager that is played, and what `snug run` makes of it.
  @Suite(.serialized) struct ScopeTests {
    @Test func `it asks for the scope with exactly these arguments`() throws {
      let stage = try stage()
      // The job's end comes before the answer, and another job's before that.
      let other = ServiceManager.ends("failed", job: "/org/freedesktop/systemd1/job/6")
      let manager = try ServiceManager(stage, answering: other + ServiceManager.ends("done"))
      let full = try manager.call(
        [
          "scope", "org.example.App-x", "4321", "--id", "a_b-1", "--memory", "4294967296", "--tasks", "200", "--cpu",
          "150%",
        ])
      #expect(full.status == 0 && full.everything == "status 0\n--- output\n--- errors\n", "\(full.everything)")
      let plain = try manager.call(["scope", "org.example.App", "4321"])
      #expect(plain.status == 0, "\(plain.everything)")
      func property(_ name: String, _ value: String) -> String { "dbus.Struct((dbus.String('\(name)'), \(value))" }
      let asked = manager.asked
      try #require(asked.count == 2)
      let common = [
        property("Slice", "dbus.String('app.slice', variant_level=1)"),
        property("PIDs", "dbus.Array([dbus.UInt32(4321)], signature=dbus.Signature('u'), variant_level=1)"),
        property("CollectMode", "dbus.String('inactive-or-failed', variant_level=1)"),
        property("Delegate", "dbus.Boolean(True, variant_level=1)"),
      ]
      let limits = [
        property("MemoryMax", "dbus.UInt64(4294967296, variant_level=1)"),
        property("MemorySwapMax", "dbus.UInt64(0, variant_level=1)"),
        property("TasksMax", "dbus.UInt64(200, variant_level=1)"),
        property("CPUQuotaPerSecUSec", "dbus.UInt64(1500000, variant_level=1)"),
      ]
      for (call, unit, name, properties) in [
        (asked[0], "org.example.App\\\\x2dx-a_b\\\\x2d1", "org.example.App-x", common + limits),
        (asked[1], "org.example.App-4321", "org.example.App", common),
      ] {
        #expect(call.hasPrefix("[dbus.String('app-snug-\(unit).scope'), dbus.String('fail'), dbus.Array(["), "\(call)")
        #expect(call.contains(property("Description", "dbus.String('\(name), in a sandbox of snug', variant_level=1)")))
        for each in properties { #expect(call.contains(each), "\(each): \(call)") }
        #expect(call.split(separator: "dbus.Struct((").count - 1 == properties.count + 1, "and no other: \(call)")
        #expect(call.hasSuffix("dbus.Array([], signature=dbus.Signature('(sa(sv))'))]"), "\(call)")
      }
    }

    @Test(arguments: [
      (ServiceManager.ends("failed"), "the systemd user manager could not make the scope: failed"),
      (ServiceManager.ends("canceled"), "the systemd user manager could not make the scope: canceled"),
      (
        "raise dbus.exceptions.DBusException('Unit\\x1b[1m taken.', name='org.freedesktop.systemd1.UnitExists')",
        "the systemd user manager refuses the scope: Unit [1m taken."
      ),
      // The job never ends, or another one does.
      (ServiceManager.ends("done", job: "/org/freedesktop/systemd1/job/8"), "no answer on the session bus within 1 s"),
      ("", "no answer on the session bus within 1 s"),
    ]) func `a manager that does not do it is told of in a line`(code: String, message: String) throws {
      let manager = try ServiceManager(try stage(), answering: code)
      let done = try manager.call([
        "scope", "org.example.App", "4321", "--timeout", message.contains("1 s") ? "1" : "60",
      ])
      #expect(done.status == 1 && done.errors == "snug-bus: \(message)\n", "\(done.everything)")
      #expect(manager.asked.count == 1)
    }

    @Test func `a bus without a manager, no bus, and a bus that is deaf`() throws {
      let stage = try stage()
      let words = [stage.snugBus, "scope", "org.example.App", "4321"]
      let manager = try ServiceManager(stage, answering: nil)
      let alone = try manager.call(Array(words.dropFirst()))
      #expect(alone.status == 1)
      #expect(alone.errors.hasPrefix("snug-bus: no systemd user manager on the session bus: "), "\(alone.everything)")
      // The address may be left to where systemd puts the socket.
      let found = try stage.run(words, extra: ["XDG_RUNTIME_DIR=\(manager.runtime)"])
      #expect(found.errors.hasPrefix("snug-bus: no systemd user manager on the session bus: "), "\(found.everything)")
      let none = try stage.run(words)
      #expect(none.status == 1 && none.errors.hasPrefix("snug-bus: no session bus: "), "\(none.everything)")
      let gone = try stage.run(words, extra: ["DBUS_SESSION_BUS_ADDRESS=unix:path=/no/such/bus"])
      #expect(
        gone.status == 1 && gone.errors.hasPrefix("snug-bus: cannot reach the session bus: "), "\(gone.everything)")
      #expect(gone.errors.split(separator: "\n").count == 1)
      let deaf = try stage.start(
        [
          "/usr/bin/python3", "-c",
          "import socket,time; s=socket.socket(socket.AF_UNIX); s.bind('\(manager.runtime)/deaf'); s.listen(); "
            + "print('ready', flush=True); input()",
        ])
      #expect(deaf.waitFor("ready"))
      let late = try stage.run(
        words + ["--timeout", "1"], extra: ["DBUS_SESSION_BUS_ADDRESS=unix:path=\(manager.runtime)/deaf"])
      #expect(late.status == 1, "\(late.everything)")
      #expect(late.errors == "snug-bus: no answer on the session bus within 1 s\n", "\(late.everything)")
      _ = deaf.finish()
    }

    @Test(arguments: [
      [], ["scop"], ["scope"], ["scope", "a"], ["scope", "a", "1"], ["scope", "a", "x"], ["scope", "a", "5", "6"],
      ["scope", "a", "5", "--memory"], ["scope", "a", "5", "--memory", "0"], ["scope", "a", "5", "--memory", "4G"],
      ["scope", "a", "5", "--cpu", "50"], ["scope", "a", "5", "--tasks", "-1"], ["scope", "a", "5", "--other", "1"],
      ["scope", "a", "5", "--tasks", "1", "--tasks", "2"], ["scope", "a", "5", "--timeout", "0"],
    ]) func `what is no call is a usage error`(words: [String]) throws {
      let stage = try stage()
      let done = try stage.run([stage.snugBus] + words)
      #expect(done.status == 2 && done.errors.hasPrefix("snug-bus: usage: "), "\(done.everything)")
      #expect(done.errors.split(separator: "\n").count == 1)
    }

    // MARK: - snug run

    private let limits = "[limits]\nmemory = \"1G\"\ncpu = \"50%\""

    @Test func `a scope is asked for before the app runs, and is believed only when it holds`() throws {
      let stage = try stage()
      try stage.profile("bounded", limits)
      try stage.profile("loose", "optional = [\"limits\"]\n\(limits)")
      let manager = try ServiceManager(stage, answering: ServiceManager.ends("done"))
      let plan = try stage.snug(["plan", "bounded"], extra: manager.environment)
      #expect(plan.output.contains("1073741824 in all, held by a systemd scope"), "\(plan.everything)")
      // The player moves nothing: PID 1 stays where its launcher is, and Snug looks.
      let bounded = try stage.snug(["run", "-p", "bounded", "--", "echo", "started"], extra: manager.environment)
      #expect(bounded.status == 125 && bounded.output == "", "\(bounded.everything)")
      #expect(
        bounded.errors.hasPrefix(
          "snug: cannot limit memory to 1G: systemd says that it has made a scope, and nothing is in one\n  at "),
        "\(bounded.errors)")
      let loose = try stage.snug(
        ["run", "-v", "--status-fd", "1", "-p", "loose", "--", "true"], extra: manager.environment)
      #expect(loose.status == 0, "\(loose.everything)")
      #expect(loose.errors.contains("snug: not enforced on this machine: limits.memory\n"))
      #expect(loose.output.contains("\"not-enforced\":[\"limits.memory\",\"limits.cpu\"]"), "\(loose.output)")
      #expect(manager.asked.count == 2)
      for call in manager.asked {
        #expect(call.hasPrefix("[dbus.String('app-snug-snug."), "\(call)")
        #expect(call.contains("'MemoryMax'), dbus.UInt64(1073741824") && call.contains("dbus.UInt64(500000"))
      }
      #expect(stage.leftovers(seconds: 0).count == 2, "bus and player alone")
    }

    @Test func `a scope that PID 1 is in is what is looked at and ended`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      try stage.profile("bounded", limits)
      try stage.profile("loose", "optional = [\"limits\"]\n\(limits)")
      // The player does what systemd does, as far as a kernel without these controllers lets it.
      let move =
        "import os; d = '\(cgroup.path)/' + args[0]; os.mkdir(d); "
        + "open(d + '/cgroup.procs', 'w').write(str(int(dict(args[2])['PIDs'][0]))); "
      let manager = try ServiceManager(stage, answering: move + ServiceManager.ends("done"))
      let bounded = try cgroup.start([stage.snug, "run", "-p", "bounded", "--", "true"], extra: manager.environment)
      let refused = bounded.finish()
      #expect(refused.status == 125, "\(refused.everything)")
      let start = "snug: cannot limit memory to 1G: systemd has made a scope, and its cgroup \(cgroup.path)/app-snug-"
      #expect(
        refused.errors.hasPrefix(start) && refused.errors.contains(".scope does not hold it\n"), "\(refused.errors)")
      let running = try cgroup.start(
        [stage.snug, "run", "-p", "loose", "--", "sh", "-c", "echo ready; read line"], extra: manager.environment)
      #expect(running.waitFor("ready"))
      let pid = try #require(running.initPID)
      let place = try #require(cgroup.place(of: pid))
      #expect(place.hasPrefix("/app-snug-snug.loose-") && place.hasSuffix(".scope"), "\(place)")
      for app in running.appPIDs { #expect(cgroup.place(of: app) == place) }
      #expect(cgroup.place(of: running.pid) == "")
      try cgroup.write("1", to: "\(place)/cgroup.freeze")
      #expect(eventually { cgroup.read("\(place)/cgroup.events")?.contains("frozen 1") == true })
      running.signal(SIGINT)
      usleep(20_000)
      running.signal(SIGINT)
      // The launcher lives to tell: what it killed was the scope and nothing above.
      #expect(running.finish(seconds: 20).status == 137)
    }

    @Test func `a refusal is the start's refusal`() throws {
      let stage = try stage()
      try stage.profile("bounded", limits)
      let code = "raise dbus.exceptions.DBusException('No.', name='org.freedesktop.DBus.Error.AccessDenied')"
      let manager = try ServiceManager(stage, answering: code)
      let done = try stage.snug(["run", "-p", "bounded", "--", "echo", "started"], extra: manager.environment)
      #expect(done.status == 125 && done.output == "")
      let why = "cannot limit memory to 1G: the systemd user manager refuses the scope: No."
      #expect(done.errors.hasPrefix("snug: \(why)\n  at \(stage.home)/.config/snug/profiles/bounded.toml:3:10\n"))
      let check = try stage.snug(["check", "bounded"], extra: manager.environment)
      #expect(check.status == 1 && check.errors.contains(why), "\(check.everything)")
    }

    @Test func `the helper that is missing is named`() throws {
      let stage = try stage()
      try stage.profile("bounded", limits)
      let manager = try ServiceManager(stage, answering: ServiceManager.ends("done"))
      try Stage.shell("mv \(stage.snugBus) \(stage.snugBus).away")
      defer { _ = try? Stage.shell("mv \(stage.snugBus).away \(stage.snugBus)") }
      let done = try stage.snug(["run", "-p", "bounded", "--", "true"], extra: manager.environment)
      #expect(done.status == 125)
      let start =
        "snug: cannot limit memory to 1G: cannot run \(stage.snugBus), which asks systemd: it is not there, and "
      #expect(done.errors.hasPrefix(start), "\(done.errors)")
    }
  }
}
