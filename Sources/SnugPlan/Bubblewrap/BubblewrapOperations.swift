import SnugProfile

extension BubblewrapRequest.Operation {
  /// The option that stands for it.
  var option: String {
    switch self {
    case .bind(_, _, let access, let skipsMissing): Self.bindOption(access) + (skipsMissing ? "-try" : "")
    case .bindDescriptor(_, _, let access): access == .readOnly ? "--ro-bind-fd" : "--bind-fd"
    case .remountReadOnly: "--remount-ro"
    case .overlay: "--overlay"
    case .temporaryOverlay: "--tmp-overlay"
    case .readOnlyOverlay: "--ro-overlay"
    case .proc: "--proc"
    case .dev: "--dev"
    case .tmpfs: "--tmpfs"
    case .mqueue: "--mqueue"
    case .directory: "--dir"
    case .file: "--file"
    case .bindData(_, _, _, let access): access == .readOnly ? "--ro-bind-data" : "--bind-data"
    case .symlink: "--symlink"
    case .changeMode: "--chmod"
    }
  }

  private static func bindOption(_ access: Access) -> String {
    switch access {
    case .readOnly: "--ro-bind"
    case .writable: "--bind"
    case .device: "--dev-bind"
    }
  }

  /// The op; nil where it is skipped. `used` takes the descriptors that are closed when the root stands.
  func op(on host: BubblewrapHost, sharesProcesses: Bool, _ used: inout [Int32]) throws(BubblewrapFailure) -> Op? {
    switch self {
    case .bind(let path, let target, let access, let skipsMissing):
      guard let source = try host.source(path, skipsMissing: skipsMissing) else { return nil }
      return .bind(Bind(source: source, target: placeInside(target), access: access, receivesMounts: true))
    case .bindDescriptor(let number, let target, let access):
      used.append(number)
      let source = try host.source(descriptor: number)
      return .bind(Bind(source: source, target: placeInside(target), access: access, receivesMounts: true))
    case .remountReadOnly(let target): return .remount(Remount(target: placeInside(target)))
    case .overlay(let sources, let upper, let work, let target):
      return .overlay(
        Overlay(
          target: placeInside(target), lower: try host.layers(sources), upper: try host.source(upper),
          work: try host.source(work)))
    case .temporaryOverlay(let sources, let target):
      // As much as the kernel gives a tmpfs by itself.
      return .overlay(
        Overlay(target: placeInside(target), lower: try host.layers(sources), size: host.memory / 2))
    case .readOnlyOverlay(let sources, let target):
      return .overlay(Overlay(target: placeInside(target), lower: try host.layers(sources), access: .readOnly))
    // Whom the kernel lets steer nothing needs no cover, and its absence is what callers know.
    case .proc(let target):
      let shared = sharesProcesses ? try host.source("/proc") : nil
      return .proc(Proc(target: placeInside(target), cover: host.uid == 0 ? .steering : .nothing, shared: shared))
    case .dev(let target):
      var console: Source?
      if let path = host.terminal() { console = try host.source(path, skipsMissing: true) }
      return .dev(Dev(target: placeInside(target), isOpen: true, limitsMemory: false, console: console))
    case .tmpfs(let target, let mode, let size):
      return .tmpfs(Tmpfs(target: placeInside(target), size: size, mode: mode, parents: parents(of: mode)))
    case .mqueue(let target): return .mqueue(Mqueue(target: placeInside(target)))
    case .directory(let target, let mode):
      return .directory(Directory(target: placeInside(target), mode: mode, parents: parents(of: mode)))
    case .file(let descriptor, let target, let mode):
      return .writtenFile(
        WrittenFile(descriptor: descriptor, target: placeInside(target), mode: mode, parents: parents(of: mode)))
    case .bindData(let descriptor, let target, let mode, let access):
      return .data(
        DataFile(
          descriptor: descriptor, target: placeInside(target), mode: mode, access: access, parents: parents(of: mode)))
    case .symlink(let to, let target): return .symlink(Symlink(target: placeInside(target), to: to))
    case .changeMode(let mode, let target): return .changeMode(ChangeMode(target: placeInside(target), mode: mode))
    }
  }
}

/// Who may not enter a thing need not see its name either: the parents made for it close group and others out likewise.
private func parents(of mode: UInt32) -> UInt32 {
  var parents: UInt32 = 0o755
  if mode & 0o070 == 0 { parents &= ~0o050 }
  if mode & 0o007 == 0 { parents &= ~0o005 }
  return parents
}

/// A place in the new root: absolute, without empty names and `.`; `..` stays, the kernel takes it beneath the root.
func placeInside(_ path: String) -> String {
  let names = path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }.filter { $0 != "." }
  return "/" + names.joined(separator: "/")
}

/// `/proc/self/ns/user` and its like.
private func isOwnNamespace(_ path: String) -> Bool {
  let folder = "/proc/self/ns/"
  return path.hasPrefix(folder) && path.utf8.count > folder.utf8.count
    && !path.dropFirst(folder.count).contains("/")
}

extension BubblewrapHost {
  fileprivate func source(_ path: String, skipsMissing: Bool) throws(BubblewrapFailure) -> Source? {
    let whole = absolute(path)
    // An empty name is none, path_resolution(7); made absolute it would be the working directory.
    switch path.isEmpty ? .missing(link: nil) : look(whole) {
    case .exists(let real, let type, let identity, _):
      return Source(path: real, written: path, type: type, identity: identity)
    // Flatpak shows its sandboxes their user namespace, so that others can be started in it. The sandbox's own is meant,
    // which does not exist yet.
    case .unreadable where isOwnNamespace(whole):
      return Source(path: whole, written: path, type: .file, identity: nil, isMagicLink: true)
    case .missing where skipsMissing: return nil
    case .missing: throw BubblewrapFailure("Can't find source path \(path)", code: ErrorNumber.noEntry)
    case .unreadable(let code): throw BubblewrapFailure("Can't find source path \(path)", code: code)
    }
  }

  fileprivate func source(_ path: String) throws(BubblewrapFailure) -> Source {
    if let source = try source(path, skipsMissing: false) { return source }
    throw BubblewrapFailure("Can't find source path \(path)", code: ErrorNumber.noEntry)
  }

  /// By the name that proc gives, if that still names the same file: a descriptor from before the clone cannot be cloned.
  fileprivate func source(descriptor number: Int32) throws(BubblewrapFailure) -> Source {
    let written = "/proc/self/fd/\(number)"
    switch descriptor(number) {
    case .unusable(let code): throw BubblewrapFailure("Can't find source path \(written)", code: code)
    case .open(let path, let type, let identity):
      guard case .exists(let real, type, identity, _) = look(path) else {
        throw BubblewrapFailure("Can't bind mount \(written): \(path) is another file now, or it has no name any more")
      }
      return Source(path: real, written: written, type: type, identity: identity)
    }
  }

  /// The kernel wants the topmost first.
  fileprivate func layers(_ paths: [String]) throws(BubblewrapFailure) -> [Source] {
    var layers: [Source] = []
    for path in paths.reversed() { layers.append(try source(path)) }
    return layers
  }

  private func absolute(_ path: String) -> String {
    path.utf8.first == UInt8(ascii: "/") ? path : (workingDirectory ?? "") + "/" + path
  }
}
