import SnugProfile

/// How the app reaches an X server.
public struct X11Policy: Hashable, Sendable {
  /// What keeps the app from other windows.
  public enum Way: Hashable, Sendable {
    /// Nothing: the caller's server and cookie.
    case shared
    /// The caller's server, and a cookie that it trusts less: SECURITY extension.
    case untrusted
    /// A server of its own, which shows its screen in a window.
    case nested(NestedServer)
  }
  /// What keeps the app from other windows.
  public var way: Way
  /// Socket of the caller's server, judged when the plan was compiled; nil where the own one is a client of Wayland.
  public var display: Source?
  /// The caller's cookie for it; nil where the caller has none.
  public var secret: XauthorityEntry?
  /// Number of the display inside.
  public var number: Int
  /// Whether the app may start without it where it cannot be had.
  public var isOptional: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a policy.
  public init(
    way: Way, display: Source?, secret: XauthorityEntry?, number: Int, isOptional: Bool, origin: Origin
  ) {
    self.way = way
    self.display = display
    self.secret = secret
    self.number = number
    self.isOptional = isOptional
    self.origin = origin
  }

  /// The profile's key.
  static let key = "desktop.x11"
  /// Where the server's socket is inside.
  public var socket: String { xSocket(number) }
}

/// An X server of the instance's own.
public struct NestedServer: Hashable, Sendable {
  /// Which program.
  public enum Kind: String, Hashable, Sendable {
    /// A window on the caller's X server.
    case xephyr = "Xephyr"
    /// A window of the caller's Wayland compositor.
    case xwayland = "Xwayland"
  }
  /// Which program.
  public var kind: Kind
  /// Host path of it, link-free.
  public var program: Source
  /// Socket of the caller's compositor, for Xwayland.
  public var compositor: Source?
  /// Size of its screen where the person has said one.
  public var size: ScreenSize?

  /// Makes a server.
  public init(kind: Kind, program: Source, compositor: Source? = nil, size: ScreenSize? = nil) {
    self.kind = kind
    self.program = program
    self.compositor = compositor
    self.size = size
  }
}

/// Size of a screen in pixels.
public struct ScreenSize: Hashable, Sendable {
  /// From left to right.
  public var width: Int
  /// From top to bottom.
  public var height: Int

  /// Makes a size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Reads `1280x800`; nil for all else, and for what no server makes a screen of.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false)
    guard parts.count == 2, let width = Self.number(parts[0]), let height = Self.number(parts[1]) else { return nil }
    self.init(width: width, height: height)
  }

  private static func number(_ part: Substring.UTF8View) -> Int? {
    guard (2...5).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(Substring(part)), (64...16_384).contains(number)
    else { return nil }
    return number
  }

  /// What leaves the edges of a screen of this size free: nine tenths of it, at most 1600 by 1200.
  public var inside: ScreenSize {
    ScreenSize(width: min(1600, width * 9 / 10), height: min(1200, height * 9 / 10))
  }

  /// Where nothing is known of the screen that it is shown on.
  public static let usual = ScreenSize(width: 1280, height: 800)

  /// `1280x800`.
  public var text: String { "\(width)x\(height)" }
}

/// Where clients of a local display look for its socket, see X(7).
func xSocket(_ number: Int) -> String { "/tmp/.X11-unix/X\(number)" }

/// Where the app finds its cookie.
let cookieFile = "/run/snug/Xauthority"

extension XauthorityEntry {
  /// A cookie for a display of any machine: inside, this one has another name.
  public static func cookie(_ data: [UInt8], for display: Int) -> XauthorityEntry {
    XauthorityEntry(
      family: wild, address: [], number: Array(String(display).utf8), name: Array("MIT-MAGIC-COOKIE-1".utf8),
      data: data)
  }
}

extension Plan {
  /// Gives the app a cookie that was made for this start.
  public mutating func setCookie(_ data: [UInt8]) {
    guard let policy = x11 else { return }
    for index in ops.indices {
      guard case .file(var file) = ops[index].op, samePath(file.target, cookieFile), ops[index].origin == policy.origin
      else { continue }
      file.content = XauthorityEntry.cookie(data, for: policy.number).bytes
      ops[index].op = .file(file)
    }
  }

  /// Takes X11 out where it cannot be had as the profile asks for it, and may go.
  public mutating func removeX11() {
    guard let policy = x11 else { return }
    ops.removeAll { planned in
      planned.origin == policy.origin
        && (samePath(planned.op.target, policy.socket) || samePath(planned.op.target, cookieFile))
    }
    environment.removeAll {
      $0.origin == policy.origin && ($0.name == "DISPLAY" || $0.name == "XAUTHORITY")
    }
    x11 = nil
    lose(X11Policy.key)
  }
}

extension X11Policy {
  /// For `plan --json`.
  var json: JSON {
    var members: [JSON.Member] = [.init("way", .text(wayText)), .init("socket", .text(socket))]
    members.append(.init("display", display.map { .text($0.path) } ?? .null))
    if case .nested(let server) = way {
      members.append(.init("server", .text(server.program.path)))
      members.append(.init("compositor", server.compositor.map { .text($0.path) } ?? .null))
    }
    return .object(members + [.init("optional", .boolean(isOptional)), .init("origin", origin.json)])
  }

  /// `shared`, `untrusted` or `nested`.
  var wayText: String {
    switch way {
    case .shared: "shared"
    case .untrusted: "untrusted"
    case .nested: "nested"
    }
  }

  /// In words, for the plan.
  var text: String {
    switch way {
    case .shared: "\(escaped(socket)): the server that you use, with your cookie"
    case .untrusted: "\(escaped(socket)): the server that you use, with a cookie that it does not trust"
    case .nested(let server): "\(escaped(socket)): a server of its own, \(escaped(server.program.path))"
    }
  }
}
