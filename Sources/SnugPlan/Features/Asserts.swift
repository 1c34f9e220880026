import SnugProfile

/// One claim of `[assert]`, tried from inside after the last lock and before the app.
public struct PlannedAssert: Hashable, Sendable {
  /// What must be true.
  public enum Claim: Hashable, Sendable {
    /// Nothing of the host's is seen at the path.
    case hidden(Path)
    case readable(Path)
    case writable(Path)
    /// A route other than loopback exists, or none does.
    case network(Bool)
  }

  /// A path as the app would name it.
  public struct Path: Hashable, Sendable {
    /// Clean and absolute.
    public var path: String
    /// As the person wrote it.
    public var written: String
    /// What stands there on the host; nil where nothing does. What is seen inside may be something of Snug's own.
    public var hostIdentity: FileIdentity?

    /// Makes a path.
    public init(path: String, written: String, hostIdentity: FileIdentity? = nil) {
      self.path = path
      self.written = written
      self.hostIdentity = hostIdentity
    }
  }

  /// What must be true.
  public var claim: Claim
  /// The line that claims it.
  public var origin: Origin

  /// Joins a claim and its line.
  public init(claim: Claim, origin: Origin) {
    self.claim = claim
    self.origin = origin
  }

  /// The claim in the profile's words: `hidden ~/.ssh`, `network = false`.
  public var text: String {
    switch claim {
    case .hidden(let path): "hidden \(path.written)"
    case .readable(let path): "readable \(path.written)"
    case .writable(let path): "writable \(path.written)"
    case .network(let wanted): "network = \(wanted)"
    }
  }
}

extension Draft {
  /// The claims in the order of their keys. A name that stands for nothing on this machine is hidden; it cannot be read.
  mutating func asserts() -> [PlannedAssert] {
    let claims = profile.assertions
    var asserts: [PlannedAssert] = []
    func add(_ items: [Located<PathValue>], _ draft: inout Draft, _ claim: (PlannedAssert.Path) -> PlannedAssert.Claim)
    {
      for item in items {
        guard let path = item.value.absolute else {
          if case .hidden = claim(PlannedAssert.Path(path: "/", written: "")) { continue }
          draft.fail(.missingSource, "cannot try \(item.value.written): \(item.value.why)", at: item.origin)
          continue
        }
        var identity: FileIdentity?
        if case .exists(_, _, let present, _) = draft.look(path) { identity = present }
        let claim = claim(PlannedAssert.Path(path: path, written: item.value.written, hostIdentity: identity))
        asserts.append(PlannedAssert(claim: claim, origin: item.origin))
      }
    }
    add(claims.hidden, &self) { .hidden($0) }
    add(claims.readable, &self) { .readable($0) }
    add(claims.writable, &self) { .writable($0) }
    if let network = claims.network {
      asserts.append(PlannedAssert(claim: .network(network.value), origin: network.origin))
    }
    return asserts
  }
}
