let generalOptions = BubblewrapOptionGroup(
  title: "General",
  options: [
    BubblewrapOption("--help", "", "print this text", .help),
    BubblewrapOption("--version", "", "print the version", .version),
    BubblewrapOption("--args", "FD", "read more options from FD, a NUL byte after each word", .readWords),
    BubblewrapOption("--level-prefix", "", "begin each diagnostic with its priority, as <3>") {
      $0.request.usesLevelPrefix = true
    },
    BubblewrapOption("--", "", "what follows is the command", .end),
  ])

let namespaceOptions = BubblewrapOptionGroup(
  title: "Namespaces",
  options: [
    BubblewrapOption("--unshare-all", "", "a new one of each kind; user and cgroup where possible") { $0.unshareAll() },
    BubblewrapOption("--share-net", "", "the network of the caller after all") { $0.request.unshareNetwork = false },
    BubblewrapOption("--unshare-user", "", "user namespace; ordinary users get one anyway") {
      $0.request.userNamespace = .always
    },
    BubblewrapOption("--unshare-user-try", "", "user namespace, where possible") { $0.unshareUserIfPossible() },
    BubblewrapOption("--unshare-ipc", "", "message queues and shared memory") { $0.request.unshareIPC = true },
    BubblewrapOption("--unshare-pid", "", "processes") { $0.request.unsharePID = true },
    BubblewrapOption("--unshare-net", "", "network, with nothing but loopback") { $0.request.unshareNetwork = true },
    BubblewrapOption("--unshare-uts", "", "host name") { $0.request.unshareUTS = true },
    BubblewrapOption("--unshare-cgroup", "", "cgroups") { $0.request.unshareCgroup = true },
    BubblewrapOption("--unshare-cgroup-try", "", "cgroups, where possible") {
      $0.request.unshareCgroupIfPossible = true
    },
    BubblewrapOption("--userns", "FD", "enter this user namespace instead of a new one") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.userNamespaceDescriptor, &$1) })
    },
    BubblewrapOption("--userns2", "FD", "enter this user namespace once everything is in place") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.secondUserNamespaceDescriptor, &$1) })
    },
    BubblewrapOption("--disable-userns", "", "no user namespace can be made inside; with --unshare-user") {
      $0.request.disableUserNamespaces = true
    },
    BubblewrapOption("--assert-userns-disabled", "", "refuse to start where one could be made") {
      $0.request.assertUserNamespacesDisabled = true
    },
    BubblewrapOption("--pidns", "FD", "processes live in this pid namespace, or in a new one below it") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.pidNamespaceDescriptor, &$1) })
    },
    BubblewrapOption("--uid", "UID", "user id inside") { parser throws(BubblewrapError) in
      try parser.setLastID({ swap(&$0.uid, &$1) }, called: "uid")
    },
    BubblewrapOption("--gid", "GID", "group id inside") { parser throws(BubblewrapError) in
      try parser.setLastID({ swap(&$0.gid, &$1) }, called: "gid")
    },
    BubblewrapOption("--hostname", "NAME", "host name inside; with --unshare-uts") { parser throws(BubblewrapError) in
      try parser.setLastText({ swap(&$0.hostname, &$1) })
    },
  ])

let processOptions = BubblewrapOptionGroup(
  title: "The command",
  options: [
    BubblewrapOption("--chdir", "DIR", "directory to start in", missing: "--chdir takes one argument") {
      parser throws(BubblewrapError) in
      try parser.setLastText({ swap(&$0.directory, &$1) })
    },
    BubblewrapOption(
      "--argv0", "VALUE", "what the command is told as its own name", missing: "--argv0 takes one argument"
    ) { parser throws(BubblewrapError) in
      if parser.request.argumentZero != nil { throw parser.refusal("--argv0 used multiple times") }
      parser.request.argumentZero = parser.argument(0)
    },
    BubblewrapOption("--new-session", "", "away from the terminal, as setsid") { $0.request.newSession = true },
    BubblewrapOption("--die-with-parent", "", "everything inside ends when the caller does") {
      $0.request.diesWithParent = true
    },
    BubblewrapOption("--as-pid-1", "", "the command itself is the first process; with --unshare-pid") {
      $0.request.isFirstProcess = true
    },
  ])

let environmentOptions = BubblewrapOptionGroup(
  title: "Environment, in the order given",
  options: [
    BubblewrapOption("--clearenv", "", "forget every variable so far") { $0.environment.clear() },
    BubblewrapOption("--setenv", "VAR VALUE", "set a variable") { parser throws(BubblewrapError) in
      guard EnvironmentList.isName(parser.argument(0)) else { throw parser.refusal("setenv failed") }
      parser.environment.set(parser.argument(0), parser.argument(1))
    },
    BubblewrapOption("--unsetenv", "VAR", "forget a variable") { parser throws(BubblewrapError) in
      guard EnvironmentList.isName(parser.argument(0)) else { throw parser.refusal("unsetenv failed") }
      parser.environment.unset(parser.argument(0))
    },
  ])

let descriptorOptions = BubblewrapOptionGroup(
  title: "Descriptors",
  options: [
    BubblewrapOption("--sync-fd", "FD", "keep FD open while anything runs inside") { parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.syncDescriptor, &$1) })
    },
    BubblewrapOption("--block-fd", "FD", "wait for a byte from FD before the command") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.blockDescriptor, &$1) })
    },
    BubblewrapOption("--userns-block-fd", "FD", "wait for a byte from FD while somebody else writes the id maps") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.userNamespaceBlockDescriptor, &$1) })
    },
    BubblewrapOption("--info-fd", "FD", "write the process and its namespaces to FD, as JSON") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.infoDescriptor, &$1) })
    },
    BubblewrapOption("--json-status-fd", "FD", "write start and end to FD, as lines of JSON") {
      parser throws(BubblewrapError) in
      try parser.setLastDescriptor({ swap(&$0.statusDescriptor, &$1) })
    },
    BubblewrapOption("--close-fds", "", "close every descriptor that no option names (not in bubblewrap)") {
      $0.request.closesDescriptors = true
    },
  ])

let securityOptions = BubblewrapOptionGroup(
  title: "Locks",
  options: [
    BubblewrapOption("--seccomp", "FD", "load the filter that FD gives, in the kernel's binary form") {
      parser throws(BubblewrapError) in
      try parser.setOnlyFilter()
    },
    BubblewrapOption("--add-seccomp-fd", "FD", "the same, may be repeated") { parser throws(BubblewrapError) in
      try parser.addFilter()
    },
    BubblewrapOption("--cap-add", "CAP", "keep a capability, or ALL") { parser throws(BubblewrapError) in
      let change = try parser.capabilityChange(each: BubblewrapRequest.CapabilityChange.add, all: .addAll)
      parser.request.capabilityChanges.append(change)
    },
    BubblewrapOption("--cap-drop", "CAP", "drop a capability, or ALL") { parser throws(BubblewrapError) in
      let change = try parser.capabilityChange(each: BubblewrapRequest.CapabilityChange.drop, all: .dropAll)
      parser.request.capabilityChanges.append(change)
    },
    BubblewrapOption("--exec-label", "LABEL", "SELinux label of the command") { parser throws(BubblewrapError) in
      try parser.setLabel({ swap(&$0.executionLabel, &$1) })
    },
    BubblewrapOption("--file-label", "LABEL", "SELinux label of what the sandbox makes") {
      parser throws(BubblewrapError) in
      try parser.setLabel({ swap(&$0.fileLabel, &$1) })
    },
  ])
