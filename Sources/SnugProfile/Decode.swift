extension MergedProfile {
  /// The merged values in their typed places.
  public var profile: Profile {
    Profile(
      name: name, file: file, layers: layers.map({ $0.file }),
      id: find("id", text) ?? Located("snug." + name),
      summary: find("summary", text),
      programs: items("programs", text),
      command: find("command") { list($0).map { text($0.value) } },
      optional: items("optional", text),
      files: files, desktop: desktop, devices: devices,
      sessionBus: bus("bus.session"), systemBus: bus("bus.system"),
      network: Network(mode: word("network.mode")),
      environment: Environment(
        keep: items("environment.keep", text),
        set: named("environment.set") { EnvironmentVariable(name: $0, value: text($1)) },
        unset: items("environment.unset", text)),
      process: process, limits: limits, seccomp: seccomp, landlock: landlock,
      assertions: Assertions(
        hidden: items("assert.hidden", path), readable: items("assert.readable", path),
        writable: items("assert.writable", path), network: find("assert.network", boolean)))
  }

  private var files: Files {
    let kinds: [(String, Grant.Kind)] = [("files.read", .read), ("files.write", .write), ("files.hide", .hide)]
    let grants = kinds.flatMap { name, kind -> [Grant] in
      list(value(name)).map { item -> Grant in
        guard case .entry(let entry) = item.value else { return broken(name) }
        return Grant(
          kind: kind, path: entry.path, at: entry.at, ifMissing: entry.ifMissing, layer: item.layer,
          isShipped: item.isShipped, origin: item.origin)
      }
    }
    // Sorting is stable: inside one layer read, write and hide keep the order they were written in.
    let ordered = grants.enumerated().sorted { ($0.element.layer, $0.offset) < ($1.element.layer, $1.offset) }
    return Files(
      root: word("files.root"), home: word("files.home"), grants: ordered.map({ $0.element }),
      arguments: word("files.arguments"),
      ops: items("files.op") { if case .op(let op) = $0 { op } else { broken("files.op") } })
  }

  private var desktop: Desktop {
    Desktop(
      wayland: flag("desktop.wayland"),
      x11: located("desktop.x11") { value in
        switch value {
        case .boolean(let isAsked): isAsked ? .plain : .off
        case .text("untrusted"): .untrusted
        default: .isolated
        }
      },
      audio: located("desktop.audio") { $0 == .boolean(true) ? .full : $0 == .boolean(false) ? .off : .playback },
      portals: flag("desktop.portals"), notifications: flag("desktop.notifications"), fonts: flag("desktop.fonts"),
      themes: flag("desktop.themes"), printing: flag("desktop.printing"),
      accessibility: flag("desktop.accessibility"), inputMethod: flag("desktop.input-method"),
      sshAgent: flag("desktop.ssh-agent"), gpgAgent: flag("desktop.gpg-agent"))
  }

  private var devices: Devices {
    Devices(
      gpu: flag("devices.gpu"), camera: flag("devices.camera"), input: flag("devices.input"),
      kvm: flag("devices.kvm"), usb: flag("devices.usb"), nodes: items("devices.nodes", path))
  }

  private func bus(_ table: String) -> Located<Bus>? {
    guard let item = values[table] else { return nil }
    func rules(_ name: String) -> [Located<BusRule>] {
      named(name) { BusRule(name: $0, rules: list($1).map { text($0.value) }) }
    }
    let bus = Bus(
      see: items(table + ".see", text), talk: items(table + ".talk", text), own: items(table + ".own", text),
      call: rules(table + ".call"), broadcast: rules(table + ".broadcast"), log: flag(table + ".log"))
    return Located(bus, at: item.origin)
  }

  private var process: Process {
    func wait(_ value: Value) -> Wait { if case .wait(let wait) = value { wait } else { broken("process") } }
    return Process(
      adoptWait: located("process.adopt-wait", wait), stopWait: located("process.stop-wait", wait),
      cancelSignal: located("process.cancel-signal") {
        if case .signal(let number) = $0 { number } else { broken("process.cancel-signal") }
      },
      terminal: word("process.terminal"), single: flag("process.single"),
      hostname: located("process.hostname", text), user: word("process.user"),
      workingDirectory: find("process.working-directory", path),
      umask: find("process.umask") { UInt32(integer($0)) },
      nice: located("process.nice") { Int32(integer($0)) })
  }

  private var limits: Limits {
    func size(_ value: Value) -> Size { if case .size(let size) = value { size } else { broken("limits") } }
    func number(_ value: Value) -> UInt64 { UInt64(integer(value)) }
    return Limits(
      memory: find("limits.memory", size), tasks: find("limits.tasks", number), cpu: find("limits.cpu", text),
      openFiles: find("limits.open-files", number),
      core: located("limits.core") { if case .size(.bytes(let bytes)) = $0 { bytes } else { broken("limits.core") } },
      fileSize: find("limits.file-size", size), processes: find("limits.processes", number))
  }

  private var seccomp: Seccomp {
    Seccomp(
      preset: word("seccomp.preset"), allow: items("seccomp.allow", text), deny: items("seccomp.deny", text),
      multiarch: flag("seccomp.multiarch"))
  }

  private var landlock: Landlock {
    Landlock(
      scope: items("landlock.scope") { Landlock.Scope(rawValue: text($0)) ?? broken("landlock.scope") },
      files: find("landlock.files", boolean),
      connectTCP: find("landlock.connect-tcp") { list($0).map { UInt16(integer($0.value)) } })
  }

  // MARK: - One value

  private func find<Result>(_ name: String, _ read: (Value) -> Result) -> Located<Result>? {
    values[name].map { Located(read($0.value), at: $0.origin) }
  }

  private func located<Result>(_ name: String, _ read: (Value) -> Result) -> Located<Result> {
    find(name, read) ?? broken(name)
  }

  private func flag(_ name: String) -> Located<Bool> { located(name, boolean) }

  private func word<Word: RawRepresentable>(_ name: String) -> Located<Word> where Word.RawValue == String {
    located(name) { Word(rawValue: text($0)) ?? broken(name) }
  }

  private func value(_ name: String) -> Value { values[name]?.value ?? .list([]) }

  private func items<Result>(_ name: String, _ read: (Value) -> Result) -> [Located<Result>] {
    list(value(name)).map { Located(read($0.value), at: $0.origin) }
  }

  private func named<Result>(_ name: String, _ read: (String, Value) -> Result) -> [Located<Result>] {
    guard case .map(let items)? = values[name]?.value else { return [] }
    return items.map { Located(read($0.name, $0.value), at: $0.origin) }
  }
}

// The checker let only values of the key's kind through; anything else is a mistake in `Key.all`.
private func broken<Result>(_ name: String) -> Result { preconditionFailure("\(name) has a value of another kind") }

private func boolean(_ value: Value) -> Bool { if case .boolean(let on) = value { on } else { broken("boolean") } }
private func text(_ value: Value) -> String { if case .text(let text) = value { text } else { broken("text") } }
private func integer(_ value: Value) -> Int64 { if case .integer(let it) = value { it } else { broken("integer") } }
private func path(_ value: Value) -> PathValue { if case .path(let path) = value { path } else { broken("path") } }
private func list(_ value: Value) -> [Item] { if case .list(let items) = value { items } else { broken("list") } }
