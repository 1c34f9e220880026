import TestSupport
import Testing

/// A message bus of the stage's user with two services on it, made by python3-gi: `org.a.Good` and `org.a.Other`, each
/// with a method `org.a.Iface.Ping` that answers with the service's name.
final class MessageBus {
  let stage: Stage
  /// Where its socket is: XDG_RUNTIME_DIR of who uses it.
  let runtime: String
  let address: String
  private var running: [Running] = []

  private static let service = """
    import sys
    from gi.repository import Gio, GLib
    name = sys.argv[1]
    info = Gio.DBusNodeInfo.new_for_xml('''<node><interface name="org.a.Iface"><method name="Ping">
      <arg type="s" direction="out"/></method></interface></node>''')
    def call(connection, sender, path, interface, method, arguments, invocation):
      invocation.return_value(GLib.Variant('(s)', ('pong from ' + name,)))
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    for path in ('/a', '/b'): bus.register_object(path, info.interfaces[0], call, None, None)
    Gio.bus_own_name_on_connection(bus, name, 0, lambda *_: print('ready', flush=True), None)
    GLib.MainLoop().run()
    """

  /// Starts it; `socket` is what stands after `unix:` in the address it listens at. One that does not activate has no
  /// service but those that are there: what is installed on the machine is not started.
  init(
    _ stage: Stage, socket: String? = nil, activates: Bool = true,
    serving names: [String] = ["org.a.Good", "org.a.Other"]
  ) throws {
    self.stage = stage
    runtime = stage.runtime
    try stage.outside(shell: "rm -f \(runtime)/bus")
    address = "unix:" + (socket ?? "path=\(runtime)/bus")
    var kind = "--session"
    if !activates {
      let file = "\(try stage.workFolder())/bus.conf"
      try stage.write(
        """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>session</type>
          <listen>unix:tmpdir=/tmp</listen>
          <policy context="default">
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
            <allow own="*"/>
          </policy>
        </busconfig>
        """, to: file)
      kind = "--config-file=\(file)"
    }
    let bus = try stage.start(
      ["/usr/bin/dbus-daemon", kind, "--nofork", "--print-address", "--address=\(address)"])
    running.append(bus)
    try #require(bus.waitFor("unix:"))
    for name in names {
      let service = try stage.start(["/usr/bin/python3", "-c", Self.service, name], extra: [environment])
      running.append(service)
      try #require(service.waitFor("ready"))
    }
  }

  /// For who is to use it.
  var environment: String { "DBUS_SESSION_BUS_ADDRESS=\(address)" }

  /// Ends it, with its services.
  func end() {
    for process in running.reversed() {
      process.signal(9)
      _ = process.finish()
    }
    running = []
    _ = try? stage.outside(shell: "rm -rf \(runtime)/bus \(runtime)/dbus-1")
  }

  /// What calls a service's method, as words of a shell.
  static func ping(_ name: String, at path: String = "/a", of bus: String = "session") -> String {
    "dbus-send --\(bus) --print-reply=literal --dest=\(name) \(path) org.a.Iface.Ping"
  }
}
