import SnugProfile

extension Draft {
  /// `[process]`, the limits that a process carries itself, and those that all share.
  func processPolicy(workingDirectory: String, group: GroupPolicy?) -> ProcessPolicy {
    let process = profile.process
    let limits = profile.limits
    var list: [ResourceLimit] = []
    if let openFiles = limits.openFiles { list.append(ResourceLimit(.openFiles, openFiles.value)) }
    list.append(ResourceLimit(.core, limits.core.value))
    if let size = limits.fileSize { list.append(ResourceLimit(.fileSize, bytes(size.value))) }
    if let count = limits.processes { list.append(ResourceLimit(.processes, count.value)) }
    return ProcessPolicy(
      uid: identity.uid, gid: identity.gid, hostname: process.hostname.value, workingDirectory: workingDirectory,
      umask: process.umask?.value ?? host.umask, nice: process.nice.value, terminal: process.terminal.value,
      adoptWait: process.adoptWait.value, stopWait: process.stopWait.value, cancelSignal: process.cancelSignal.value,
      limits: list, group: group)
  }

  /// The directory the app starts in: the one asked for; else the caller's where the same directory is seen at the same
  /// place; else the home; else `/`.
  mutating func workingDirectory() -> String {
    if let wanted = profile.process.workingDirectory {
      guard let path = wanted.value.absolute else {
        fail(.badWorkingDirectory, "cannot start in \(wanted.value.written): \(wanted.value.why)", at: wanted.origin)
        return "/"
      }
      let place = resolve(path)
      if !place.isDirectory {
        fail(
          .badWorkingDirectory, "cannot start in \(wanted.value.written): no such directory inside", at: wanted.origin)
      }
      return place.path
    }
    if let current = host.workingDirectory {
      let place = resolve(current)
      if samePath(place.path, current), place.isDirectory, place.isHost(current) { return current }
    }
    let home = resolve(host.home)
    return home.isDirectory ? home.path : "/"
  }
}
