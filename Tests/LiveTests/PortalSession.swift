import Glibc
import TestSupport
import Testing

/// A desktop session of the stage's user without a screen: an X server, a message bus, xdg-desktop-portal with its parts,
/// and a server of notifications that writes down what it is asked for.
///
/// Run as root it lives in a mount namespace of its own: the document portal's file system goes with it, and its device
/// is one that the user may open.
final class PortalSession {
  let stage: Stage
  /// XDG_RUNTIME_DIR, with the socket of the bus.
  let runtime: String
  private let folder: String
  private var running: [Running] = []
  private var holder: Running?
  private var display = ""

  /// Names of the bus that a call starts; the other parts are started at once.
  private static let activated = [("org.freedesktop.portal.Documents", "/usr/libexec/xdg-document-portal")]

  /// Starts it; without `portals` only the bus and the notifications.
  init(_ stage: Stage, portals: Bool = true, documents: Bool = true, notifications: Bool = true) throws {
    self.stage = stage
    folder = "\(try stage.workFolder())/session"
    runtime = "\(folder)/run"
    try stage.outside(
      shell: "rm -rf \(folder); mkdir -p \(folder)/services \(folder)/data/applications; mkdir -m 700 \(runtime)")
    try makeConfiguration(documents: documents)
    do {
      if stage.isRoot { try enterNamespace() }
      if portals { try startDisplay() }
      try begin(["/usr/bin/dbus-daemon", "--config-file=\(folder)/bus.conf", "--nofork", "--print-address"], "unix:")
      if notifications {
        try begin(
          ["/usr/bin/python3", "-m", "dbusmock", "--session", "--template", "notification_daemon", "-l", log],
          owning: "org.freedesktop.Notifications")
      }
      guard portals else { return }
      try begin(
        ["/usr/libexec/xdg-permission-store"], owning: "org.freedesktop.impl.portal.PermissionStore")
      try begin(["/usr/libexec/xdg-desktop-portal-gtk"], owning: "org.freedesktop.impl.portal.desktop.gtk")
      try begin(["/usr/libexec/xdg-desktop-portal"], owning: "org.freedesktop.portal.Desktop")
    } catch {
      end()
      throw error
    }
  }

  deinit { end() }

  private var log: String { "\(folder)/notifications" }
  /// Calls to the server of notifications, a line each.
  var notifications: [String] { (readText(log) ?? "").split(separator: "\n").map(String.init) }

  /// What the session's programs and those started in it are told.
  var environment: [String] {
    [
      "XDG_RUNTIME_DIR=\(runtime)", "DBUS_SESSION_BUS_ADDRESS=unix:path=\(runtime)/bus", "DISPLAY=\(display)",
      "XDG_CURRENT_DESKTOP=gnome", "GSETTINGS_BACKEND=memory", "GIO_USE_VFS=local", "NO_AT_BRIDGE=1",
      "XDG_DATA_HOME=\(folder)/data", "XDG_STATE_HOME=\(folder)/state",
    ]
  }

  /// Takes away all of it.
  func end() {
    for process in running.reversed() {
      process.signal(SIGTERM)
      _ = process.finish(seconds: 5)
    }
    running = []
    // What the bus has started ends with it, and in a namespace of its own that with its first process.
    _ = eventually(seconds: 5) { stage.processes().allSatisfy { !isOurs($0) } }
    for pid in stage.processes() where isOurs(pid) { kill(Int32(pid) ?? 0, SIGKILL) }
    if let holder {
      holder.signal(SIGKILL)
      _ = holder.finish()
    } else {
      _ = try? stage.outside(shell: "fusermount3 -u \(runtime)/doc 2>/dev/null || true")
    }
    holder = nil
    _ = try? stage.remove(folder)
  }

  private func isOurs(_ pid: String) -> Bool {
    (readText("/proc/\(pid)/environ") ?? "").contains("XDG_RUNTIME_DIR=\(runtime)\0")
  }

  // MARK: - Starting things in it

  /// Starts a command of the user's in the session.
  func start(_ argv: [String], extra: [String] = [], directory: String? = nil) throws -> Running {
    let own = environment + extra
    let inherited = stage.environment.filter { line in
      !own.contains { $0.split(separator: "=").first == line.split(separator: "=").first }
    }
    let awkward = [
      stage.probe, "awkward", String(stage.uid), String(stage.gid), String(stage.gid), "022", "-", "0", "default",
      directory ?? stage.home,
    ]
    let enter = holder.map { ["/usr/bin/nsenter", "--mount=/proc/\($0.pid)/ns/mnt"] } ?? []
    return try Running(enter + awkward + argv, environment: inherited + own)
  }

  /// The same to its end.
  func run(_ argv: [String], extra: [String] = [], directory: String? = nil) throws -> Finished {
    try start(argv, extra: extra, directory: directory).finish()
  }

  /// `snug run -p PROFILE -- sh -c LINE`.
  func inside(_ line: String, _ profile: String, _ words: [String] = [], extra: [String] = []) throws -> Finished {
    try run([stage.snug, "run", "-p", profile, "--", "sh", "-c", line, "x"] + words, extra: extra)
  }

  private func begin(_ argv: [String], _ ready: String) throws {
    let process = try start(argv)
    running.append(process)
    try #require(process.waitFor(ready), "\(argv): \(process.errorsSoFar)")
  }

  private func begin(_ argv: [String], owning name: String) throws {
    running.append(try start(argv))
    let isOwned = eventually(seconds: 30) { (try? self.isOwned(name)) == true }
    try #require(isOwned, "\(argv) does not own \(name)")
  }

  private func isOwned(_ name: String) throws -> Bool {
    try run(
      [
        "/usr/bin/dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
        "org.freedesktop.DBus.NameHasOwner", "string:\(name)",
      ]
    ).output.contains("boolean true")
  }

  private func startDisplay() throws {
    let server = try start(["/usr/bin/Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "800x600x24"])
    running.append(server)
    try #require(server.waitFor("\n"))
    display = ":" + server.outputSoFar.filter { $0.isNumber }
  }

  private func enterNamespace() throws {
    // A device of the user's: machines without systemd leave it to root.
    let script = """
      mount -t tmpfs -o mode=755 none /mnt; mknod -m 666 /mnt/fuse c 10 229; mount --bind /mnt/fuse /dev/fuse
      umount -l /mnt; echo ready; exec sleep 100000
      """
    let process = try Running(
      ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-ec", script],
      environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    try #require(process.waitFor("ready"), "\(process.errorsSoFar)")
    holder = process
  }

  private func makeConfiguration(documents: Bool) throws {
    try stage.write(
      """
      <busconfig><type>session</type><listen>unix:path=\(runtime)/bus</listen>
      <servicedir>\(folder)/services</servicedir>
      <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
      </busconfig>
      """, to: "\(folder)/bus.conf")
    for (name, program) in Self.activated where documents {
      try stage.write("[D-BUS Service]\nName=\(name)\nExec=\(program)\n", to: "\(folder)/services/\(name).service")
    }
    // Who opens links in this session writes them down.
    try stage.write("#!/bin/sh\nprintf '%s\\n' \"$@\" >>\(folder)/opened\n", to: "\(folder)/opener", mode: "755")
    try stage.write(
      """
      [Desktop Entry]
      Type=Application
      Name=Opener
      Exec=\(folder)/opener %u
      MimeType=x-scheme-handler/http;

      """, to: "\(folder)/data/applications/opener.desktop")
    try stage.write(
      "[Default Applications]\nx-scheme-handler/http=opener.desktop\n", to: "\(folder)/data/applications/mimeapps.list")
  }

  /// Links that were opened outside.
  var opened: [String] { (readText("\(folder)/opened") ?? "").split(separator: "\n").map(String.init) }
}
