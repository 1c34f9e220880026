/// A file with given bytes, placed as the mount of an inode without a name: it can be read, but not written, renamed,
/// replaced or found anywhere else.
public struct File: Step {
  public static let name = "file"
  public var target: String
  public var content: [UInt8]
  public var mode: UInt32

  /// Makes a file.
  public init(target: String, content: [UInt8], mode: UInt32 = 0o444) {
    self.target = target
    self.content = content
    self.mode = mode
  }

  public var action: String { "place file \(target)" }

  public func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let staged = try site.stageFile(content, mode: mode)
    try site.attach(try site.mount(staged), at: target, .file, [.readOnly, .noSetuid, .noDevices])
    try site.unstage(staged)
  }
}
