/// POSIX message queues of the sandbox's own ipc namespace, see `mq_overview(7)`.
public struct Mqueue: Step {
  public static let name = "mqueue"
  public var target: String

  /// Makes an mqueue mount.
  public init(target: String) { self.target = target }

  public var action: String { "mount mqueue on \(target)" }

  public func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let attributes: MountAttributes = [.noSetuid, .noDevices, .noExecute]
    try site.attach(try site.makeFileSystem("mqueue", [], attributes), at: target, .directory, attributes)
  }
}
