import SnugProfile

extension Draft {
  /// A socket of a service that the caller runs, or the machine.
  enum HostSocket {
    /// One that may be shown inside.
    case found(Source)
    /// Nothing has that name.
    case missing
    /// It is no socket, or somebody else's: why, in plain words.
    case refused(String)
  }

  /// Looks at a socket and judges whose it is: who listens at one of another user's is told what the app says.
  mutating func hostSocket(_ path: String) -> HostSocket {
    switch look(path) {
    case .missing: return .missing
    case .unreadable(let code): return .refused("\(path): \(reason(code))")
    case .exists(_, let type, _, _) where type != .socket:
      return .refused("\(path) is a \(type.rawValue), not a socket")
    case .exists(let real, let type, let identity, _):
      switch host.owner(real) {
      case host.uid, 0: return .found(Source(path: real, written: path, type: type, identity: identity))
      case let owner?: return .refused("\(path) belongs to user \(owner), neither you nor root")
      case nil: return .refused("whose socket \(path) is cannot be told")
      }
    }
  }

  /// Whether the app reaches sockets without a file that others listen at: they are there for everything in their
  /// network, whatever is mounted, and landlock alone keeps it from them.
  var reachesAbstractSockets: Bool {
    let isKept = host.landlockABI >= 6 && profile.landlock.scope.contains { $0.value == .abstractUnixSocket }
    return profile.network.mode.value == .host && !isKept
  }

  /// The caller's runtime directory, or the usual place of one.
  var outsideRuntimeDirectory: String { host.runtimeDirectory ?? "/run/user/\(host.uid)" }
}

/// A clean absolute path; nil for all other texts.
func absolutePath(_ text: String) -> String? {
  let names = components(text)
  guard text.utf8.first == UInt8(ascii: "/"), !names.isEmpty, !names.contains("."), !names.contains("..") else {
    return nil
  }
  return "/" + names.joined(separator: "/")
}

/// A service of the host's that a plan leads to.
public struct PlannedService: Hashable, Sendable {
  /// `the SSH agent`.
  public var words: String
  /// Its socket.
  public var source: Source
  /// Whether the app is not started where nobody listens there; else it goes without.
  public var isNeeded: Bool
  /// What gives it.
  public var hint: String
  /// The line that asked for it.
  public var origin: Origin
}

extension Plan {
  /// The services whose sockets keys of `[desktop]` show. Whether somebody listens is asked only when the app is to be
  /// started: asking may start the service.
  public var services: [PlannedService] {
    var found: [PlannedService] = []
    if let sound {
      found.append(
        PlannedService(
          words: "sound", source: sound.server, isNeeded: false, hint: soundHint, origin: sound.origin))
    }
    for planned in ops {
      guard case .bind(let bind) = planned.op, bind.source.type == .socket, bind.source.identity != nil else {
        continue
      }
      func add(_ words: String, isNeeded: Bool, _ hint: String) {
        found.append(
          PlannedService(words: words, source: bind.source, isNeeded: isNeeded, hint: hint, origin: planned.origin))
      }
      if samePath(bind.target, sshAgentPlace) {
        add("the SSH agent", isNeeded: true, "start one: eval $(ssh-agent), then ssh-add -c")
      } else if bind.target.hasSuffix("/gnupg/S.gpg-agent") {
        add("the GnuPG agent", isNeeded: true, "start it: gpgconf --launch gpg-agent")
      } else if bind.target.hasSuffix("/pulse/native") {
        add("sound", isNeeded: false, soundHint)
      } else if samePath(bind.target, "/run/cups/cups.sock") {
        add("printers", isNeeded: false, "start the print server")
      }
    }
    return found
  }
}

private var soundHint: String { "start the sound server: pipewire-pulse, or pulseaudio" }
