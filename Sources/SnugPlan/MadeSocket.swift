import SnugProfile

/// What runs beside an instance and gives it sockets, each in a directory of its own: one that is taken over can then not
/// stand in the place of another.
public enum SocketMaker: String, Hashable, Sendable, CaseIterable {
  /// The proxy before the message buses.
  case bus
  /// The launcher, which lets the Wayland compositor listen.
  case wayland
  /// The X server of the instance's own.
  case x11
  /// The filter before the sound server.
  case sound

  /// Name of its directory in that of the instance, mode 0700.
  public var directory: String { rawValue }
}

extension Draft {
  /// A socket that will be there when the app starts. A plan is made before there is an instance: its place is named by
  /// `INSTANCE` until `setSockets` puts the real one in.
  func madeSocket(_ maker: SocketMaker, _ name: String, written: String) -> Source {
    let place = joined(host.runtimeDirectory ?? "/run/user/\(host.uid)", "snug/INSTANCE/\(maker.directory)/\(name)")
    return Source(path: place, written: written, type: .socket, identity: nil)
  }
}

extension Plan {
  /// Whether companions are to make sockets, for which a start needs a directory.
  public var needsSockets: Bool {
    ops.contains { planned in
      guard case .bind(let bind) = planned.op, bind.source.type == .socket, bind.source.identity == nil else {
        return false
      }
      return SocketMaker.allCases.contains { madeSocketName(bind.source.path, of: $0) != nil }
    }
  }

  /// Puts the directory of one start in the place of the one that a plan is printed with.
  public mutating func setSockets(of maker: SocketMaker, in directory: String) {
    for index in ops.indices {
      guard case .bind(var bind) = ops[index].op, bind.source.type == .socket, bind.source.identity == nil,
        let name = madeSocketName(bind.source.path, of: maker)
      else { continue }
      bind.source.path = joined(directory, name)
      ops[index].op = .bind(bind)
    }
  }

  /// Takes out the bind of a socket that cannot be had; nothing stands in its place.
  mutating func removeSocket(at place: String) {
    ops.removeAll { planned in
      guard case .bind(let bind) = planned.op else { return false }
      return samePath(bind.target, place) && bind.source.type == .socket && bind.source.identity == nil
    }
  }
}

/// The last component of a path that `madeSocket` has made.
private func madeSocketName(_ path: String, of maker: SocketMaker) -> String? {
  let parts = path.split(separator: "/")
  guard parts.count > 4, parts[parts.count - 4] == "snug", parts[parts.count - 3] == "INSTANCE",
    parts[parts.count - 2] == maker.directory, let name = parts.last
  else { return nil }
  return String(name)
}
