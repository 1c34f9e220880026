import SnugProfile

/// What an own X server needs to be told that only the start knows.
public struct NestedServerStart {
  /// Where it makes its socket, on the host.
  public var directory: Source
  /// What it is a client of: the caller's X server or a compositor.
  public var outer: Source
  /// The cookie that it asks for.
  public var cookie: [UInt8]
  /// Size of its screen.
  public var size: ScreenSize
  /// Descriptor to which it writes its number when it is there.
  public var ready: Int32

  /// Makes a start.
  public init(directory: Source, outer: Source, cookie: [UInt8], size: ScreenSize, ready: Int32) {
    self.directory = directory
    self.outer = outer
    self.cookie = cookie
    self.size = size
    self.ready = ready
  }

  /// What the caller's X server is called inside; in `directory` there is a file of that name, for a mount to stand on:
  /// libxcb before 1.16 finds no socket elsewhere.
  public static let outerName = "X1"
}

private let folder = "/tmp/.X11-unix"
private let ownCookie = "/run/snug/server"
private let outerCookie = "/run/snug/client"
private let outerSocket = "/run/snug/wayland"

/// The box of an app's own X server: the system's programs and libraries, read-only, the one socket on which it shows its
/// window, and the directory of its own socket. It reads every byte that the app sends, so an error in it must open
/// nothing else.
///
/// - Parameters:
///   - id: app id of the app that it works for.
///   - profile: name of the app's profile, for the title of its window.
public func nestedServerPlan(
  _ policy: X11Policy, _ server: NestedServer, _ start: NestedServerStart, for host: Host, id: String, profile: String
) -> Plan {
  var ops = systemOps(server.program, host)
  // Its lock and the keyboard's map, which a compiler of its own writes.
  ops.append(.tmpfs(Tmpfs(target: "/tmp", size: 64 << 20, mode: 0o1777)))
  ops.append(.bind(Bind(source: start.directory, target: folder, access: .writable)))
  ops.append(.file(File(target: ownCookie, content: XauthorityEntry.cookie(start.cookie, for: 0).bytes, mode: 0o600)))
  var words = [server.kind.rawValue, ":0", "-displayfd", String(start.ready), "-auth", ownCookie, "-noreset"]
  // What has no file could be reached from elsewhere.
  words += ["-nolisten", "tcp", "-nolisten", "local"]
  var variables = [("PATH", "/usr/bin:/bin"), ("HOME", "/tmp"), ("XDG_RUNTIME_DIR", "/tmp")]
  switch server.kind {
  case .xephyr:
    let outer = joined(folder, NestedServerStart.outerName)
    ops.append(.bind(Bind(source: start.outer, target: outer, access: .readOnly)))
    variables.append(("DISPLAY", ":1"))
    // Its number of a shared segment would be another one's outside.
    variables.append(("XEPHYR_NO_SHM", "1"))
    if var secret = policy.secret {
      secret.number = [UInt8(ascii: "1")]
      ops.append(.file(File(target: outerCookie, content: secret.bytes, mode: 0o600)))
      variables.append(("XAUTHORITY", outerCookie))
    }
    words += ["-resizeable", "-screen", start.size.text, "-title", "\(profile) (snug)"]
  case .xwayland:
    ops.append(.bind(Bind(source: start.outer, target: outerSocket, access: .readOnly)))
    variables.append(("WAYLAND_DISPLAY", outerSocket))
    // There is no graphics card inside.
    words.append("-shm")
  }
  return helperPlan(
    server.kind.rawValue, ops, writable: "/tmp", for: host, id: id, from: policy.origin, passing: [start.ready],
    environment: variables.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }.map { name, value in
      PlannedVariable(name: name, value: Array(value.utf8), origin: policy.origin)
    },
    executable: server.program.path, command: words)
}
