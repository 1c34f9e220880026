import SnugProfile

/// Whom portals take the app for, and what the document portal lends it.
///
/// A portal asks the bus who calls and looks into the root of that process for `/.flatpak-info`: what has none counts as
/// a program of the host, which may everything. Behind a proxy it is the proxy's root.
public struct PortalPolicy: Hashable, Sendable {
  /// App id.
  public var id: String
  /// The app's own name for this start; `INSTANCE` until `setInstance`.
  public var instance: String
  /// Whether the app has a network: portals tell such an app of proxies and connections.
  public var hasNetwork: Bool
  /// Where the document portal's files stand inside; nil where they are not shown.
  public var documents: String?
  /// Host path of those of them that are this app's.
  public var ownDocuments: String
  /// Files of the command line that the document portal lends to the app.
  public var lent: [LentFile]
  /// Whether the app itself knows of portals; else they only know of it, for notifications or `files.arguments`.
  public var isForApp: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a policy.
  public init(
    id: String, instance: String = "INSTANCE", hasNetwork: Bool = false, documents: String? = nil,
    ownDocuments: String = "", lent: [LentFile] = [], isForApp: Bool = true, origin: Origin
  ) {
    self.id = id
    self.instance = instance
    self.hasNetwork = hasNetwork
    self.documents = documents
    self.ownDocuments = ownDocuments
    self.lent = lent
    self.isForApp = isForApp
    self.origin = origin
  }

  /// Name of the directory below `$XDG_RUNTIME_DIR/.flatpak` in which portals look for the app's processes. Flatpak's own
  /// names are numbers.
  public var instanceID: String { "snug-" + instance }

  /// Content of `/.flatpak-info`. Ids and names of instances hold nothing that means something in it.
  public var info: [UInt8] {
    var lines = ["[Application]", "name=\(id)", "", "[Instance]", "instance-id=\(instanceID)"]
    if hasNetwork { lines += ["", "[Context]", "shared=network;"] }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The file that stands in the root of whoever speaks for the app.
  public var infoFile: File { File(target: Self.infoPlace, content: info) }

  /// Where portals look for it.
  public static let infoPlace = "/.flatpak-info"
}

/// A file that the document portal lends to the app for this start.
public struct LentFile: Hashable, Sendable {
  /// Link-free path on the host.
  public var path: String
  /// As the caller wrote it.
  public var written: String
  /// Which word of the command it is, counted from the last one, which is 1.
  public var fromEnd: Int
  /// Whether the word is a URI.
  public var isURI: Bool

  /// Makes a file.
  public init(path: String, written: String, fromEnd: Int, isURI: Bool) {
    self.path = path
    self.written = written
    self.fromEnd = fromEnd
    self.isURI = isURI
  }
}

extension PortalPolicy {
  /// For `plan --json`.
  var json: JSON {
    .object([
      .init("id", .text(id)), .init("instance-id", .text(instanceID)),
      .init("documents", documents.map { .text($0) } ?? .null),
      .init("lent", .list(lent.map { .text($0.path) })), .init("origin", origin.json),
    ])
  }

  /// For `plan`.
  var rows: [[String]] {
    [["known as", escaped(id)]] + (documents.map { [["documents at", escaped($0)]] } ?? [])
      + lent.map { ["lends", escaped($0.path)] }
  }
}

extension Plan {
  /// Puts the name of one start in the place of the one that a plan is printed with.
  public mutating func setInstance(_ name: String) {
    guard portals != nil else { return }
    portals?.instance = name
    guard let file = portals?.infoFile else { return }
    for index in ops.indices {
      if case .file(let old) = ops[index].op, old.target == file.target { ops[index].op = .file(file) }
    }
  }

  /// Takes out the document portal's files, which are not there.
  public mutating func removeDocuments() {
    guard let policy = portals, policy.documents != nil else { return }
    ops.removeAll { planned in
      guard case .bind(let bind) = planned.op else { return false }
      return bind.source.identity == nil && samePath(bind.source.path, policy.ownDocuments)
    }
    portals?.documents = nil
  }

  /// Takes out what the app has of portals where the bus that leads to them is gone.
  mutating func removePortals() {
    guard let policy = portals, policy.isForApp else { return }
    portals?.isForApp = false
    ops.removeAll { planned in
      if case .bind = planned.op { return false }
      return planned.origin == policy.origin
    }
    if policy.lent.isEmpty { removeDocuments() }
    environment.removeAll { $0.name == portalVariable && $0.origin == policy.origin }
    for index in environment.indices where environment[index].name == "PATH" {
      guard environment[index].origin == policy.origin else { continue }
      environment[index] = PlannedVariable(name: "PATH", value: Array(Draft.searchPath.utf8), origin: .defaults)
    }
  }

  /// Puts what the document portal has lent in the place of the words that name it.
  ///
  /// - Parameter ids: of the documents, in the order of `PortalPolicy.lent`.
  public mutating func setLent(_ ids: [String]) {
    guard let policy = portals, let place = policy.documents else { return }
    for (file, id) in zip(policy.lent, ids) {
      let path = joined(joined(place, id), splitPath(file.path).name)
      let index = command.count - file.fromEnd
      guard command.indices.contains(index) else { continue }
      command[index] = file.isURI ? fileURI(path) : Array(path.utf8)
    }
  }
}
