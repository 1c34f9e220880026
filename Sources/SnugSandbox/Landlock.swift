import SnugPlan
import SnugProfile

/// Rights of `landlock(7)` by the ABI that brought them.
enum LandlockRight {
  static let execute: UInt64 = 1 << 0
  static let writeFile: UInt64 = 1 << 1
  static let readFile: UInt64 = 1 << 2
  static let readDirectory: UInt64 = 1 << 3
  static let makeCharacterDevice: UInt64 = 1 << 6
  static let makeBlockDevice: UInt64 = 1 << 11
  static let truncate: UInt64 = 1 << 14
  static let ioctlDevice: UInt64 = 1 << 15

  /// All file rights that a kernel of this ABI knows.
  static func known(abi: Int) -> UInt64 {
    var bits: UInt64 = (1 << 13) - 1
    if abi >= 2 { bits |= 1 << 13 }
    if abi >= 3 { bits |= truncate }
    if abi >= 5 { bits |= ioctlDevice }
    return bits
  }

  /// The only rights that a rule on something other than a directory may name.
  static let ofFiles = execute | writeFile | readFile | truncate | ioctlDevice
  static let connectTCP: UInt64 = 1 << 1
}

extension LandlockRule.Rights {
  /// The bits of a class.
  var bits: UInt64 {
    let read = LandlockRight.execute | LandlockRight.readFile | LandlockRight.readDirectory
    switch self {
    case .read: return read
    // With execute, else `make && ./a.out` fails; no nodes, no device ioctls.
    case .write:
      return LandlockRight.known(abi: .max)
        & ~(LandlockRight.makeCharacterDevice | LandlockRight.makeBlockDevice | LandlockRight.ioctlDevice)
    case .modify: return read | LandlockRight.writeFile | LandlockRight.truncate
    // Without the ioctl right isatty() says no.
    case .device: return read | LandlockRight.writeFile | LandlockRight.truncate | LandlockRight.ioctlDevice
    }
  }
}

extension Landlock.Scope {
  var bits: UInt64 {
    switch self {
    case .abstractUnixSocket: 1 << 0
    case .signal: 1 << 1
    }
  }
}

/// Builds the ruleset of a policy on the final tree and enforces it on this process and all its children.
///
/// Runs in the sandbox's PID 1.
func enforceLandlock(_ policy: LandlockPolicy, _ site: Site, on kernel: any Kernel) throws(KernelError) {
  let handled = LandlockRights(
    files: policy.files ? LandlockRight.known(abi: policy.abi) : 0,
    network: policy.connectTCP == nil ? 0 : LandlockRight.connectTCP,
    scope: policy.scope.reduce(0) { $0 | $1.bits })
  guard policy.abi > 0, handled.files | handled.network | handled.scope != 0 else { return }
  let ruleset = try kernel.landlockCreateRuleset(handled)
  if policy.files {
    for rule in policy.rules {
      let place = try kernel.openat2(site.newRoot, rule.path, .path)
      let isDirectory = try kernel.statx(place).type == .directory
      let bits = rule.rights.bits & handled.files & (isDirectory ? .max : LandlockRight.ofFiles)
      try kernel.landlockAddPath(ruleset, place, bits)
      kernel.close(place)
    }
  }
  for port in policy.connectTCP ?? [] { try kernel.landlockAddConnect(ruleset, port: port) }
  try kernel.landlockRestrict(ruleset)
  kernel.close(ruleset)
}
