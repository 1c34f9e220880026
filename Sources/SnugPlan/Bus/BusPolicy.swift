import SnugProfile

/// What the app gets of the message buses: xdg-dbus-proxy(1) stands before each, and only its socket is inside.
public struct BusPolicy: Hashable, Sendable {
  /// Host path of the proxy, link-free.
  public var proxy: Source
  /// Session bus first.
  public var buses: [FilteredBus]

  /// Makes a policy.
  public init(proxy: Source, buses: [FilteredBus]) {
    self.proxy = proxy
    self.buses = buses
  }
}

/// One bus and what passes.
public struct FilteredBus: Hashable, Sendable {
  /// Which bus.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case session, system
    /// That of screen readers: the session bus knows where it is.
    case accessibility

    /// The profile's key: `bus.session`.
    public var key: String { self == .accessibility ? "desktop.accessibility" : "bus." + rawValue }
    /// `the session bus`.
    public var words: String { "the \(rawValue) bus" }
    /// Where clients find its address.
    public var variable: String {
      self == .accessibility ? "AT_SPI_BUS_ADDRESS" : "DBUS_\(rawValue.uppercased())_BUS_ADDRESS"
    }
  }
  /// Where the bus itself listens.
  public enum Upstream: Hashable, Sendable {
    /// A socket with a name, judged when the plan was compiled.
    case socket(Source)
    /// One without a file.
    case abstract([UInt8])
    /// Whoever the session bus names when the app is started.
    case asked
  }
  /// Which bus.
  public var kind: Kind
  /// Where the bus itself listens.
  public var upstream: Upstream
  /// Where the proxy's socket is inside.
  public var socket: String
  /// What passes. The order says nothing: the widest rule of a name holds.
  public var rules: [PlannedBusRule]
  /// Whether refused calls are shown.
  public var log: Located<Bool>
  /// The profile's keys that nothing comes of without the bus: that of its table, and those of features.
  public var keys: [String]
  /// Whether the app may start without the bus where there is none.
  public var isOptional: Bool
  /// The line that asked for the bus: its table, or the first feature that needs it.
  public var origin: Origin

  /// Makes a bus.
  public init(
    kind: Kind, upstream: Upstream, socket: String, rules: [PlannedBusRule], log: Located<Bool>,
    keys: [String]? = nil, isOptional: Bool = false, origin: Origin
  ) {
    self.kind = kind
    self.upstream = upstream
    self.socket = socket
    self.rules = rules
    self.log = log
    self.keys = keys ?? [kind.key]
    self.isOptional = isOptional
    self.origin = origin
  }
}

/// One rule of a bus, as xdg-dbus-proxy(1) takes it.
public struct PlannedBusRule: Hashable, Sendable {
  /// What it allows with a name.
  public enum Access: String, Hashable, Sendable {
    /// To know that it is there.
    case see
    /// Every call, every signal.
    case talk
    /// To be it.
    case own
    /// Calls that the rule names.
    case call
    /// Signals that the rule names.
    case broadcast
  }
  /// What it allows.
  public var access: Access
  /// A name, or `org.example.*`: that name and all below it.
  public var name: String
  /// Of `call` and `broadcast`: `[METHOD][@PATH]`.
  public var rule: String?
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a rule.
  public init(_ access: Access, _ name: String, rule: String? = nil, from origin: Origin) {
    self.access = access
    self.name = name
    self.rule = rule
    self.origin = origin
  }

  /// The proxy's option.
  var option: String { "--\(access.rawValue)=\(name)" + (rule.map { "=" + $0 } ?? "") }
}

extension FilteredBus {
  /// In words: a path, or `@name` of a socket without a file.
  var upstreamText: String {
    switch upstream {
    case .socket(let source): source.path
    case .abstract(let name): "@" + escaped(name)
    case .asked: "where the session bus says"
    }
  }
}

extension BusPolicy {
  /// For `plan --json`: a member for each bus, and the proxy.
  var json: JSON {
    .object(
      [.init("proxy", .text(proxy.path))]
        + buses.map { bus in
          .init(
            bus.kind.rawValue,
            .object([
              .init("upstream", .text(bus.upstreamText)), .init("socket", .text(bus.socket)),
              .init("rules", .list(bus.rules.map({ $0.json }))), .init("log", .boolean(bus.log.value)),
              .init("origin", bus.origin.json),
            ]))
        })
  }
}

extension PlannedBusRule {
  fileprivate var json: JSON {
    .object([
      .init("access", .text(access.rawValue)), .init("name", .text(name)),
      .init("rule", rule.map { .text($0) } ?? .null), .init("origin", origin.json),
    ])
  }
}
