import SnugProfile

extension Draft {
  /// Certificates that the machine trusts, wherever the distribution keeps them: with any network.
  mutating func addCertificates() {
    guard profile.files.root.value != .empty, profile.network.mode.value != .none else { return }
    for name in ["ssl", "pki", "ca-certificates", "ca-certificates.conf"] {
      pick(name, from: profile.network.mode.origin)
    }
  }
}
