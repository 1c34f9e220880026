import SnugProfile

/// What connects an app's own network with others: pasta(1), which makes the connections that the app asks for in its
/// place, outside.
public struct PrivateNetwork: Hashable, Sendable {
  /// Host path of pasta, link-free.
  public var program: Source
  /// Address of the resolver on the host's own loopback that answers in place of `forwardedNameServer`; nil where none
  /// of the machine's resolvers is there.
  public var nameServer: String?
  /// Content of `resolv.conf` inside; nil: the host's own serves.
  public var resolverSettings: String?
  /// Whether the app may start without any network where this one cannot be had.
  public var isOptional: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a network.
  public init(
    program: Source, nameServer: String? = nil, resolverSettings: String? = nil, isOptional: Bool = false,
    origin: Origin
  ) {
    self.program = program
    self.nameServer = nameServer
    self.resolverSettings = resolverSettings
    self.isOptional = isOptional
    self.origin = origin
  }

  /// The resolver's address as the app knows it: link-local, so that it is nobody's on the internet.
  public static var forwardedNameServer: String { "169.254.1.1" }

  /// pasta's words, to be followed by those that say which namespace.
  ///
  /// The app has the host's address, and so no way to what listens there: a connection to it stays inside. The gateway's
  /// would lead to the host's loopback without `--no-map-gw`, and ports that one side listens on would be opened on the
  /// other.
  public var arguments: [String] {
    var words = ["--foreground", "--quiet", "--config-net", "--no-map-gw", "--ns-ifname", "eth0"]
    for option in ["-t", "-u", "-T", "-U"] { words += [option, "none"] }
    // It reads the host's settings itself, and asks who stands first there.
    if nameServer != nil { words += ["--dns-forward", Self.forwardedNameServer] }
    return words
  }
}

extension Draft {
  /// `network.mode = "private"`: what connects it, and who looks up names. The app's namespace holds a loopback alone
  /// until the launcher connects it.
  mutating func addPrivateNetwork(notEnforced: inout [String]) {
    guard profile.network.mode.value == .userMode else { return }
    let origin = profile.network.mode.origin
    let isOptional = profile.mayGoUnenforced("network.mode")
    guard let program = helper("pasta") else {
      if isOptional {
        notEnforced.append("network.mode")
      } else {
        fail(
          .cannotStartHere, "cannot make a private network: there is no pasta in PATH", at: origin,
          hint: "install the package passt")
      }
      return
    }
    var network = PrivateNetwork(program: program, isOptional: isOptional, origin: origin)
    if let settings = host.read("/etc/resolv.conf") {
      let (server, inside) = forwardNameServers(String(decoding: settings, as: UTF8.self))
      network.nameServer = server
      if server != nil { network.resolverSettings = inside }
    }
    privateNetwork = network
  }
}

/// A resolver on the host's loopback, as systemd-resolved and dnsmasq are, is not that of the app's loopback: its
/// address is replaced by one that leads there, see resolv.conf(5).
///
/// - Returns: the first such resolver, nil where there is none, and the settings for inside.
func forwardNameServers(_ settings: String) -> (server: String?, inside: String) {
  var server: String?
  var out = ""
  for line in settings.split(separator: "\n", omittingEmptySubsequences: false) {
    let words = line.split { $0 == " " || $0 == "\t" }
    guard words.count > 1, words[0] == "nameserver" else {
      out += line + "\n"
      continue
    }
    let address = String(words[1])
    if isLoopback4(address) {
      // All of them are one and the same inside.
      if server == nil { out += "nameserver \(PrivateNetwork.forwardedNameServer)\n" }
      server = server ?? address
    } else if address != "::1" {
      out += line + "\n"
    }
  }
  while out.hasSuffix("\n\n") { out.removeLast() }
  return (server, out)
}

/// `127.` and three more numbers up to 255.
private func isLoopback4(_ address: String) -> Bool {
  let parts = address.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}

extension Plan {
  /// Takes out a private network that cannot be had and may go: the app has none then.
  public mutating func removePrivateNetwork() {
    guard privateNetwork != nil else { return }
    privateNetwork = nil
    notEnforced.append("network.mode")
  }
}

extension Plan {
  /// Where the app may write to pasta, which runs outside at the next start.
  func networkProblems(_ profile: Profile, _ host: Host) -> [Diagnostic] {
    guard let program = privateNetwork?.program else { return [] }
    guard var tree = finalTree(showing: [], writing: [program.path], profile, host),
      let seen = tree.writablePlace(of: program.path)
    else { return [] }
    return [
      Diagnostic(
        "cannot make a private network: the app may write to pasta, \(program.written)", .refusedGrant,
        at: seen.standing?.origin)
    ]
  }
}
