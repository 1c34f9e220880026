/// POSIX message queues of the sandbox's own ipc namespace, see `mq_overview(7)`.
public struct Mqueue: Step {
  package static let name = "mqueue"
  /// Where it lands inside.
  public var target: String

  /// Makes an mqueue mount.
  public init(target: String) { self.target = target }

  package var action: String { "mount mqueue on \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let attributes: MountAttributes = [.noSetuid, .noDevices, .noExecute]
    try site.attach(
      try site.makeFileSystem("mqueue", [("source", "mqueue")], attributes), at: target, .directory, attributes)
  }
}
