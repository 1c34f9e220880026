/// Permission bits of what stands inside by then.
public struct ChangeMode: Step {
  package static let name = "chmod"
  /// The place inside.
  public var target: String
  /// Permission bits.
  public var mode: UInt32

  /// Makes a change.
  public init(target: String, mode: UInt32) {
    self.target = target
    self.mode = mode
  }

  package var action: String { "change the mode of \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let file = try site.kernel.openat2(site.newRoot, target, .path)
    try site.kernel.fchmod(file, mode: mode)
    site.kernel.close(file)
  }
}
