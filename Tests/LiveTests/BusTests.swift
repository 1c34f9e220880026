import Glibc
import TestSupport
import Testing

extension Live {
  /// The message buses through the proxy: rows 106, 107, 110, 112 and 138 of the threat list.
  @Suite(.serialized) struct BusTests {
    private let stage: Stage
    private static let rules = """
      extends = ["default"]
      [bus.session]
      talk = ["org.a.Good"]
      own = ["org.example.App.*"]
      """

    init() throws {
      stage = try LiveTests.stage()
      try stage.profile("bus", Self.rules)
    }

    private func withBus(
      socket: String? = nil, serving names: [String] = ["org.a.Good", "org.a.Other"],
      _ body: (MessageBus) throws -> Void
    ) throws {
      let bus = try MessageBus(stage, socket: socket, serving: names)
      defer { bus.end() }
      try body(bus)
    }

    private func inside(_ line: String, _ bus: MessageBus, _ profile: String = "bus") throws -> Finished {
      try stage.inside(shell: line, profile, extra: [bus.environment])
    }

    /// The proxies of this user that live.
    private var proxies: [Int32] {
      stage.processes().filter { readText("/proc/\($0)/comm") == "xdg-dbus-proxy\n" }.compactMap { Int32($0) }
        .filter { !hasEnded($0) }
    }

    private func expectNoProxy(sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(eventually { proxies.isEmpty }, "\(proxies)", sourceLocation: sourceLocation)
    }

    @Test func `allowed names answer, and nothing else is there`() throws {
      try withBus { bus in
        // The control: outside all of it works.
        for name in ["org.a.Good", "org.a.Other"] {
          let done = try stage.run(["/bin/sh", "-c", MessageBus.ping(name)], extra: [bus.environment])
          #expect(done.status == 0 && done.output.contains("pong from \(name)"), "\(done.everything)")
        }
        let allowed = try inside(MessageBus.ping("org.a.Good"), bus)
        #expect(allowed.status == 0 && allowed.output.contains("pong from org.a.Good"), "\(allowed.everything)")
        let refused = try inside(MessageBus.ping("org.a.Other"), bus)
        #expect(refused.status != 0 && refused.errors.contains("ServiceUnknown"), "\(refused.everything)")
        let daemon = "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus"
        let names = try inside("\(daemon).ListNames", bus)
        #expect(names.status == 0 && names.output.contains("org.a.Good"), "\(names.everything)")
        #expect(!names.output.contains("org.a.Other"), "\(names.everything)")
        let own = try inside("\(daemon).RequestName string:org.example.App.Window uint32:0", bus)
        #expect(own.status == 0 && own.output.contains("uint32 1"), "\(own.everything)")
        let other = try inside("\(daemon).RequestName string:org.example.Other uint32:0", bus)
        #expect(other.status != 0, "\(other.everything)")
      }
      expectNoProxy()
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
    }

    @Test func `single calls are allowed by their rule`() throws {
      try stage.profile(
        "bus-call", "extends = [\"default\"]\n[bus.session]\ncall = { \"org.a.Good\" = [\"org.a.Iface.Ping@/a\"] }")
      try withBus { bus in
        let allowed = try inside(MessageBus.ping("org.a.Good"), bus, "bus-call")
        #expect(allowed.status == 0, "\(allowed.everything)")
        let refused = try inside(MessageBus.ping("org.a.Good", at: "/b"), bus, "bus-call")
        #expect(refused.status != 0 && refused.errors.contains("AccessDenied"), "\(refused.everything)")
      }
    }

    @Test func `the bus itself is out of reach`() throws {
      try withBus { bus in
        let direct = "DBUS_SESSION_BUS_ADDRESS=\(bus.address) \(MessageBus.ping("org.a.Other"))"
        #expect(try stage.run(["/bin/sh", "-c", direct]).status == 0, "the control")
        let done = try inside(direct, bus)
        #expect(done.status != 0 && !done.output.contains("pong"), "\(done.everything)")
        // One socket in all that is mounted, and it is the proxy's.
        // What lies under a mount looks like a file in its directory, so each is asked.
        let sockets = try inside(
          "find /dev /etc /home /run /tmp /var $HOME -exec test -S {} ';' -print 2>/dev/null", bus)
        #expect(Set(sockets.output.split(separator: "\n")) == ["/run/user/\(stage.uid)/bus"], "\(sockets.everything)")
        let variables = try inside("env", bus)
        #expect(!variables.output.contains(stage.runtime), "\(variables.everything)")
        // Nor does it help to ask for nothing.
        let without = try inside(
          "\(MessageBus.ping("org.a.Other")) || unset DBUS_SESSION_BUS_ADDRESS; "
            + MessageBus.ping("org.a.Other"), bus, "default")
        #expect(without.status != 0 && !without.output.contains("pong"), "\(without.everything)")
      }
    }

    @Test(arguments: ["none", "host"])
    func `a bus without a file is filtered too`(network: String) throws {
      let name = "/tmp/snug-test-\(getpid())-\(network)"
      try stage.profile("bus-abstract", Self.rules + "\n[network]\nmode = \"\(network)\"")
      try withBus(socket: "abstract=\(name)") { bus in
        let good = try inside(MessageBus.ping("org.a.Good"), bus, "bus-abstract")
        #expect(good.status == 0 && good.output.contains("pong"), "\(good.everything)")
        let other = try inside(MessageBus.ping("org.a.Other"), bus, "bus-abstract")
        #expect(other.status != 0, "\(other.everything)")
        let direct = "DBUS_SESSION_BUS_ADDRESS=\(bus.address) \(MessageBus.ping("org.a.Other"))"
        #expect(try stage.run(["/bin/sh", "-c", direct]).status == 0, "the control")
        let past = try inside(direct, bus, "bus-abstract")
        #expect(past.status != 0 && !past.output.contains("pong"), "\(past.everything)")
      }
    }

    @Test func `the system bus by its own rules`() throws {
      try stage.profile(
        "bus-both",
        """
        extends = ["default"]
        [bus.session]
        [bus.system]
        talk = ["org.a.Other"]
        """)
      try withBus { bus in
        let extra = [bus.environment, "DBUS_SYSTEM_BUS_ADDRESS=\(bus.address)"]
        func inside(_ line: String) throws -> Finished { try stage.inside(shell: line, "bus-both", extra: extra) }
        let good = try inside(MessageBus.ping("org.a.Other", of: "system"))
        #expect(good.status == 0 && good.output.contains("pong from org.a.Other"), "\(good.everything)")
        for line in [MessageBus.ping("org.a.Good", of: "system"), MessageBus.ping("org.a.Other")] {
          let done = try inside(line)
          #expect(done.status != 0, "\(line): \(done.everything)")
        }
        let place = try inside("echo $DBUS_SYSTEM_BUS_ADDRESS; test -S /run/dbus/system_bus_socket")
        #expect(place.status == 0 && place.output == "unix:path=/run/dbus/system_bus_socket\n", "\(place.everything)")
      }
    }

    @Test func `the proxy's own box`() throws {
      try withBus { bus in
        let app = try stage.start(
          [stage.snug, "run", "-p", "bus", "--", "sh", "-c", "echo up; read x"], extra: [bus.environment])
        try #require(app.waitFor("up"))
        let proxy = try #require(proxies.first)
        #expect(proxies.count == 1)
        let status = readText("/proc/\(proxy)/status") ?? ""
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000"] { #expect(status.contains(line)) }
        for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
          #expect(linkText("/proc/\(proxy)/ns/\(kind)") != linkText("/proc/self/ns/\(kind)"), "\(kind)")
        }
        if stage.isRoot {
          let seen = try Stage.shell(
            "cd /proc/\(proxy)/root; ls -A . etc run run/snug run/snug/sockets")
          #expect(!seen.contains("home") && !seen.contains("proc") && !seen.contains("passwd"), "\(seen)")
          #expect(seen.contains("ld.so.cache") && seen.contains("session"), "\(seen)")
        }
        #expect((readText("/proc/\(proxy)/environ") ?? "") == "")
        app.closeInput()
        #expect(app.finish().status == 0 || proxies.isEmpty)
      }
      expectNoProxy()
    }

    @Test func `its death ends the app's bus`() throws {
      try withBus { bus in
        let ping = MessageBus.ping("org.a.Good")
        let app = try stage.start(
          [
            stage.snug, "run", "-p", "bus", "--", "sh", "-c",
            "\(ping); echo up; read x; \(ping) && echo pong again; exit 7",
          ],
          extra: [bus.environment])
        try #require(app.waitFor("up"))
        #expect(app.outputSoFar.contains("pong from org.a.Good"))
        for proxy in proxies { kill(proxy, 9) }
        expectNoProxy()
        app.send(Array("go\n".utf8))
        let done = app.finish()
        #expect(done.status == 7 && !done.output.contains("pong again"), "\(done.everything)")
        #expect(
          done.errors.contains("snug: the bus proxy has ended: the app has no message bus any more"),
          "\(done.everything)")
      }
    }

    @Test(arguments: [9, 15])
    func `no proxy outlives its launcher`(signal: Int32) throws {
      try withBus { bus in
        let app = try stage.start(
          [stage.snug, "run", "-p", "bus", "--", "sh", "-c", "echo up; sleep 1000"], extra: [bus.environment])
        try #require(app.waitFor("up"))
        #expect(proxies.count == 1)
        app.signal(signal)
        _ = app.finish()
        expectNoProxy()
        // Whoever starts next takes away what a killed one has left.
        #expect(try stage.snug(["ps"]).status == 0)
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      }
    }

    @Test func `many starts leave nothing`() throws {
      try withBus(serving: []) { bus in
        let before = try Stage.shell("wc -l < /proc/self/mounts")
        for _ in 0..<50 { #expect(try inside("true", bus).status == 0) }
        expectNoProxy()
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
        #expect(try Stage.shell("wc -l < /proc/self/mounts") == before)
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `what is missing is told`() throws {
      try withBus(serving: []) { bus in
        func refusal(_ extra: [String] = [], _ profile: String = "bus") throws -> Finished {
          try stage.snug(["run", "-p", profile, "--", "/usr/bin/true"], extra: [bus.environment] + extra)
        }
        #expect(try refusal().status == 0, "the control")
        let noProxy = try refusal(["PATH=/usr/local/games"])
        #expect(noProxy.status == 125, "\(noProxy.everything)")
        #expect(noProxy.errors.contains("no xdg-dbus-proxy in PATH"), "\(noProxy.everything)")
        #expect(noProxy.errors.contains("hint: install the package xdg-dbus-proxy"), "\(noProxy.everything)")
        let tcp = try stage.snug(
          ["run", "-p", "bus", "--", "true"], extra: ["DBUS_SESSION_BUS_ADDRESS=tcp:host=127.0.0.1,port=1"])
        #expect(tcp.status == 125 && tcp.errors.contains("only Unix sockets can be filtered"), "\(tcp.everything)")
        bus.end()
        let none = try stage.snug(["run", "-p", "bus", "--", "true"])
        #expect(none.status == 125 && none.errors.contains("there is no \(stage.runtime)/bus"), "\(none.everything)")
        #expect(none.errors.contains("dbus-run-session"), "\(none.everything)")
        try stage.outside(
          shell: "/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"\(stage.runtime)/bus\")'")
        defer { unlink("\(stage.runtime)/bus") }
        let dead = try stage.snug(["run", "-p", "bus", "--", "true"])
        #expect(
          dead.status == 125 && dead.errors.contains("nobody listens at \(stage.runtime)/bus"), "\(dead.everything)")
        try stage.profile("bus-optional", "optional = [\"bus.session\"]\n" + Self.rules)
        let without = try stage.snug(
          [
            "run", "-v", "-p", "bus-optional", "--", "sh", "-c",
            "echo [$DBUS_SESSION_BUS_ADDRESS]; ls -A $XDG_RUNTIME_DIR",
          ])
        #expect(without.status == 0 && without.output == "[]\n", "\(without.everything)")
        #expect(without.errors.contains("not enforced on this machine: bus.session"), "\(without.everything)")
      }
      expectNoProxy()
    }

    @Test func `a proxy that cannot start is told`() throws {
      let folder = "\(try stage.workFolder())/fake"
      try withBus(serving: []) { bus in
        for (script, words) in [
          ("echo 'no such option' >&2; exit 3", "ended at once with exit status 3"), ("kill -9 $$", "signal KILL"),
        ] {
          try stage.write("#!/bin/sh\n\(script)\n", to: "\(folder)/xdg-dbus-proxy", mode: "755")
          let done = try stage.snug(
            ["run", "-p", "bus", "--", "true"], extra: [bus.environment, "PATH=\(folder):/usr/bin:/bin"])
          #expect(done.status == 125 && done.errors.contains(words), "\(done.everything)")
        }
      }
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
    }

    @Test func `refused calls are shown with their rule`() throws {
      try stage.profile("bus-log", Self.rules + "\nlog = true")
      try withBus { bus in
        let line = "\(MessageBus.ping("org.a.Good")); \(MessageBus.ping("org.a.Other"))"
        let quiet = try inside(line, bus)
        #expect(!quiet.errors.contains("snug:"), "\(quiet.everything)")
        let done = try inside("for i in 1 2 3; do \(line); done", bus, "bus-log")
        #expect(
          done.errors.contains(
            "snug: the session bus refused a call to org.a.Other: org.a.Iface.Ping at /a\n"
              + "  hint: call = { \"org.a.Other\" = [\"org.a.Iface.Ping\"] } under [bus.session] allows it;"),
          "\(done.everything)")
        #expect(done.errors.components(of: "refused a call").count == 1, "\(done.everything)")
        // What it says is right: with that rule the call is made.
        try stage.profile(
          "bus-log", Self.rules + "\ncall = { \"org.a.Other\" = [\"org.a.Iface.Ping\"] }\nlog = true")
        let allowed = try inside(MessageBus.ping("org.a.Other"), bus, "bus-log")
        #expect(allowed.status == 0 && !allowed.errors.contains("snug:"), "\(allowed.everything)")
      }
    }

    @Test func `check and kept instances`() throws {
      try withBus { bus in
        let checked = try stage.snug(["check", "bus"], extra: [bus.environment])
        #expect(checked.status == 0, "\(checked.everything)")
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
        expectNoProxy()
        let kept = try stage.snug(
          ["run", "--detach", "--keep", "--name", "busbox", "-p", "bus"], extra: [bus.environment])
        #expect(kept.status == 0, "\(kept.everything)")
        defer { _ = try? stage.snug(["stop", "--now", "busbox"]) }
        func ping() throws -> Finished {
          try stage.snug(["exec", "busbox", "--", "sh", "-c", MessageBus.ping("org.a.Good")])
        }
        #expect(try ping().status == 0)
        // A fresh box has the same bus, also where the proxy has ended in between.
        #expect(try stage.snug(["reset", "busbox"]).status == 0)
        #expect(try ping().status == 0)
        for proxy in proxies { kill(proxy, 9) }
        expectNoProxy()
        #expect(try ping().status != 0)
        #expect(try stage.snug(["reset", "busbox"]).status == 0)
        let again = try ping()
        #expect(again.status == 0, "\(again.everything)")
      }
      expectNoProxy()
    }
  }
}

extension String {
  /// The pieces that a text has between, one for each time it holds it.
  fileprivate func components(of text: String) -> [Substring] {
    indices.filter { self[$0...].hasPrefix(text) }.map { self[$0...] }
  }
}
