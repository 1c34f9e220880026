import SnugProfile

extension Draft {
  /// `devices.nodes`: device nodes by path, in the sandbox's own `/dev`.
  mutating func addDeviceNodes() {
    for node in profile.devices.nodes {
      let written = node.value.written
      guard let path = node.value.absolute, isAtOrBelow(path, "/dev") else {
        fail(.refusedGrant, "cannot bind device \(written): it is not below /dev", at: node.origin)
        continue
      }
      guard let source = source(path, written: written) else {
        fail(.missingSource, "cannot bind \(written) on \(path): \(reason(2))", at: node.origin)
        continue
      }
      guard source.type == .characterDevice else {
        fail(
          .refusedGrant, "cannot bind \(written) on \(path): it is a \(source.type.rawValue), not a character device",
          at: node.origin)
        continue
      }
      guard let target = destination(path, from: node.origin) else { continue }
      put(.bind(Bind(source: source, target: target, access: .device)), from: node.origin)
    }
    // The directory was left open for these, and for those of the features.
    if case .dev(let dev) = tree["/dev"]?.op, dev.isOpen {
      seals.append(Located("/dev", at: profile.devices.firstOrigin ?? .defaults))
    }
  }
}

extension Devices {
  /// The keys that each stand for a kind of devices.
  var kinds: [Located<Bool>] { [gpu, camera, input, kvm, usb] }
  /// Whether any node of the host's may be shown.
  var needNodes: Bool { !nodes.isEmpty || kinds.contains { $0.value } }
  /// The line that first asks for one.
  fileprivate var firstOrigin: Origin? { nodes.first?.origin ?? kinds.first { $0.value }?.origin }
}
