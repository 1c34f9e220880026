import SnugProfile

/// Where the service manager's socket stands inside: a place of Snug's own, short enough for a socket's address.
let notifySocketPlace = "/run/snug/notify"

extension Draft {
  /// `environment.keep = ["NOTIFY_SOCKET"]`: the socket that it names, alone, and the variable set to where it is
  /// inside. See sd_notify(3).
  mutating func addNotifySocket() {
    let variable = "NOTIFY_SOCKET"
    guard let asked = profile.environment.keep.last(where: { $0.value == variable }),
      !profile.environment.unset.contains(where: { $0.value == variable }),
      !profile.environment.set.contains(where: { $0.value.name == variable }),
      let value = host.environment.last(where: { $0.name == variable })?.value, !value.isEmpty
    else { return }
    let origin = asked.origin
    func refuse(_ reason: String, hint: String? = nil) {
      fail(.cannotStartHere, "cannot keep NOTIFY_SOCKET: \(reason)", at: origin, hint: hint)
    }
    guard let address = validText(value) else { return refuse("its value is not UTF-8") }
    if address.utf8.first == UInt8(ascii: "@") { return keepAbstract(address, from: origin) }
    let names = components(address)
    guard address.utf8.first == UInt8(ascii: "/"), !names.contains("."), !names.contains("..") else {
      return refuse("\(address) is not an absolute path without . and ..")
    }
    switch hostSocket("/" + names.joined(separator: "/")) {
    case .missing: refuse("\(address) does not exist")
    case .refused(let why): refuse(why)
    case .found(let socket):
      guard let target = destination(notifySocketPlace, from: origin) else { return }
      put(.bind(Bind(source: socket, target: target, access: .readOnly)), from: origin, isFeature: true)
      set(variable, target, from: origin)
    }
  }

  /// A socket without a file cannot be put inside: it is reached where network namespace and landlock let it, or not.
  private mutating func keepAbstract(_ address: String, from origin: Origin) {
    if reachesAbstractSockets { return set("NOTIFY_SOCKET", address, from: origin) }
    let why =
      profile.network.mode.value != .host
      ? "abstract sockets belong to a network, and the app has one of its own"
      : "landlock.scope keeps the app from the abstract sockets outside"
    fail(
      .cannotStartHere, "cannot keep NOTIFY_SOCKET: \(address) cannot be reached: \(why)", at: origin,
      hint: "let the service manager listen at a path")
  }
}
