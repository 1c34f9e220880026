import SnugProfile

/// A processor's system call interface, as `seccomp(2)` tells them apart.
public enum FilterArchitecture: String, Hashable, Sendable, CaseIterable {
  case x8664 = "x86_64"
  case aarch64
  case i386
  case arm

  /// The one this executable was built for.
  public static var native: FilterArchitecture {
    #if arch(x86_64)
      .x8664
    #elseif arch(arm64)
      .aarch64
    #else
      #error("no system call table for this architecture")
    #endif
  }

  /// AUDIT_ARCH_* of `<linux/audit.h>`: what stands in `seccomp_data.arch`.
  public var auditValue: UInt32 {
    switch self {
    case .x8664: 0xC000_003E
    case .aarch64: 0xC000_00B7
    case .i386: 0x4000_0003
    case .arm: 0x4000_0028
    }
  }

  /// The 32-bit interface that the same kernel serves, and that `multiarch` lets in.
  public var compat: FilterArchitecture? {
    switch self {
    case .x8664: .i386
    case .aarch64: .arm
    case .i386, .arm: nil
    }
  }

  /// Calls numbered past all others that are there nevertheless: `__ARM_NR_*`, without which no 32-bit ARM thread
  /// starts (set_tls) and no generated code runs (cacheflush).
  public var privateNumbers: ClosedRange<UInt32>? { self == .arm ? 0xF0001...0xF0006 : nil }
}

/// A system call by name, with its number on each architecture.
public struct SystemCall: Hashable, Sendable {
  /// As `syscalls(2)` spells it.
  public var name: String
  private var x8664: Int16
  private var aarch64: Int16
  private var i386: Int16
  private var arm: Int16

  init(_ name: String, _ x8664: Int16, _ aarch64: Int16, _ i386: Int16, _ arm: Int16) {
    self.name = name
    self.x8664 = x8664
    self.aarch64 = aarch64
    self.i386 = i386
    self.arm = arm
  }

  /// The highest number that this table knows: removexattrat, Linux 6.13.
  ///
  /// Filters answer ENOSYS above it, as a kernel of that age does: nobody has judged those calls yet. The next one,
  /// open_tree_attr (467), already makes mounts.
  public static let newest: UInt32 = 466

  /// The number on an architecture; nil where it has no such call.
  public func number(on architecture: FilterArchitecture) -> UInt32? {
    let number =
      switch architecture {
      case .x8664: x8664
      case .aarch64: aarch64
      case .i386: i386
      case .arm: arm
      }
    return number < 0 ? nil : UInt32(number)
  }

  /// Where the call exists, in words: `x86 only`; nil where every architecture has it.
  public var restriction: String? {
    switch (x8664 >= 0, aarch64 >= 0, i386 >= 0, arm >= 0) {
    case (true, true, true, true): nil
    case (true, false, true, false): "x86 only"
    case (true, true, false, false): "64-bit only"
    case (false, false, true, true): "32-bit only"
    case (true, true, false, true): "not on i386"
    case (true, false, true, true): "not on aarch64"
    default:
      FilterArchitecture.allCases.filter { number(on: $0) != nil }.map({ $0.rawValue }).joined(separator: ", ")
        + " only"
    }
  }

  /// The call of that name; nil where the table has none.
  public static func named(_ name: String) -> SystemCall? {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low < all.count && all[low].name == name ? all[low] : nil
  }

  /// The known name nearest to a misspelt one; nil where none is near.
  public static func nearest(to name: String) -> String? {
    SnugProfile.nearest(to: name, in: all.lazy.map({ $0.name }))
  }
}
