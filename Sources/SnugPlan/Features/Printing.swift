import SnugProfile

extension Draft {
  /// `desktop.printing`: the socket of CUPS at its usual place, and the caller's choice of a printer. See cups(1) and
  /// client.conf(5).
  mutating func addPrinting() {
    guard profile.desktop.printing.value else { return }
    let origin = profile.desktop.printing.origin
    func refuse(_ reason: String, hint: String? = nil) {
      fail(.cannotStartHere, "cannot reach the print server: \(reason)", at: origin, hint: hint)
    }
    let usual = "/run/cups/cups.sock"
    let named = host.variable("CUPS_SERVER") ?? ""
    guard let path = named.isEmpty ? usual : absolutePath(named) else {
      return refuse(
        "CUPS_SERVER is \(escaped(named)), which names no socket of this machine",
        hint: "unset it, or give the app the network and set CUPS_SERVER in [environment]")
    }
    switch hostSocket(path) {
    case .refused(let why): return refuse(why)
    case .missing:
      if !named.isEmpty { return refuse("CUPS_SERVER is \(escaped(named)), which does not exist") }
      return skip(
        "printers", "no print server runs: there is no \(usual)", at: origin,
        hint: "install and start the package cups")
    case .found(let source):
      guard let target = destination(usual, from: origin) else { return }
      put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin, isFeature: true)
      set("CUPS_SERVER", target, from: origin)
    }
    if profile.files.root.value == .system { for name in ["papersize", "cups/lpoptions"] { pick(name, from: origin) } }
    show(joined(host.home, ".cups/lpoptions"), from: origin)
  }
}
