import Glibc
import TestSupport
import Testing

extension Live {
  /// Input methods and the accessibility bus through the proxy.
  @Suite(.serialized) struct AssistanceLiveTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
    }

    /// `org.a11y.Bus` on the session bus, which tells of a second bus, and the registry on that one.
    private static let services = """
      import sys
      from gi.repository import Gio, GLib
      def serve(connection, path, xml, answer):
        info = Gio.DBusNodeInfo.new_for_xml('<node>' + xml + '</node>')
        def call(connection, sender, path, interface, method, arguments, invocation):
          invocation.return_value(answer(method))
        for interface in info.interfaces: connection.register_object(path, interface, call, None, None)
      session = Gio.bus_get_sync(Gio.BusType.SESSION)
      flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
      other = Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags, None, None)
      out = '<arg type="s" direction="out"/>'
      serve(session, '/org/a11y/bus', '<interface name="org.a11y.Bus"><method name="GetAddress">' + out
        + '</method></interface>', lambda method: GLib.Variant('(s)', (sys.argv[1],)))
      serve(other, '/org/a11y/atspi/registry', '<interface name="org.a11y.atspi.Registry">'
        + ''.join('<method name="' + name + '">' + out + '</method>' for name in ('GetRegisteredEvents', 'RegisterEvent'))
        + '</interface>', lambda method: GLib.Variant('(s)', ('answer to ' + method,)))
      names = [(session, 'org.a11y.Bus'), (other, 'org.a11y.atspi.Registry')]
      def ready(*_):
        names.pop()
        if not names: print('ready', flush=True)
      for connection, name in list(names): Gio.bus_own_name_on_connection(connection, name, 0, ready, None)
      GLib.MainLoop().run()
      """

    private func call(_ method: String, _ address: String) -> String {
      "dbus-send --bus=\(address) --print-reply=literal --dest=org.a11y.atspi.Registry /org/a11y/atspi/registry "
        + "org.a11y.atspi.Registry.\(method)"
    }

    @Test func `a program can be read, and reads nobody`() throws {
      try stage.profile(
        "read-me",
        "extends = [\"default\"]\n[desktop]\naccessibility = true\n[environment]\nset = { NO_AT_BRIDGE = \"1\" }")
      // Machines with a screen reader's packages would start the real one.
      let bus = try MessageBus(stage, activates: false, serving: [])
      defer { bus.end() }
      let path = "\(stage.runtime)/at-spi-test"
      let other = try stage.start([
        "/usr/bin/dbus-daemon", "--session", "--nofork", "--print-address", "--address=unix:path=\(path)",
      ])
      var running = [other]
      func endAll() {
        for process in running.reversed() {
          process.signal(9)
          _ = process.finish()
        }
        running = []
        unlink(path)
      }
      defer { endAll() }
      try #require(other.waitFor("unix:"))
      func inside(_ line: String) throws -> Finished {
        try stage.inside(shell: line, "read-me", extra: [bus.environment])
      }
      // Nobody tells of it yet.
      let alone = try inside("true")
      #expect(alone.status == 125, "\(alone.everything)")
      #expect(
        alone.errors.contains("snug: cannot filter the accessibility bus: ") && alone.errors.contains("org.a11y.Bus"),
        "\(alone.everything)")
      let services = try stage.start(
        ["/usr/bin/python3", "-c", Self.services, "unix:path=\(path)"], extra: [bus.environment])
      running.append(services)
      try #require(services.waitFor("ready"))
      for method in ["GetRegisteredEvents", "RegisterEvent"] {
        let done = try stage.run(["/bin/sh", "-c", call(method, "unix:path=\(path)")])
        #expect(done.output.contains("answer to \(method)"), "the control: \(done.everything)")
      }
      let allowed = try inside("echo [$NO_AT_BRIDGE]; \(call("GetRegisteredEvents", "$AT_SPI_BUS_ADDRESS"))")
      #expect(
        allowed.status == 0 && allowed.output.hasPrefix("[]\n") && allowed.output.contains("answer to"),
        "\(allowed.everything)")
      let refused = try inside(call("RegisterEvent", "$AT_SPI_BUS_ADDRESS"))
      #expect(refused.status != 0 && !refused.output.contains("answer"), "\(refused.everything)")
      let past = try inside(call("GetRegisteredEvents", "unix:path=\(path)"))
      #expect(past.status != 0 && !past.output.contains("answer"), "\(past.everything)")
      let without = try stage.inside(
        shell: "echo [$AT_SPI_BUS_ADDRESS]; ls -A $XDG_RUNTIME_DIR", "default", extra: [bus.environment])
      #expect(without.output == "[]\n", "\(without.everything)")
      endAll()
      // The bus is gone: that is told, or let go.
      try stage.profile(
        "read-me-or-not", "optional = [\"desktop.accessibility\"]\nextends = [\"read-me\"]")
      let optional = try stage.snug(
        ["run", "-v", "-p", "read-me-or-not", "--", "sh", "-c", "echo [$AT_SPI_BUS_ADDRESS]"], extra: [bus.environment])
      #expect(optional.status == 0 && optional.output == "[]\n", "\(optional.everything)")
      #expect(
        optional.errors.contains("not enforced on this machine: desktop.accessibility"), "\(optional.everything)")
    }

    @Test func `an input method is reached by its portal alone`() throws {
      try stage.profile("typing", "extends = [\"default\"]\n[desktop]\ninput-method = true")
      let portal = "org.freedesktop.portal.Fcitx"
      let bus = try MessageBus(stage, serving: [portal, "org.fcitx.Fcitx5"])
      defer { bus.end() }
      func inside(_ line: String, _ profile: String = "typing") throws -> Finished {
        try stage.inside(shell: line, profile, extra: [bus.environment, "GTK_IM_MODULE=fcitx"])
      }
      let allowed = try inside("echo $GTK_IM_MODULE; \(MessageBus.ping(portal))")
      #expect(allowed.status == 0 && allowed.output.contains("pong from \(portal)"), "\(allowed.everything)")
      #expect(allowed.output.hasPrefix("fcitx\n"), "\(allowed.everything)")
      let refused = try inside(MessageBus.ping("org.fcitx.Fcitx5"))
      #expect(refused.status != 0 && !refused.output.contains("pong"), "\(refused.everything)")
      let without = try inside("echo [$GTK_IM_MODULE]; \(MessageBus.ping(portal))", "default")
      #expect(without.status != 0 && without.output == "[]\n", "\(without.everything)")
    }
  }
}
