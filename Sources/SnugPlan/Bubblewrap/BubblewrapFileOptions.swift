let bindOptions = BubblewrapOptionGroup(
  title: "Binds",
  options: [
    BubblewrapOption("--bind", "SRC DEST", "show SRC of the host at DEST, writable") { parser throws(BubblewrapError) in
      try parser.bind(.writable, skipsMissing: false)
    },
    BubblewrapOption("--bind-try", "SRC DEST", "the same, skipped where SRC is missing") {
      parser throws(BubblewrapError) in
      try parser.bind(.writable, skipsMissing: true)
    },
    BubblewrapOption("--dev-bind", "SRC DEST", "show SRC at DEST, writable and with working device nodes") {
      parser throws(BubblewrapError) in
      try parser.bind(.device, skipsMissing: false)
    },
    BubblewrapOption("--dev-bind-try", "SRC DEST", "the same, skipped where SRC is missing") {
      parser throws(BubblewrapError) in
      try parser.bind(.device, skipsMissing: true)
    },
    BubblewrapOption("--ro-bind", "SRC DEST", "show SRC at DEST, read-only with all that is mounted below") {
      parser throws(BubblewrapError) in
      try parser.bind(.readOnly, skipsMissing: false)
    },
    BubblewrapOption("--ro-bind-try", "SRC DEST", "the same, skipped where SRC is missing") {
      parser throws(BubblewrapError) in
      try parser.bind(.readOnly, skipsMissing: true)
    },
    BubblewrapOption("--bind-fd", "FD DEST", "show the open file or directory FD at DEST, writable") {
      parser throws(BubblewrapError) in
      try parser.bindDescriptor(.writable)
    },
    // Callers see the other option's name.
    BubblewrapOption(
      "--ro-bind-fd", "FD DEST", "show the open file or directory FD at DEST, read-only",
      missing: "--bind-fd takes two arguments"
    ) { parser throws(BubblewrapError) in
      try parser.bindDescriptor(.readOnly)
    },
    BubblewrapOption(
      "--remount-ro", "DEST", "make the mount at DEST read-only, nothing below it",
      missing: "--remount-ro takes one argument"
    ) { parser throws(BubblewrapError) in
      parser.request.operations.append(.remountReadOnly(target: try parser.text(0)))
    },
  ])

let overlayOptions = BubblewrapOptionGroup(
  title: "Overlays",
  options: [
    BubblewrapOption(
      "--overlay-src", "SRC", "a directory of the next overlay, the bottom one first",
      missing: BubblewrapParser.strayOverlaySource
    ) { parser throws(BubblewrapError) in
      parser.overlaySources.append(try parser.text(0))
    },
    BubblewrapOption("--overlay", "RWSRC WORKDIR DEST", "overlay at DEST; RWSRC keeps what is written") {
      parser throws(BubblewrapError) in
      let (upper, work, target) = (try parser.text(0), try parser.text(1), try parser.text(2))
      let sources = try parser.takeSources(atLeast: 1, "at least one")
      parser.request.operations.append(.overlay(sources: sources, upper: upper, work: work, target: target))
    },
    BubblewrapOption("--tmp-overlay", "DEST", "overlay at DEST; what is written is thrown away") {
      parser throws(BubblewrapError) in
      let target = try parser.text(0)
      let sources = try parser.takeSources(atLeast: 1, "at least one")
      parser.request.operations.append(.temporaryOverlay(sources: sources, target: target))
    },
    BubblewrapOption("--ro-overlay", "DEST", "overlay at DEST; nothing can be written") {
      parser throws(BubblewrapError) in
      let target = try parser.text(0)
      let sources = try parser.takeSources(atLeast: 2, "at least two")
      parser.request.operations.append(.readOnlyOverlay(sources: sources, target: target))
    },
  ])

let fileOptions = BubblewrapOptionGroup(
  title: "Files and file systems",
  options: [
    BubblewrapOption("--proc", "DEST", "procfs of the sandbox at DEST") { parser throws(BubblewrapError) in
      parser.request.operations.append(.proc(target: try parser.text(0)))
    },
    BubblewrapOption("--dev", "DEST", "the usual harmless devices at DEST") { parser throws(BubblewrapError) in
      parser.request.operations.append(.dev(target: try parser.text(0)))
    },
    BubblewrapOption("--tmpfs", "DEST", "an empty tmpfs at DEST; --perms 0755, --size") {
      parser throws(BubblewrapError) in
      let target = try parser.text(0)
      let mode = parser.takeMode(else: 0o755)
      parser.request.operations.append(.tmpfs(target: target, mode: mode, size: parser.takeSize()))
    },
    BubblewrapOption("--mqueue", "DEST", "POSIX message queues of the sandbox at DEST") {
      parser throws(BubblewrapError) in
      parser.request.operations.append(.mqueue(target: try parser.text(0)))
    },
    BubblewrapOption("--dir", "DEST", "a directory; --perms 0755") { parser throws(BubblewrapError) in
      let target = try parser.text(0)
      parser.request.operations.append(.directory(target: target, mode: parser.takeMode(else: 0o755)))
    },
    BubblewrapOption("--file", "FD DEST", "a file with what FD gives; --perms 0666") { parser throws(BubblewrapError) in
      let (descriptor, target) = (try parser.descriptor(0), try parser.text(1))
      parser.request.operations.append(
        .file(descriptor: descriptor, target: target, mode: parser.takeMode(else: 0o666)))
    },
    BubblewrapOption("--bind-data", "FD DEST", "the same as a mount of its own; --perms 0600") {
      parser throws(BubblewrapError) in
      try parser.bindData(.writable)
    },
    BubblewrapOption("--ro-bind-data", "FD DEST", "the same, read-only; --perms 0600") {
      parser throws(BubblewrapError) in
      try parser.bindData(.readOnly)
    },
    BubblewrapOption("--symlink", "SRC DEST", "a symbolic link at DEST that says SRC") {
      parser throws(BubblewrapError) in
      parser.request.operations.append(.symlink(to: try parser.text(0), target: try parser.text(1)))
    },
    BubblewrapOption("--chmod", "OCTAL PATH", "set the mode of PATH, which must be there") {
      parser throws(BubblewrapError) in
      let mode = try parser.mode()
      parser.request.operations.append(.changeMode(mode, target: try parser.text(1)))
    },
    BubblewrapOption("--perms", "OCTAL", "mode of what the next option makes") { parser throws(BubblewrapError) in
      if parser.pendingMode != nil { throw parser.refusal("--perms given twice for the same action") }
      parser.pendingMode = try parser.mode()
    },
    BubblewrapOption("--size", "BYTES", "size of the next option's tmpfs") { parser throws(BubblewrapError) in
      if parser.pendingSize != nil { throw parser.refusal("--size given twice for the same action") }
      parser.pendingSize = try parser.size()
    },
    BubblewrapOption("--lock-file", "DEST", "hold a read lock on DEST while anything runs inside") {
      parser throws(BubblewrapError) in
      parser.request.lockFiles.append(try parser.text(0))
    },
  ])
