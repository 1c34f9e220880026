import SnugProfile

extension Plan {
  /// The plan as a person reads it: sections of aligned lines, every line with the profile line that caused it.
  ///
  /// - Parameter instructions: how long the seccomp program is.
  public func text(instructions: Int) -> String {
    let names = fileNames
    var out = "\(escaped(profile)) (\(escaped(id)))\n"
    out += "\nnamespaces  \(namespaces.map({ $0.rawValue }).joined(separator: " "))\n"
    out += "network     \(networkText)\n"
    func add(_ title: String, _ rows: [Row]) { out += section(title, rows, names) }
    add("ops", opRows)
    if !creations.isEmpty { add("made on the host", creations.map { Row([escaped($0.value)], $0.origin) }) }
    add("seccomp", seccompRows(instructions))
    add("landlock", landlockRows)
    add(
      "environment",
      environment.map { Row([escaped($0.name) + "=" + ($0.isOwnPID ? "(its own pid)" : escaped($0.value))], $0.origin) }
    )
    if let bus { add("bus", busRows(bus)) }
    if wayland != nil || x11 != nil { add("windows", windowRows) }
    if let portals { add("portals", portals.rows.map { Row($0, portals.origin) }) }
    if let sound {
      add("sound", [Row(["playback", "\(escaped(sound.socket)) from \(escaped(sound.server.path))"], sound.origin)])
    }
    add("process", processRows)
    add(
      "command", commandRows)
    if !asserts.isEmpty { add("assert", asserts.map { Row([escaped($0.text)], $0.origin) }) }
    if !passedDescriptors.isEmpty { add("descriptors", passedDescriptors.map { Row([String($0)]) }) }
    let short = names.filter { $0.key != $0.value }.sorted { $0.key < $1.key }
    if !short.isEmpty { add("files", short.map { Row([escaped($0.value), escaped($0.key)]) }) }
    if !skipped.isEmpty {
      add("skipped", skipped.map { Row([escaped($0.path), escaped($0.reason)], $0.origin) })
    }
    if !hidden.isEmpty { add("hidden", hidden.map(hiddenRow)) }
    if !notEnforced.isEmpty { add("not enforced", notEnforced.map { Row([escaped($0)]) }) }
    return out
  }

  private var networkText: String {
    guard namespaces.contains(.network) else { return "the host's" }
    guard let network = privateNetwork else { return "none: loopback of its own" }
    let names = network.nameServer.map { ", names asked of \($0) outside" } ?? ""
    return "private: through \(escaped(network.program.path)), no way to the host's loopback\(names)"
  }

  private struct Row {
    var cells: [String]
    var origin: Origin?

    init(_ cells: [String], _ origin: Origin? = nil) {
      self.cells = cells
      self.origin = origin
    }
  }

  private var fileNames: [String: String] {
    shortFileNames(
      ops.map({ $0.origin }) + environment.map({ $0.origin }) + skipped.map({ $0.origin })
        + creations.map({ $0.origin }) + asserts.map({ $0.origin })
        + (bus?.buses.flatMap { bus in [bus.origin] + bus.rules.map({ $0.origin }) } ?? [])
        + (portals.map { [$0.origin] } ?? []) + (process.group?.limits.map({ $0.origin }) ?? []))
  }

  private var opRows: [Row] {
    let width = String(max(0, ops.count - 1)).count
    return ops.enumerated().map { index, planned in
      let number = String(index)
      let padded = String(repeating: " ", count: width - number.count) + number
      return Row([padded, planned.op.name, escaped(planned.op.target), planned.op.details.text], planned.origin)
    }
  }

  private func seccompRows(_ instructions: Int) -> [Row] {
    var rows = [Row(["preset", seccomp.preset.rawValue]), Row(["instructions", String(instructions)])]
    if !seccomp.allow.isEmpty { rows.append(Row(["allow", escaped(seccomp.allow.joined(separator: " "))])) }
    if !seccomp.deny.isEmpty { rows.append(Row(["deny", escaped(seccomp.deny.joined(separator: " "))])) }
    if seccomp.multiarch { rows.append(Row(["multiarch", "yes"])) }
    if seccomp.refusesSegments { rows.append(Row(["segments", "refused: the app has a window of X11"])) }
    return rows
  }

  private var landlockRows: [Row] {
    if landlock.abi == 0 { return [Row(["not used"])] }
    var rows = [Row(["abi", String(landlock.abi)])]
    if !landlock.scope.isEmpty {
      rows.append(Row(["scope", landlock.scope.map({ $0.rawValue }).joined(separator: " ")]))
    }
    if let ports = landlock.connectTCP {
      rows.append(Row(["connect-tcp", ports.isEmpty ? "none" : ports.map { String($0) }.joined(separator: " ")]))
    }
    rows += landlock.rules.map { Row([$0.rights.rawValue, escaped($0.path)]) }
    return rows
  }

  private func busRows(_ policy: BusPolicy) -> [Row] {
    policy.buses.flatMap { bus -> [Row] in
      let log = bus.log.value ? ", refused calls are shown" : ""
      let head = Row([bus.kind.rawValue, "\(escaped(bus.socket)) from \(escaped(bus.upstreamText))\(log)"], bus.origin)
      return [head]
        + bus.rules.map { rule in
          Row(
            ["", "\(rule.access.rawValue) \(escaped(rule.name))" + (rule.rule.map { " " + escaped($0) } ?? "")],
            rule.origin)
        }
    }
  }

  private var windowRows: [Row] {
    var rows: [Row] = []
    if let wayland {
      let words = "the compositor at \(escaped(wayland.compositor.path)) is told: \(escaped(id)) of \(sandboxEngine)"
      rows.append(Row(["wayland", "\(escaped(wayland.socket)): \(words)"], wayland.origin))
    }
    if let x11 { rows.append(Row(["x11", x11.text], x11.origin)) }
    return rows
  }

  private var processRows: [Row] {
    var rows = [
      Row(["user", "\(process.uid):\(process.gid)"]), Row(["hostname", escaped(process.hostname)]),
      Row(["directory", escaped(process.workingDirectory)]), Row(["umask", octal(process.umask)]),
      Row(["nice", String(process.nice)]), Row(["terminal", process.terminal.rawValue]),
      Row(["adopt-wait", waitText(process.adoptWait)]), Row(["stop-wait", waitText(process.stopWait)]),
      Row(["cancel-signal", process.cancelSignal.map(signalText) ?? "none"]),
    ]
    rows += process.limits.map { Row([$0.kind.rawValue, String($0.value)]) }
    guard let group = process.group else { return rows }
    rows += group.limits.map { limit in
      let value = limit.kind == .cpu ? limit.written : String(limit.value)
      return Row([limit.kind.rawValue, "\(value) in all, \(group.keeper.words)"], limit.origin)
    }
    return rows
  }

  private var commandRows: [Row] {
    if command.isEmpty { return [Row(["none: name one on the command line"])] }
    return ([Array(executable.utf8)] + command.dropFirst()).map { Row([word($0)]) }
  }

  private func hiddenRow(_ pair: HiddenOp) -> Row {
    let target = escaped(ops[pair.index].op.target)
    return Row(["\(pair.index) \(ops[pair.index].op.name) \(target)", "by \(pair.by)"], ops[pair.by].origin)
  }

  private func section(_ title: String, _ rows: [Row], _ names: [String: String]) -> String {
    let columns = rows.map({ $0.cells.count }).max() ?? 0
    let widths = (0..<columns).map { column in
      // A very long name does not push everything else off the screen.
      min(56, rows.map { column < $0.cells.count ? $0.cells[column].count : 0 }.max() ?? 0)
    }
    let body = rows.map { row in
      var line = " "
      for (column, cell) in row.cells.enumerated() { line += " " + padded(cell, to: widths[column]) }
      guard let origin = row.origin else { return trimmedRight(line) }
      return line + "  # " + shortText(origin, names)
    }
    return "\n\(title)\n" + body.map { $0 + "\n" }.joined()
  }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func trimmedRight(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }

  /// A word of argv, quoted where a reader would take it for several.
  private func word(_ bytes: [UInt8]) -> String {
    let text = escaped(bytes)
    return text.isEmpty || text.contains(" ") ? "'\(text)'" : text
  }
}

extension GroupPolicy.Keeper {
  /// Who holds a limit.
  var words: String {
    switch self {
    case .scope: "held by a systemd scope"
    case .cgroup: "held by a cgroup of its own"
    }
  }
}

/// As a profile says it: `none`, `forever`, `5s`, `1500ms`.
func waitText(_ wait: Wait) -> String {
  switch wait {
  case .none: "none"
  case .forever: "forever"
  case .milliseconds(let count): count % 1000 == 0 ? "\(count / 1000)s" : "\(count)ms"
  }
}
