import SnugProfile

/// Shows a host file, directory, socket or device inside. Always with everything that is mounted below it: leaving a
/// submount out would uncover what lies beneath, and the kernel refuses that for mounts it has locked.
public struct Bind: Step {
  package static let name = "bind"
  /// What is shown.
  public var source: Source
  /// Where it lands inside.
  public var target: String
  /// Who may write, and whether devices work.
  public var access: Access
  /// Whether what is mounted on the host later arrives inside, with the attributes that it has there: a stick that is
  /// plugged in. Never for profiles, expected by bubblewrap's callers.
  public var receivesMounts: Bool

  /// Makes a bind.
  public init(source: Source, target: String, access: Access, receivesMounts: Bool = false) {
    self.source = source
    self.target = target
    self.access = access
    self.receivesMounts = receivesMounts
  }

  package var action: String { "bind \(source.written) on \(target)" }

  package func prepare(_ site: Site) throws(KernelError) -> [Descriptor] {
    [try site.clone(source, access.attributes, isolates: !receivesMounts)]
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    try site.attach(
      mounts[0], at: target, source.type, access.attributes, carriesTree: source.type == .directory)
  }
}

extension Access {
  /// What a mount of this access carries.
  public var attributes: MountAttributes {
    switch self {
    case .readOnly: [.readOnly, .noSetuid, .noDevices]
    case .writable: [.noSetuid, .noDevices]
    case .device: [.noSetuid]
    }
  }
}
