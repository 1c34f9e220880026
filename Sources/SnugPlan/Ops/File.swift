/// A file with given bytes, placed as the mount of an inode without a name: it can be read, but not written, renamed,
/// replaced or found anywhere else.
public struct File: Step {
  package static let name = "file"
  /// Where it lands inside.
  public var target: String
  /// Its bytes.
  public var content: [UInt8]
  /// Permission bits.
  public var mode: UInt32

  /// Makes a file.
  public init(target: String, content: [UInt8], mode: UInt32 = 0o444) {
    self.target = target
    self.content = content
    self.mode = mode
  }

  package var action: String { "place file \(target)" }

  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] {
    let file = try site.stageFile(mode: mode) { file throws(KernelError) in
      if !content.isEmpty { try site.kernel.write(file, content) }
    }
    return [file]
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let destination = try site.reach(target, .file)
    let name = try site.attachStaged(mounts[0], on: destination)
    site.kernel.close(destination)
    try site.unstage(name)
  }
}
