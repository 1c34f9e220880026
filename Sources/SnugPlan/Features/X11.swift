import SnugProfile

extension Draft {
  /// `desktop.x11 = true`: the socket of the caller's display and the one cookie for it, nothing else of the server's.
  mutating func addX11() {
    guard profile.desktop.x11.value == .plain else { return }
    let origin = profile.desktop.x11.origin
    guard let text = host.variable("DISPLAY"), !text.isEmpty else {
      fail(.cannotStartHere, "cannot reach the X server: DISPLAY is not set", at: origin)
      return
    }
    guard let display = localDisplay(text) else {
      fail(
        .cannotStartHere, "cannot reach the X server: DISPLAY is \(text), which is not a display of this machine",
        at: origin,
        hint: "only local displays such as :0 are supported")
      return
    }
    let socket = "/tmp/.X11-unix/X\(display.number)"
    guard let source = source(socket), source.type == .socket else {
      fail(
        .cannotStartHere, "cannot reach the X server: DISPLAY=\(text) asks for \(socket), which does not exist",
        at: origin)
      return
    }
    guard let target = destination(socket, from: origin) else { return }
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin)
    set("DISPLAY", ":\(display.number)" + (display.screen.map { ".\($0)" } ?? ""), from: origin)
    addCookie(display.number, from: origin)
    if profile.files.root.value == .system {
      for name in ["X11", "xdg", "gtk-2.0", "gtk-3.0", "gtk-4.0"] { pick(name, from: origin) }
    }
  }

  /// The cookie goes in for any machine name: inside, this machine has another one. A server that asks for none is fine.
  private mutating func addCookie(_ display: Int, from origin: Origin) {
    let file = host.variable("XAUTHORITY") ?? joined(host.home, ".Xauthority")
    guard let content = host.read(file),
      let found = cookie(for: display, on: host.hostName, in: readXauthority(content))
    else { return }
    let entry = XauthorityEntry(
      family: XauthorityEntry.wild, address: [], number: found.number, name: found.name, data: found.data)
    guard let target = destination("/run/snug/Xauthority", from: origin) else { return }
    put(.file(File(target: target, content: entry.bytes, mode: 0o600)), from: origin)
    set("XAUTHORITY", target, from: origin)
  }
}

/// Number and screen of a display on this machine: `:0`, `:0.1`, `unix:0`, `host/unix:0`; nil for all others, see
/// X(7).
func localDisplay(_ text: String) -> (number: Int, screen: Int?)? {
  guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
  let machine = text[..<colon]
  guard machine.isEmpty || machine == "unix" || machine.utf8.suffix(5).elementsEqual("/unix".utf8) else { return nil }
  let parts = text[text.utf8.index(after: colon)...].utf8.split(
    separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
  func number(_ part: Substring.UTF8View) -> Int? {
    guard !part.isEmpty, part.count <= 5, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(Substring(part))
  }
  guard let display = parts.first.flatMap(number) else { return nil }
  if parts.count == 1 { return (display, nil) }
  guard let screen = number(parts[1]) else { return nil }
  return (display, screen)
}
