import SnugPlan

// What a person reads when `snug bwrap` fails. Runs in the sandbox's first process, which shares the caller's standard
// error.

extension BubblewrapFailure {
  /// Words for an action that failed.
  init(_ error: KernelError, _ action: String) {
    if error.code != 0 {
      self.init(error.reason.isEmpty ? action : "\(action): \(error.reason)", code: error.code)
    } else {
      self.init("\(action): \(error.reason)")
    }
  }

  /// bubblewrap's words for an op that failed: callers and the people who help them search for these.
  init(_ error: KernelError, _ op: Op) {
    let target = op.target
    let isLeaf = error.path == (target.split(separator: "/").last.map(String.init) ?? "")
    let isParentAFile = error.call == "open" && error.code == ErrorNumber.notDirectory && target.hasPrefix(error.path)
    if op.makesPlace && (isParentAFile || (error.call == "mkdir" && !(isLeaf && op.makesDirectory))) {
      self.init(error, "Can't mkdir parents for \(target)")
      return
    }
    if error.call == "mkdir" {
      self.init(error, "Can't mkdir \(target)")
      return
    }
    if error.call == "open" && isLeaf && !op.makesDirectory {
      self.init(error, "Can't create file at \(target)")
      return
    }
    // What stands there is of the other kind.
    if error.call == "move_mount" && error.code == ErrorNumber.invalid {
      let code = op.makesDirectory ? ErrorNumber.notDirectory : ErrorNumber.isDirectory
      self.init(op.makesDirectory ? "Can't mkdir \(target)" : "Can't create file at \(target)", code: code)
      return
    }
    switch op {
    case .bind(let bind): self.init(error, bind)
    case .symlink where error.code == 0: self.init("Can't make symlink at \(target): \(error.reason)")
    case .symlink: self.init(error, "Can't make symlink at \(target)")
    case .tmpfs: self.init(error, "Can't mount tmpfs on /newroot\(target)")
    case .proc: self.init(error, "Can't mount proc on /newroot\(target)")
    case .mqueue: self.init(error, "Can't mount mqueue on /newroot\(target)")
    case .dev: self.init(error, "Can't set up /newroot\(target)")
    case .directory: self.init(error, "Can't mkdir \(target)")
    case .remount: self.init(error, "Can't remount readonly on /newroot\(target)")
    case .overlay:
      let loops = error.code == ErrorNumber.tooManyLinks
      let detail = loops ? ": Overlay directories may not overlap" : ""
      self.init(error, "Can't make overlay mount on /newroot\(target)\(detail)")
    case .writtenFile where error.call == "open": self.init(error, "Can't create file \(target)")
    case .data where error.call == "move_mount":
      self.init(error, "Can't bind mount data on /newroot\(target): Unable to mount source on destination")
    case .writtenFile, .data, .file: self.init(error, "Can't write data to file \(target)")
    case .changeMode(let change): self.init(error, "Can't chmod 0\(String(change.mode, radix: 8)) \(target)")
    }
  }

  private init(_ error: KernelError, _ bind: Bind) {
    let mount = "Can't bind mount /oldroot\(bind.source.path) on /newroot\(bind.target)"
    switch error.call {
    case "open" where error.path == bind.source.path: self.init(error, "Can't find source path \(bind.source.written)")
    case "statx" where error.code == 0: self.init(error, "Race condition binding \(bind.source.written)")
    case "move_mount", "open": self.init(error, "\(mount): Unable to mount source on destination")
    case "mount_setattr": self.init(error, "\(mount): Unable to remount")
    default: self.init(error, mount)
    }
  }
}

extension Op {
  /// Whether it makes what is missing on the way to its place.
  fileprivate var makesPlace: Bool {
    switch self {
    case .remount, .changeMode: false
    default: true
    }
  }

  /// Whether what stands at its place is a directory.
  fileprivate var makesDirectory: Bool {
    switch self {
    case .bind(let bind): bind.source.type == .directory
    case .file, .writtenFile, .data, .symlink: false
    default: true
    }
  }
}
