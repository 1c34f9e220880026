import SnugProfile

extension Questioner {
  /// May the app talk to this name of a bus?
  func answer(bus name: String, _ isSystem: Bool, _ asked: String) -> Answer {
    let word = isSystem ? "system" : "session"
    var answer = Answer(query: asked, word: .refused, text: "", origins: [])
    guard let bus = plan.bus(isSystem ? .system : .session, of: profile) else {
      answer.text = "no: there is no \(word) bus inside at all"
      answer.remedies = ["To let the app talk to it: talk = [\(quoted(name))] under [bus.\(word)]."]
      return answer
    }
    func lines(_ names: [Located<String>]) -> [Origin] {
      names.filter { covers($0.value, name) }.map({ $0.origin })
    }
    let ways: [(words: String, word: Answer.Word, origins: [Origin])] = [
      ("yes: the app may call it, and may be it: answer under this name", .allowed, lines(bus.value.own)),
      ("yes: the app may call everything of it", .allowed, lines(bus.value.talk)),
      ("in part: the app may make the calls that the rules name", .partly, lines(names(of: bus.value.call))),
      ("in part: the app hears the signals that the rules name", .partly, lines(names(of: bus.value.broadcast))),
      ("only whether it is there: the app may not call it", .refused, lines(bus.value.see)),
    ]
    if name == "org.freedesktop.DBus" {
      (answer.word, answer.text, answer.origins) = (.allowed, "yes: the bus itself always answers", [bus.origin])
    } else if let way = ways.first(where: { !$0.origins.isEmpty }) {
      (answer.word, answer.text, answer.origins) = (way.word, way.words, way.origins)
    } else {
      answer.text = "no: no rule of the \(word) bus names it, and the app does not even see that it is there"
      answer.origins = [bus.origin]
    }
    if answer.word != .allowed {
      answer.remedies = ["To let the app talk to it: talk = [\(quoted(name))] under [bus.\(word)]."]
    }
    return answer
  }

  private func names(of rules: [Located<BusRule>]) -> [Located<String>] {
    rules.map { Located($0.value.name, at: $0.origin) }
  }

  /// `org.example.*` is the name and all below it, as xdg-dbus-proxy(1) has it.
  private func covers(_ pattern: String, _ name: String) -> Bool {
    guard pattern.hasSuffix(".*") else { return pattern == name }
    let stem = pattern.dropLast(2)
    return name == stem || name.hasPrefix(stem + ".")
  }

  /// May the app make this TCP connection?
  func answer(tcp port: UInt16, of machine: String?, _ asked: String) -> Answer {
    let mode = profile.network.mode
    var answer = Answer(query: asked, word: .refused, text: "", origins: [mode.origin])
    let isOwn = machine.map(isLoopback) ?? false
    if mode.value == .none {
      answer.text = "no: the app has no network, only a loopback of its own"
      if isOwn { answer.notes = ["What listens on 127.0.0.1 inside is the sandbox's own; the host's is not reached."] }
      answer.remedies = [
        "To give it a way outward: mode = \"private\" under [network], or snug run --network private.",
        "To give it your whole network: mode = \"host\" under [network], or snug run --network host.",
      ]
      return answer
    }
    if mode.value == .userMode, isOwn {
      answer.text = "no: services of this machine are out of reach, only outward connections are made"
      return answer
    }
    if let ports = profile.landlock.connectTCP, let enforced = plan.landlock.connectTCP {
      answer.origins = [ports.origin]
      if !enforced.contains(port) {
        answer.text = "no: port \(port) is not among those that it may connect to"
        answer.notes = [unrestricted]
        answer.remedies = [
          "To let it: connect-tcp = [\((enforced + [port]).sorted().map { String($0) }.joined(separator: ", "))] under [landlock]."
        ]
        return answer
      }
      answer.text = "yes: the port is among those that it may connect to"
      answer.notes = [unrestricted]
    } else {
      answer.text =
        mode.value == .userMode
        ? "yes: connections outward are let through, and no port is refused"
        : "yes: the app uses your network, and no port of it is refused"
      if profile.landlock.connectTCP != nil {
        answer.notes = ["landlock.connect-tcp asks for less, but this machine cannot enforce it."]
      }
    }
    answer.word = .allowed
    if machine != nil {
      answer.notes.append("Machines are not told apart: what holds for this one holds for every other.")
    }
    if isOwn { answer.notes.append("127.0.0.1 is this machine's: all its services are reached.") }
    return answer
  }

  private var unrestricted: String { "Ports hold for TCP alone: UDP and the looking up of names are not restricted." }

  private func isLoopback(_ machine: String) -> Bool {
    machine == "localhost" || machine.hasPrefix("127.") || machine == "::1" || machine == "[::1]"
  }
}
