import SnugProfile

extension Draft {
  /// How names of machines and services are found: with a network the machine's own settings, without one the loopback
  /// names, since the loopback of the sandbox is up.
  mutating func addNameResolution() {
    guard profile.files.root.value != .empty else { return }
    let origin = profile.network.mode.origin
    if profile.network.mode.value != .none {
      if let settings = privateNetwork?.resolverSettings {
        put(.file(File(target: "/etc/resolv.conf", content: Array(settings.utf8))), from: origin)
      } else {
        pick("resolv.conf", from: origin)
      }
      for name in [
        "hosts", "host.conf", "gai.conf", "services", "protocols", "networks", "ssh/ssh_config",
        "ssh/ssh_config.d",
      ] { pick(name, from: origin) }
    } else if profile.files.root.value == .system {
      let hosts = "127.0.0.1 localhost \(profile.process.hostname.value)\n::1 localhost\n"
      put(.file(File(target: "/etc/hosts", content: Array(hosts.utf8))), from: origin)
    }
  }
}
