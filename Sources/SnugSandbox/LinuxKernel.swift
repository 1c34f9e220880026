import CCap
import CSnug
import SnugPlan
import SnugProfile

/// The real kernel. Every method is one wrapper of CSnug or libcap; errno is copied in C at the call.
///
/// Runs in the sandbox's PID 1.
package final class LinuxKernel: Kernel {
  /// Makes the way to the kernel.
  package init() {}

  // MARK: - Files

  package func openRoot() throws(KernelError) -> Descriptor {
    try descriptor("open", "/", csnug_open_root())
  }

  package func openat2(_ root: Descriptor, _ path: String, _ how: OpenHow) throws(KernelError) -> Descriptor {
    let (kind, mode): (csnug_how, UInt32) =
      switch how {
      case .path: (csnug_how_path, 0)
      case .pathWithoutLinks: (csnug_how_path_without_links, 0)
      case .read: (csnug_how_read, 0)
      case .write: (csnug_how_write, 0)
      case .create(let mode): (csnug_how_create, mode)
      case .replace(let mode): (csnug_how_replace, mode)
      case .magicLink: (csnug_how_magic_link, 0)
      case .terminal: (csnug_how_terminal, 0)
      }
    // Not by the implicit conversion, which allocates a copy each time.
    let opened = unsafe path.withCString { unsafe csnug_openat2(root.number, $0, Int32(kind.rawValue), mode) }
    return try descriptor("open", path, opened)
  }

  package func open(_ path: String, _ how: TrialHow) throws(KernelError) -> Descriptor {
    let kind =
      switch how {
      case .look: csnug_trial_look
      case .read: csnug_trial_read
      case .write: csnug_trial_write
      case .unnamed: csnug_trial_unnamed
      }
    return try descriptor("open", path, unsafe csnug_open_trial(path, Int32(kind.rawValue)))
  }

  package func isEmpty(_ file: Descriptor) throws(KernelError) -> Bool {
    if try statx(file).type == .directory { return try !listsNames(file) }
    var byte: UInt8 = 0
    return try checkCount("read", "", unsafe csnug_pread(file.number, &byte, 1, 0)) == 0
  }

  /// Whether a directory has a name besides `.` and `..`.
  private func listsNames(_ directory: Descriptor) throws(KernelError) -> Bool {
    try unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer throws(KernelError) -> Bool in
      while true {
        let count = try checkCount(
          "getdents64", "", unsafe csnug_getdents64(directory.number, buffer.baseAddress, buffer.count))
        if count == 0 { return false }
        var offset = 0
        while offset < count {
          let length = Int(unsafe buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
          // struct linux_dirent64: the name begins at byte 19.
          let name = unsafe (buffer[offset + 19], buffer[offset + 20], buffer[offset + 21])
          let dot = UInt8(ascii: ".")
          if !(name.0 == dot && (name.1 == 0 || (name.1 == dot && name.2 == 0))) { return true }
          offset += max(length, 24)
        }
      }
    }
  }

  package func statx(_ file: Descriptor) throws(KernelError) -> FileStatus {
    var facts = csnug_statx()
    try check("statx", "", unsafe csnug_statx(file.number, "", true, &facts))
    return FileStatus(facts)
  }

  package func fstatfs(_ file: Descriptor) throws(KernelError) -> Int {
    var magic: Int64 = 0
    try check("fstatfs", "", unsafe csnug_fstatfs_magic(file.number, &magic))
    return Int(magic)
  }

  package func mkdirat(_ parent: Descriptor, _ name: String, mode: UInt32) throws(KernelError) {
    try check("mkdir", name, unsafe name.withCString { unsafe csnug_mkdirat(parent.number, $0, mode) })
  }

  package func symlinkat(_ to: String, _ parent: Descriptor, _ name: String) throws(KernelError) {
    try check("symlink", name, unsafe csnug_symlinkat(to, parent.number, name))
  }

  package func unlinkat(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try check("unlink", name, unsafe csnug_unlinkat(parent.number, name))
  }

  package func rmdirat(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try check("rmdir", name, unsafe csnug_rmdirat(parent.number, name))
  }

  package func fchmod(_ file: Descriptor, mode: UInt32) throws(KernelError) {
    try check("chmod", "", csnug_fchmod(file.number, mode))
  }

  package func readlinkat(_ directory: Descriptor, _ path: String) throws(KernelError) -> String {
    try unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) {
      buffer throws(KernelError) -> String in
      let count = try checkCount(
        "readlink", path, unsafe csnug_readlinkat(directory.number, path, buffer.baseAddress, buffer.count))
      let bytes = unsafe buffer[..<count].map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  package func write(_ file: Descriptor, _ bytes: [UInt8]) throws(KernelError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { unsafe csnug_write(file.number, $0.baseAddress, $0.count) }
      done += try checkCount("write", "", count)
      if count == 0 { throw KernelError("write", code: ErrorNumber.noSpace) }
    }
  }

  package func readAll(_ file: Descriptor) throws(KernelError) -> [UInt8] {
    var bytes: [UInt8] = []
    // Small: proc gives a page or so at a time, and every page of ours that is touched first is a fault.
    let step = 4 << 10
    while bytes.count < 16 << 20 {
      let offset = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: step))
      // pread: the file was opened before landlock and is read after seccomp, each time from its start.
      let count = unsafe bytes.withUnsafeMutableBytes {
        unsafe csnug_pread(file.number, $0.baseAddress?.advanced(by: offset), step, Int64(offset))
      }
      guard count >= 0 else { throw KernelError("read", code: Int32(-count)) }
      bytes.removeLast(step - count)
      if count == 0 { return bytes }
    }
    throw KernelError(refused: "read", because: "the file is longer than 16 MiB")
  }

  package func listDescriptors(_ directory: Descriptor) throws(KernelError) -> [Int32] {
    try unsafe withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: 8) {
      buffer throws(KernelError) -> [Int32] in
      var numbers: [Int32] = []
      while true {
        let count = try checkCount(
          "getdents64", "", unsafe csnug_getdents64(directory.number, buffer.baseAddress, buffer.count))
        if count == 0 { return numbers }
        var offset = 0
        while offset < count {
          // struct linux_dirent64: inode 8, offset 8, length 2, type 1, name.
          let length = Int(unsafe buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
          var name: [UInt8] = []
          var position = offset + 19
          while position < offset + length, unsafe buffer[position] != 0 {
            name.append(unsafe buffer[position])
            position += 1
          }
          if let number = Int32(String(decoding: name, as: UTF8.self)) { numbers.append(number) }
          offset += length
        }
      }
    }
  }

  package func close(_ file: Descriptor) { _ = csnug_close(file.number) }

  package func closeAll(but kept: [Descriptor]) throws(KernelError) {
    #if SNUG_TEST_BUILD
      if TestLayers.leavesOpen(but: kept) { return }
    #endif
    var next: UInt32 = 3
    for number in kept.map({ UInt32($0.number) }).sorted() where number >= next {
      if number > next { try check("close_range", "", csnug_close_range(next, number - 1, false)) }
      next = number + 1
    }
    try check("close_range", "", csnug_close_range(next, UInt32.max, false))
  }

  // MARK: - Mounts

  package func openTree(_ file: Descriptor, recursive: Bool) throws(KernelError) -> Descriptor {
    try descriptor("open_tree", "", csnug_open_tree_clone(file.number, recursive))
  }

  package func mountSetattr(_ mount: Descriptor, _ attributes: MountAttributes, recursive: Bool, isolates: Bool)
    throws(KernelError)
  {
    #if SNUG_TEST_BUILD
      let attributes = attributes.subtracting(TestLayers.withoutAttributes)
    #endif
    try check("mount_setattr", "", csnug_mount_setattr(mount.number, attributes.rawValue, recursive, isolates))
  }

  package func moveMount(_ mount: Descriptor, to target: Descriptor) throws(KernelError) {
    try check("move_mount", "", csnug_move_mount(mount.number, target.number))
  }

  package func fsopen(_ type: String) throws(KernelError) -> Descriptor {
    try descriptor("fsopen", type, unsafe csnug_fsopen(type))
  }

  package func fsconfig(_ context: Descriptor, _ key: String, _ value: String) throws(KernelError) {
    try check(
      "fsconfig", key,
      unsafe key.withCString { key in
        unsafe value.withCString { unsafe csnug_fsconfig_string(context.number, key, $0) }
      })
  }

  package func fsconfig(_ context: Descriptor, flag: String) throws(KernelError) {
    try check("fsconfig", flag, unsafe csnug_fsconfig_flag(context.number, flag))
  }

  package func fsconfig(_ context: Descriptor, _ key: String, _ value: Descriptor) throws(KernelError) {
    try check("fsconfig", key, unsafe csnug_fsconfig_fd(context.number, key, value.number))
  }

  package func fsconfigCreate(_ context: Descriptor) throws(KernelError) {
    let result = csnug_fsconfig_create(context.number)
    guard result < 0 else { return }
    // The context holds the kernel's own words, one message a read, "e " in front of errors; see fsopen(2).
    var text = ""
    if result != -Int(ErrorNumber.notPermitted) {
      text = unsafe withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer in
        let count = unsafe csnug_read(context.number, buffer.baseAddress, buffer.count)
        return count > 2 ? unsafe String(decoding: buffer[2..<count], as: UTF8.self) : ""
      }
    }
    var error = KernelError("fsconfig", code: Int32(-result))
    error.reason = text.split(separator: "\n").first.map(String.init) ?? ""
    throw error
  }

  package func fsmount(_ context: Descriptor, _ attributes: MountAttributes) throws(KernelError) -> Descriptor {
    #if SNUG_TEST_BUILD
      let attributes = attributes.subtracting(TestLayers.withoutAttributes)
    #endif
    return try descriptor("fsmount", "", csnug_fsmount(context.number, attributes.rawValue))
  }

  package func detach(_ parent: Descriptor, _ name: String) throws(KernelError) {
    try check("umount", name, unsafe csnug_detach(parent.number, name))
  }

  package func makeRootSlave() throws(KernelError) { try check("mount", "/", csnug_make_root_slave()) }
  package func pivotRoot() throws(KernelError) { try check("pivot_root", "", csnug_pivot_root_here()) }
  package func detachOldRoot() throws(KernelError) { try check("umount", "/", csnug_detach_root()) }
  package func fchdir(_ directory: Descriptor) throws(KernelError) {
    try check("fchdir", "", csnug_fchdir(directory.number))
  }

  package func chdir(_ path: String) throws(KernelError) { try check("chdir", path, unsafe csnug_chdir(path)) }

  package func getcwd() throws(KernelError) -> String {
    try unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer throws(KernelError) -> String in
      // The count includes the final NUL.
      let count = try checkCount("getcwd", "", unsafe csnug_getcwd(buffer.baseAddress, buffer.count))
      return String(decoding: unsafe buffer[..<max(0, count - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  // MARK: - The process

  package func setParentDeathSignal() throws(KernelError) {
    try check("prctl", "PR_SET_PDEATHSIG", csnug_prctl(1, 9, 0, 0, 0))
  }

  package func isHungUp(_ control: Descriptor) throws(KernelError) -> Bool {
    var events: Int32 = 0
    try check("poll", "", unsafe csnug_poll([control.number], &events, 1, 0))
    return events & 2 != 0
  }

  package func awaitGo(_ control: Descriptor) throws(KernelError) -> Bool {
    var byte: UInt8 = 0
    var sender: Int32 = 0
    let count = try checkCount("recv", "", unsafe csnug_receive(control.number, &byte, 1, &sender))
    return count == 1 && byte == Message.go
  }

  package func send(_ socket: Descriptor, _ bytes: [UInt8]) throws(KernelError) {
    try check("send", "", unsafe csnug_send(socket.number, bytes, bytes.count))
  }

  package func setDumpable(_ on: Bool) throws(KernelError) {
    try check("prctl", "PR_SET_DUMPABLE", csnug_prctl(4, on ? 1 : 0, 0, 0, 0))
  }

  package func isDumpable() throws(KernelError) -> Bool {
    try checkCount("prctl", "PR_GET_DUMPABLE", csnug_prctl(3, 0, 0, 0, 0)) != 0
  }

  package func joinSessionKeyring() throws(KernelError) { try check("keyctl", "", csnug_keyctl_join_session()) }
  package func sethostname(_ name: String) throws(KernelError) {
    try check("sethostname", name, unsafe csnug_sethostname(name, name.utf8.count))
  }

  package func raiseOpenFiles() throws(KernelError) -> OpenFileLimit {
    var limit = OpenFileLimit(soft: 0, hard: 0)
    try check("getrlimit", "", unsafe csnug_getrlimit(7, &limit.soft, &limit.hard))
    if limit.soft < limit.hard { try check("setrlimit", "", csnug_setrlimit(7, limit.hard, limit.hard)) }
    return limit
  }

  package func setrlimit(_ kind: ResourceLimit.Kind, soft: UInt64, hard: UInt64) throws(KernelError) {
    // Numbers of setrlimit(2), the same on x86_64 and aarch64.
    let number: Int32 =
      switch kind {
      case .fileSize: 1
      case .core: 4
      case .processes: 6
      case .openFiles: 7
      }
    try check("setrlimit", kind.rawValue, csnug_setrlimit(number, soft, hard))
  }

  package func setpriority(_ nice: Int32) throws(KernelError) { try check("setpriority", "", csnug_setpriority(nice)) }
  package func setsid() throws(KernelError) { try check("setsid", "", csnug_setsid()) }
  package func umask(_ mask: UInt32) { _ = csnug_umask(mask) }
  package func loopbackUp() throws(KernelError) { try check("ioctl", "lo", csnug_loopback_up()) }

  // Through libcap alone: it knows the numbers, and its process-wide calls are the ones other tools are checked against.
  package func dropBounding(_ capability: Int32) throws(KernelError) -> Bool {
    let code = told("cap_drop_bound", cap_drop_bound(capability))
    if code == ErrorNumber.invalid { return false }
    if code != 0 { throw KernelError("cap_drop_bound", String(capability), code: code) }
    return true
  }

  package func clearAmbient() throws(KernelError) {
    let code = told("cap_reset_ambient", cap_reset_ambient())
    if code != 0 { throw KernelError("cap_reset_ambient", code: code) }
  }

  package func lockSecurebits() throws(KernelError) {
    // NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off, NO_CAP_AMBIENT_RAISE; each with its lock. See capabilities(7).
    let code = told("cap_set_secbits", cap_set_secbits(0b1110_1111))
    if code != 0 { throw KernelError("cap_set_secbits", code: code) }
  }

  package func clearCapabilities() throws(KernelError) {
    guard let empty = unsafe cap_init() else { throw KernelError("cap_init", code: csnug_errno()) }
    let code = told("cap_set_proc", unsafe cap_set_proc(empty))
    unsafe cap_free(UnsafeMutableRawPointer(empty))
    if code != 0 { throw KernelError("cap_set_proc", code: code) }
  }

  /// The errno of a call of libcap's, 0 where it was done.
  private func told(_ call: String, _ result: @autoclosure () -> Int32) -> Int32 {
    #if SNUG_TEST_BUILD
      let fault = unsafe csnug_fault(call)
      if fault < 0 { return Int32(-fault) }
    #endif
    return result() == 0 ? 0 : csnug_errno()
  }

  package func setNoNewPrivileges() throws(KernelError) {
    try check("prctl", "PR_SET_NO_NEW_PRIVS", csnug_prctl(38, 1, 0, 0, 0))
  }

  package func landlockCreateRuleset(_ handled: LandlockRights) throws(KernelError) -> Descriptor {
    try descriptor(
      "landlock_create_ruleset", "", csnug_landlock_create(handled.files, handled.network, handled.scope))
  }

  package func landlockAddPath(_ ruleset: Descriptor, _ path: Descriptor, _ rights: UInt64) throws(KernelError) {
    try check("landlock_add_rule", "", csnug_landlock_add_path(ruleset.number, path.number, rights))
  }

  package func landlockAddConnect(_ ruleset: Descriptor, port: UInt16) throws(KernelError) {
    try check("landlock_add_rule", String(port), csnug_landlock_add_connect(ruleset.number, UInt64(port)))
  }

  package func landlockRestrict(_ ruleset: Descriptor) throws(KernelError) {
    try check("landlock_restrict_self", "", csnug_landlock_restrict(ruleset.number))
  }

  package func seccomp(_ program: [UInt64]) throws(KernelError) {
    try check("seccomp", "", unsafe csnug_seccomp(program, program.count, 0))
  }

  // MARK: - Terminals

  package func openPeer(_ master: Descriptor) throws(KernelError) -> Descriptor {
    try descriptor("ioctl", "TIOCGPTPEER", csnug_terminal_peer(master.number))
  }

  package func setTerminal(_ terminal: Descriptor, modes: [UInt8], size: [UInt16]) throws(KernelError) {
    try check("ioctl", "TCSETS2", unsafe csnug_set_terminal_modes(terminal.number, modes))
    try check("ioctl", "TIOCSWINSZ", unsafe csnug_set_terminal_size(terminal.number, size))
  }

  package func send(_ socket: Descriptor, _ bytes: [UInt8], with descriptor: Descriptor) throws(KernelError) {
    try check(
      "sendmsg", "", unsafe csnug_send_descriptors(socket.number, bytes, bytes.count, [descriptor.number], 1))
  }

  // MARK: - Results

  func check(_ call: String, _ path: String, _ result: Int) throws(KernelError) {
    if result < 0 { throw KernelError(call, path, code: Int32(-result)) }
  }

  func checkCount(_ call: String, _ path: String, _ result: Int) throws(KernelError) -> Int {
    try check(call, path, result)
    return result
  }

  private func descriptor(_ call: String, _ path: String, _ result: Int) throws(KernelError) -> Descriptor {
    try check(call, path, result)
    return Descriptor(Int32(result))
  }
}

extension FileStatus {
  /// From what `csnug_statx` read.
  public init(_ facts: csnug_statx) {
    let format = facts.mode & 0o170000
    let type: FileType =
      switch format {
      case 0o040000: .directory
      case 0o140000: .socket
      case 0o010000: .fifo
      case 0o020000: .characterDevice
      case 0o060000: .blockDevice
      default: .file
      }
    self.init(
      type: type, isLink: format == 0o120000,
      identity: FileIdentity(deviceMajor: facts.dev_major, deviceMinor: facts.dev_minor, inode: facts.inode),
      mode: facts.mode & 0o7777, nodeMajor: facts.rdev_major, nodeMinor: facts.rdev_minor,
      mountID: facts.mount_id)
  }
}
