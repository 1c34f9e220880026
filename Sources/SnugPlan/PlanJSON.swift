import SnugProfile

extension Plan {
  /// The plan as `plan --json` prints it: design section 5. Keys are stable; text that is not UTF-8 stands escaped.
  ///
  /// - Parameter instructions: how long the seccomp program is.
  public func json(instructions: Int) -> JSON {
    .object([
      .init("version", .number(1)),
      .init("profile", .text(profile)),
      .init("id", .text(id)),
      .init("namespaces", .texts(namespaces.map({ $0.rawValue }))),
      .init("ops", .list(ops.enumerated().map { object($0, $1) })),
      .init(
        "hidden", .list(hidden.map { .object([.init("index", .integer($0.index)), .init("by", .integer($0.by))]) })),
      .init(
        "skipped",
        .list(
          skipped.map {
            .object([
              .init("path", .text($0.path)), .init("reason", .text($0.reason)), .init("origin", $0.origin.json),
            ])
          })),
      .init(
        "creations",
        .list(creations.map { .object([.init("path", .text($0.value)), .init("origin", $0.origin.json)]) })),
      .init(
        "seccomp",
        .object([
          .init("preset", .text(seccomp.preset.rawValue)), .init("allow", .texts(seccomp.allow)),
          .init("deny", .texts(seccomp.deny)), .init("multiarch", .boolean(seccomp.multiarch)),
          .init("segments", .boolean(!seccomp.refusesSegments)), .init("instructions", .integer(instructions)),
        ])),
      .init("landlock", landlockObject),
      .init(
        "environment",
        .list(
          environment.map {
            .object([
              .init("name", .text($0.name)), .init("value", .text(text($0.value))), .init("origin", $0.origin.json),
            ])
          })),
      .init("bus", bus?.json ?? .object([])), .init("portals", portals?.json ?? .null),
      .init("network", networkObject),
      .init("wayland", wayland?.json(id) ?? .null), .init("x11", x11?.json ?? .null),
      .init("sound", sound?.json ?? .null),
      .init("process", processObject),
      .init("executable", command.isEmpty ? .null : .text(executable)), .init("command", .texts(command.map(text))),
      .init("descriptors", .list(passedDescriptors.map { .integer($0) })),
      .init(
        "assert", .list(asserts.map { .object([.init("claim", .text($0.text)), .init("origin", $0.origin.json)]) })),
      .init("not-enforced", .texts(notEnforced)),
    ])
  }

  private func object(_ index: Int, _ planned: PlannedOp) -> JSON {
    .object(
      [
        .init("index", .integer(index)), .init("op", .text(planned.op.name)),
        .init("target", .text(planned.op.target)),
      ] + planned.op.details.members + [.init("origin", planned.origin.json)])
  }

  private var networkObject: JSON {
    guard namespaces.contains(.network) else { return .object([.init("mode", .text("host"))]) }
    guard let network = privateNetwork else { return .object([.init("mode", .text("none"))]) }
    return .object([
      .init("mode", .text("private")), .init("program", .text(network.program.path)),
      .init("name-server", network.nameServer.map { .text($0) } ?? .null), .init("origin", network.origin.json),
    ])
  }

  private var landlockObject: JSON {
    .object([
      .init("abi", .integer(landlock.abi)), .init("scope", .texts(landlock.scope.map({ $0.rawValue }))),
      .init("files", .boolean(landlock.files)),
      .init("connect-tcp", landlock.connectTCP.map { .list($0.map { .integer($0) }) } ?? .null),
      .init(
        "rules",
        .list(
          landlock.rules.map {
            .object([.init("path", .text($0.path)), .init("rights", .text($0.rights.rawValue))])
          })),
    ])
  }

  private var processObject: JSON {
    .object([
      .init("user", .integer(process.uid)), .init("group", .integer(process.gid)),
      .init("hostname", .text(process.hostname)), .init("working-directory", .text(process.workingDirectory)),
      .init("umask", .text(octal(process.umask))), .init("nice", .integer(process.nice)),
      .init("terminal", .text(process.terminal.rawValue)), .init("adopt-wait", .text(waitText(process.adoptWait))),
      .init("stop-wait", .text(waitText(process.stopWait))),
      .init("cancel-signal", process.cancelSignal.map { .integer($0) } ?? .null),
      .init(
        "limits",
        .object(
          process.limits.map { .init($0.kind.rawValue, .number($0.value)) }
            + (process.group?.limits ?? []).map { .init($0.kind.rawValue, .number($0.value)) })),
      .init("limits-held-by", process.group.map { .text($0.keeper.rawValue) } ?? .null),
    ])
  }

  /// Bytes as text: themselves where they are UTF-8.
  private func text(_ bytes: [UInt8]) -> String { validText(bytes) ?? escaped(bytes) }
}

extension Origin {
  /// `{"file": "firefox.toml", "line": 12}`; the line is 0 for options and defaults.
  var json: JSON { .object([.init("file", .text(file)), .init("line", .integer(line))]) }
}
