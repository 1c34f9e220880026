import SnugProfile

extension Explainer {
  /// Which network, and what of it.
  var network: [Fact] {
    let mode = profile.network.mode
    var facts: [Fact] = []
    switch mode.value {
    case .none:
      facts.append(
        Fact(
          "none: a loopback of its own (127.0.0.1 inside leads to the sandbox alone), no way to any other machine",
          mode.origin))
    case .host: facts.append(Fact("yours, with everything that it leads to", mode.origin))
    case .userMode:
      facts.append(
        plan.privateNetwork == nil
          ? Fact("none: the private network cannot be made on this machine, and the profile lets it go", mode.origin)
          : Fact(
            "a private one: connections outward alone, to the internet and the machines around you; what listens on "
              + "this machine's 127.0.0.1 is out of reach, and nothing outside reaches what listens inside", mode.origin
          ))
    }
    if let ports = profile.landlock.connectTCP, plan.landlock.connectTCP != nil {
      let list = ports.value.map { String($0) }.joined(separator: ", ")
      facts.append(
        Fact(
          "TCP connections go to \(ports.value.isEmpty ? "no port" : "port \(list) alone"); UDP, with which names are "
            + "looked up, is not restricted, and neither is which machine is called", ports.origin))
    }
    let origin = profile.landlock.scope.first { $0.value == .abstractUnixSocket }?.origin
    if plan.namespaces.contains(.network) || plan.landlock.scope.contains(.abstractUnixSocket) {
      facts.append(
        Fact(
          "no abstract sockets (doors to other programs that have no file) of anything outside",
          plan.namespaces.contains(.network) ? mode.origin : origin ?? mode.origin))
    }
    return facts
  }

  /// The filter, the second wall and the privileges.
  var calls: [Fact] {
    let asked = profile.seccomp
    var facts: [Fact] = []
    if hasFilter(plan.seccomp) {
      let groups = presetGroups(asked.preset.value, multiarch: asked.multiarch.value)
      let names = groups.map({ $0.name }).joined(separator: ", ")
      facts.append(
        Fact(
          "a seccomp filter (which calls into the kernel are refused), \(asked.preset.value.rawValue): "
            + "\(asked.preset.value.purpose)"
            + (groups.isEmpty ? "" : ". Refused are \(names); snug seccomp \(asked.preset.value.rawValue) says why"),
          asked.preset.origin))
    } else {
      facts.append(Fact("no seccomp filter: every call into the kernel is let through", asked.preset.origin))
    }
    for (words, calls) in [("let through besides", asked.allow), ("refused besides", asked.deny)] {
      for (origin, calls) in grouped(calls, by: { $0.origin }) {
        facts.append(Fact("\(words): \(calls.map { escaped($0.value) }.joined(separator: ", "))", origin))
      }
    }
    if asked.multiarch.value { facts.append(Fact("32-bit programs work", asked.multiarch.origin)) }
    facts.append(secondWall)
    if plan.landlock.scope.contains(.signal) {
      facts.append(
        Fact(
          "no signals to processes outside, in whatever way",
          profile.landlock.scope.first { $0.value == .signal }?.origin ?? .defaults))
    }
    facts.append(
      Fact("no privileges (capabilities), and no way to get any: sudo and other set-uid programs do not work in it"))
    return facts
  }

  private var secondWall: Fact {
    let origin = profile.landlock.files?.origin ?? profile.seccomp.preset.origin
    if plan.landlock.files {
      return Fact("landlock (a guard in the kernel) holds the same rules for files a second time", origin)
    }
    return Fact("no second wall for files: landlock (a guard in the kernel) is not used for them", origin)
  }

  /// What ends when, and the limits.
  var lifetime: [Fact] {
    let process = profile.process
    var facts: [Fact] = []
    switch process.adoptWait.value {
    case .none:
      facts.append(Fact("when the program ends, all that it has started ends at once", process.adoptWait.origin))
    case .forever:
      facts.append(
        Fact("what the program leaves running may go on for ever after its end", process.adoptWait.origin))
    case .milliseconds:
      facts.append(
        Fact(
          "what the program leaves running may go on for \(waitText(process.adoptWait.value)) after its end, then it is "
            + "ended", process.adoptWait.origin))
    }
    facts.append(cancellation)
    facts.append(Fact("nothing outlives snug run: when that is killed, everything inside is killed with it"))
    for limit in plan.process.limits { facts.append(told(limit)) }
    for limit in plan.process.group?.limits ?? [] { facts.append(told(limit)) }
    let shared = plan.process.group?.limits.map({ $0.kind }) ?? []
    var free: [String] = []
    if !shared.contains(.memory) { free.append("memory") }
    if !shared.contains(.cpu) { free.append("processor time") }
    let countsProcesses = shared.contains(.tasks) || plan.process.limits.contains { $0.kind == .processes }
    if !countsProcesses { free.append("number of processes") }
    let subject = free.count < 2 ? free.joined() : free.dropLast().joined(separator: ", ") + " and " + (free.last ?? "")
    let verb = free.count == 1 ? "is" : "are"
    if !free.isEmpty { facts.append(Fact("\(subject) \(verb) not limited")) }
    return facts
  }

  private func told(_ limit: GroupLimit) -> Fact {
    switch limit.kind {
    case .memory: Fact("all its processes together use at most \(sizeText(limit.value)) of memory", limit.origin)
    case .tasks: Fact("at most \(limit.value) processes and threads together", limit.origin)
    case .cpu: Fact("all its processes together use at most \(limit.written) of one processor", limit.origin)
    }
  }

  private var cancellation: Fact {
    let process = profile.process
    guard let signal = process.cancelSignal.value else {
      return Fact("SIGTERM to snug run ends everything at once", process.cancelSignal.origin)
    }
    let name = "SIG" + signalText(signal)
    let words =
      switch process.stopWait.value {
      case .none: "SIGTERM to snug run ends everything at once"
      case .forever: "SIGTERM to snug run asks the program to end (\(name)) and waits as long as that takes"
      case .milliseconds:
        "SIGTERM to snug run asks the program to end (\(name)); after \(waitText(process.stopWait.value)) everything "
          + "is ended"
      }
    return Fact(words, [process.cancelSignal.origin, process.stopWait.origin])
  }

  private func told(_ limit: ResourceLimit) -> Fact {
    let limits = profile.limits
    return switch limit.kind {
    case .openFiles:
      Fact("at most \(limit.value) open files in a process", limits.openFiles?.origin ?? .defaults)
    case .core:
      Fact(
        limit.value == 0
          ? "a crash leaves no core file (a copy of its memory on the disk)"
          : "a crash leaves a core file (a copy of its memory on the disk) of at most \(sizeText(limit.value))",
        limits.core.origin)
    case .fileSize:
      Fact("no file grows beyond \(sizeText(limit.value))", limits.fileSize?.origin ?? .defaults)
    case .processes:
      Fact("at most \(limit.value) processes and threads of yours in it", limits.processes?.origin ?? .defaults)
    }
  }
}
