import SnugProfile

/// Where things stand in the proxy's own box.
private let upstreams = "/run/snug/upstream"
private let ownSockets = "/run/snug/sockets"

/// The box of the proxy itself: the system's programs and libraries, read-only, the sockets of the buses, and the one
/// directory in which it makes its own. It reads every byte that the app sends, so an error in it must open nothing else.
///
/// - Parameters:
///   - id: app id of the app that it works for.
///   - directory: where the proxy makes its sockets, on the host.
///   - arguments: descriptor from which it reads its rules.
///   - ready: descriptor that it writes a byte to, and whose other end's closing ends it.
///   - files: what else is to stand in its root: who asks a bus whom it talks to is shown the proxy's.
public func busProxyPlan(
  _ policy: BusPolicy, for host: Host, id: String, directory: Source, arguments: Int32, ready: Int32,
  files: [File] = []
) -> Plan {
  var ops = systemOps(policy.proxy, host)
  var usesAbstract = false
  for bus in policy.buses {
    switch bus.upstream {
    case .socket(let source):
      ops.append(.bind(Bind(source: source, target: joined(upstreams, bus.kind.rawValue), access: .readOnly)))
    case .abstract: usesAbstract = true
    // Nobody has asked: there is nothing to stand before.
    case .asked: continue
    }
  }
  ops.append(.bind(Bind(source: directory, target: ownSockets, access: .writable)))
  ops += files.map { .file($0) }
  return helperPlan(
    "xdg-dbus-proxy", ops, writable: ownSockets, for: host, id: id, from: policy.buses.first?.origin ?? .defaults,
    passing: [arguments, ready], usesAbstract: usesAbstract, executable: policy.proxy.path,
    command: ["xdg-dbus-proxy", "--fd=\(ready)", "--args=\(arguments)"])
}

extension BusPolicy {
  /// What the proxy reads from its descriptor: words, each ended by a NUL byte. No word holds one: names and rules were
  /// judged when the profile was read.
  public var arguments: [UInt8] {
    var words: [[UInt8]] = []
    for bus in buses {
      switch bus.upstream {
      case .socket: words.append(Array("unix:path=\(upstreams)/\(bus.kind.rawValue)".utf8))
      case .abstract(let name): words.append(Array("unix:abstract=".utf8) + escapedForAddress(name))
      case .asked: continue
      }
      words.append(Array("\(ownSockets)/\(bus.kind.rawValue)".utf8))
      // Without it everything passes.
      words.append(Array("--filter".utf8))
      // Its clients go by names that no service of the session bus would have.
      if bus.kind == .accessibility { words.append(Array("--sloppy-names".utf8)) }
      if bus.log.value { words.append(Array("--log".utf8)) }
      words += bus.rules.map { Array($0.option.utf8) }
    }
    return words.flatMap { $0 + [0] }
  }
}

extension Plan {
  /// Whether the proxy's socket of a bus stands at a place inside.
  func isBusSocket(_ place: String) -> Bool { bus?.buses.contains { samePath($0.socket, place) } ?? false }

  /// Takes out a bus that cannot be had and may go: nothing stands in its place.
  public mutating func removeBus(_ kind: FilteredBus.Kind) {
    guard let gone = bus?.buses.first(where: { $0.kind == kind }) else { return }
    removeSocket(at: gone.socket)
    environment.removeAll { $0.name == kind.variable && $0.origin == gone.origin }
    bus?.buses.removeAll { $0.kind == kind }
    if bus?.buses.isEmpty == true { bus = nil }
    notEnforced += gone.keys
    if kind == .session { removePortals() }
  }
}
