/// What the presets are made of. Names and verdicts follow flatpak's list and hakurei's extension of it, with what
/// CVEs since then have added.
extension FilterGroup {
  static var administration: FilterGroup {
    FilterGroup(
      "administration", "running the machine is its owner's business: modules, swap, quotas, the kernel's log",
      refuse(
        "acct", "delete_module", "finit_module", "init_module", "kexec_file_load", "kexec_load", "lookup_dcookie",
        "nfsservctl", "quotactl", "quotactl_fd", "reboot", "swapoff", "swapon", "syslog", "uselib", "vhangup"))
  }

  static var clock: FilterGroup {
    FilterGroup(
      "clock", "the time of day is set for the whole machine",
      refuse(
        "adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "settimeofday", "stime"))
  }

  static var ports: FilterGroup {
    FilterGroup("ports", "hardware ports reach past the kernel", refuse("ioperm", "iopl"))
  }

  static var oldModes: FilterGroup {
    FilterGroup(
      "old modes", "16-bit segments are needed by some 32-bit programs alone; multiarch lifts this",
      refuse("modify_ldt"))
  }

  static var keys: FilterGroup {
    FilterGroup(
      "keys", "kernel keyrings are shared by all processes of a user, inside and outside",
      refuse("add_key", "keyctl", "request_key"))
  }

  static var memoryPlacement: FilterGroup {
    FilterGroup(
      "memory placement", "moving pages between memory banks looks into other processes and slows the machine",
      refuse(
        "get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy", "set_mempolicy_home_node"))
  }

  // ENOSYS where programs have an older way to the same end (libuv, node, QEMU try io_uring first), EPERM where the
  // kernel itself answers so to ordinary users.
  static var attackSurface: FilterGroup {
    FilterGroup(
      "attack surface", "large young parts of the kernel that exploits start from; io_uring also works around filters",
      pretendAbsent("io_uring_enter", "io_uring_register", "io_uring_setup", "vmsplice")
        + refuse("bpf", "fanotify_init", "userfaultfd"))
  }

  static var fileHandles: FilterGroup {
    FilterGroup(
      "file handles", "a file opened by its handle is opened past every mount and directory in between",
      refuse("name_to_handle_at", "open_by_handle_at"))
  }

  static var otherProcesses: FilterGroup {
    FilterGroup(
      "other processes", "nobody takes descriptors or sets limits of another process, the sandbox's own least of all",
      refuse("kcmp", "pidfd_getfd", "process_madvise") + [
        FilterRule("prlimit64", .refused, when: .noneOf(argument: 0, values: [0]), "when it names a process")
      ])
  }

  /// Debugging.
  package static var tracing: FilterGroup {
    FilterGroup(
      "tracing", "debugging and profiling read and change other processes",
      refuse("perf_event_open", "process_vm_readv", "process_vm_writev", "ptrace"))
  }

  /// Of an app with a window of X11. Without segments programs send their pictures over the socket.
  static var segments: FilterGroup {
    FilterGroup(
      "segments",
      "an X server takes the number of a System V segment for one of its own namespace: it would show another program's",
      [FilterRule("shmget", .refused)])
  }

  // The two blocks are refused whole, with the requests that only ask: there is no virtual console inside, and a list of
  // the setters alone would miss the next one.
  static var terminal: FilterGroup {
    FilterGroup(
      "terminal", "input pushed into the caller's terminal would run as the caller's own commands",
      [
        FilterRule("ioctl", .refused, when: .equals(1, 0x5412), "when it asks for TIOCSTI (types on the terminal)"),
        FilterRule("ioctl", .refused, when: .equals(1, 0x541C), "when it asks for TIOCLINUX (pastes on the console)"),
        FilterRule(
          "ioctl", .refused, when: .equals(1, 0x541D), "when it asks for TIOCCONS (takes the console's output)"),
        FilterRule("ioctl", .refused, when: .equals(1, 0x5423), "when it asks for TIOCSETD (loads a line discipline)"),
        FilterRule(
          "ioctl", .refused, when: .masked(argument: 1, mask: 0xFFFF_FF00, value: 0x4B00),
          "when it asks for KD*, PIO_*, GIO_* (keyboard and font of the console: 0x4b00 to 0x4bff)"),
        FilterRule(
          "ioctl", .refused, when: .masked(argument: 1, mask: 0xFFFF_FFF0, value: 0x5600),
          "when it asks for VT_* (switches consoles: 0x5600 to 0x560f)"),
      ])
  }

  static var newMountCalls: FilterGroup {
    FilterGroup(
      "new mount calls", "mounting by descriptor; programs fall back to mount, and no browser needs these",
      pretendAbsent(
        "fsconfig", "fsmount", "fsopen", "fspick", "mount_setattr", "move_mount", "open_tree"))
  }

  static var socketcall: FilterGroup {
    FilterGroup(
      "socketcall", "one call for all of a 32-bit program's socket calls: its arguments cannot be seen",
      pretendAbsent("socketcall"))
  }

  /// The wall that `nested` takes away. `clone` differs by preset; the flags of clone3 lie in memory, where no filter
  /// can look, so it is absent and libc falls back to clone.
  package static func namespaces(_ clone: [FilterRule]) -> FilterGroup {
    FilterGroup(
      "namespaces", "a namespace of its own gives a program capabilities, and these the kernel's less tried parts",
      refuse("chroot", "mount", "pivot_root", "setns", "umount", "umount2", "unshare") + clone
        + pretendAbsent("clone3"))
  }

  static let userNamespace = [
    FilterRule("clone", .refused, when: .hasBits(0, 0x1000_0000), "when its flags have CLONE_NEWUSER")
  ]

  /// Every way of clone to a namespace of one's own.
  package static let anyNamespace = [
    FilterRule("clone", .refused, when: .hasBits(0, 0x0002_0000), "when its flags have CLONE_NEWNS"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x0200_0000), "when its flags have CLONE_NEWCGROUP"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x0400_0000), "when its flags have CLONE_NEWUTS"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x0800_0000), "when its flags have CLONE_NEWIPC"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x1000_0000), "when its flags have CLONE_NEWUSER"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x2000_0000), "when its flags have CLONE_NEWPID"),
    FilterRule("clone", .refused, when: .hasBits(0, 0x4000_0000), "when its flags have CLONE_NEWNET"),
  ]

  static var socketFamilies: FilterGroup {
    FilterGroup(
      "socket families", "desktop apps use few; the others are rarely tried code, and vsock leads out of a machine",
      [
        FilterRule(
          "socket", .familyAbsent, when: .noneOf(argument: 0, values: [1, 2, 10, 16]),
          "for a family other than unix, inet, inet6, netlink")
      ])
  }

  // 0xffffffff only asks; setarch and crash handlers do, and learn nothing that changes.
  static var personality: FilterGroup {
    FilterGroup(
      "personality", "old process modes turn off address randomisation and make all memory executable",
      [
        FilterRule(
          "personality", .refused, when: .noneOf(argument: 0, values: [0, .max]),
          "when it sets another than the usual one (0)")
      ])
  }
}
