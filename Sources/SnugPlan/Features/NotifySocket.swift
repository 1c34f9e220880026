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
    guard let socket = source("/" + names.joined(separator: "/"), written: address) else {
      return refuse("\(address) does not exist")
    }
    guard socket.type == .socket else { return refuse("\(address) is a \(socket.type.rawValue), not a socket") }
    switch host.owner(socket.path) {
    case host.uid, 0: break
    case let owner?: return refuse("\(address) belongs to user \(owner), neither you nor root")
    case nil: return refuse("whose socket \(address) is cannot be told")
    }
    guard let target = destination(notifySocketPlace, from: origin) else { return }
    put(.bind(Bind(source: socket, target: target, access: .readOnly)), from: origin)
    set(variable, target, from: origin)
  }

  /// A socket without a file cannot be put inside: it is reached where network namespace and landlock let it, or not.
  private mutating func keepAbstract(_ address: String, from origin: Origin) {
    let isScoped = host.landlockABI >= 6 && profile.landlock.scope.contains { $0.value == .abstractUnixSocket }
    let why: String
    if profile.network.mode.value != .host {
      why = "abstract sockets belong to a network, and the app has one of its own"
    } else if isScoped {
      why = "landlock.scope keeps the app from the abstract sockets outside"
    } else {
      return set("NOTIFY_SOCKET", address, from: origin)
    }
    fail(
      .cannotStartHere, "cannot keep NOTIFY_SOCKET: \(address) cannot be reached: \(why)", at: origin,
      hint: "let the service manager listen at a path")
  }
}
