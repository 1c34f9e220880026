import CSnug
import SnugPlan
import SnugProfile

/// The launcher's side of the control socket: who is connected, what they have asked for, which commands run.
///
/// Runs in the launcher. Nothing waits for a client: what it does not read is dropped, and so is it.
final class ControlService {
  private let listener: Int32
  private let supervision: Supervision
  private var clients: [Client] = []
  private var commands: [RunningCommand] = []
  /// Who waits for an answer of PID 1, and to what; no client: has left. Only the first question is on its way: with many,
  /// two full sockets could make both sides wait for each other.
  private var waiting: [(client: Client?, question: [UInt8])] = []
  /// Until when nobody is let in, for want of descriptors; milliseconds of the clock.
  private var deafUntil: Int?
  private static let mostClients = 200

  init(listener: Int32, for supervision: Supervision) {
    self.listener = listener
    self.supervision = supervision
    _ = csnug_set_nonblocking(listener)
  }

  /// What is to be watched for reading.
  var descriptors: [Int32] {
    (deafUntil == nil ? [listener] : []) + clients.map({ $0.socket.descriptor }) + commands.map({ $0.channel })
  }

  /// When `handle` wants to be called at the latest, in milliseconds of the clock.
  var deadline: Int? { (commands.compactMap({ $0.deadline }) + [deafUntil].compactMap { $0 }).min() }

  /// Takes what poll has found.
  func handle(_ events: [Int32], of descriptors: [Int32]) {
    for (descriptor, event) in zip(descriptors, events) where event != 0 {
      if descriptor == listener {
        accept()
      } else if let client = clients.first(where: { $0.socket.descriptor == descriptor }) {
        serve(client)
      } else if let command = commands.first(where: { $0.channel == descriptor }) {
        hear(command)
      }
    }
    let now = Int(csnug_clock_ms())
    if let time = deafUntil, time <= now { deafUntil = nil }
    for command in commands { command.check(at: now) }
  }

  /// PID 1 has answered the one who has waited longest; `descriptor` stays the caller's.
  func answer(_ descriptor: Int32?, code: Int32) {
    guard !waiting.isEmpty else { return }
    let answered = waiting.removeFirst()
    if let next = waiting.first { supervision.ask(next.question) }
    guard let client = answered.client else { return }
    if code == 0 {
      reply(client, .done, descriptor.map { [$0] } ?? [])
    } else {
      reply(client, .error(message: errorText(code), hint: nil, status: 1))
    }
  }

  // MARK: - Clients

  private func accept() {
    while true {
      let descriptor = Int32(csnug_accept(listener))
      if descriptor == -ErrorNumber.tooManyFiles {
        // Else poll would tell of it again at once, and again.
        if !dropIdle() { deafUntil = Int(csnug_clock_ms()) + 100 }
        return
      }
      if descriptor < 0 { return }
      let client = Client(ControlSocket(descriptor))
      if clients.count >= Self.mostClients, !dropIdle() {
        client.socket.close()
        continue
      }
      _ = csnug_set_nonblocking(descriptor)
      clients.append(client)
      if !isTrustedPeer(descriptor) {
        reply(client, .error(message: "it belongs to another user, or you are inside a sandbox", hint: nil, status: 1))
        drop(client)
      }
    }
  }

  /// Makes room: who has connected first and asked for nothing yet goes. False where nobody has.
  private func dropIdle() -> Bool {
    guard let idle = clients.first(where: { !$0.hasAsked }) else { return false }
    drop(idle)
    return true
  }

  private func serve(_ client: Client) {
    let packet: (json: JSON, descriptors: [Int32])?
    do throws(ControlError) { packet = try client.socket.receive() } catch { return refuse(client, error) }
    guard let packet else { return drop(client) }
    defer { for descriptor in packet.descriptors { _ = csnug_close(descriptor) } }
    do throws(ControlError) {
      let request = try ControlRequest(packet.json)
      client.hasAsked = true
      if case .exec(let exec) = request { return begin(exec, packet.descriptors, for: client) }
      if !packet.descriptors.isEmpty { throw ControlError("descriptors that nothing asks for") }
      obey(request, client)
    } catch {
      refuse(client, error)
    }
  }

  private func obey(_ request: ControlRequest, _ client: Client) {
    switch request {
    case .exec: break
    case .ping, .open:
      // Else one who never reads could fill our memory.
      if waiting.contains(where: { $0.client === client }) { return drop(client) }
      var question = [Message.ping]
      if case .open(let path) = request { question = [Message.open] + Array(path.utf8) }
      waiting.append((client, question))
      if waiting.count == 1 { supervision.ask(question) }
    case .signal(let number): client.command?.tell([LeaderMessage.signal, UInt8(truncatingIfNeeded: number)])
    case .cancel(let number): client.command?.cancel(number)
    case .end(let limit): client.command?.endAll(limit)
    case .proceed: client.command?.tell([LeaderMessage.resume])
    case .job(let foreground):
      client.command?.tell([foreground ? LeaderMessage.foreground : LeaderMessage.background])
    case .network:
      if let namespaces = supervision.networkNamespaces {
        reply(client, .done, namespaces)
      } else {
        let hint = "--network host is the host's; one that shares another's: name that one"
        reply(client, .error(message: "its network is not its own", hint: hint, status: 1))
      }
    case .pause:
      supervision.pause()
      reply(client, .done)
    case .resume:
      supervision.resume()
      reply(client, .done)
    case .reset: reset(client)
    case .stop(let now): now ? supervision.kill() : supervision.cancel()
    }
  }

  private func reset(_ client: Client) {
    do throws(Sandbox.Failure) {
      try supervision.reset()
      for command in commands { end(command, command.lost()) }
      for client in waiting.compactMap({ $0.client }) {
        reply(client, .error(message: "the instance was reset", hint: nil, status: 1))
      }
      waiting = []
      reply(client, .done)
    } catch {
      let text = error.diagnostic.map { ($0.message, $0.hint) } ?? ("it was interrupted", nil)
      reply(client, .error(message: text.0, hint: text.1, status: 1))
    }
  }

  private func refuse(_ client: Client, _ error: ControlError) {
    reply(client, .error(message: "cannot understand the request: \(error.reason)", hint: nil, status: 1))
    drop(client)
  }

  private func reply(_ client: Client, _ reply: ControlReply, _ descriptors: [Int32] = []) {
    if client.socket.send(reply.json, descriptors) != nil { drop(client) }
  }

  private func drop(_ client: Client) {
    guard let index = clients.firstIndex(where: { $0 === client }) else { return }
    clients.remove(at: index)
    // The first one's answer comes all the same.
    if waiting.first?.client === client { waiting[0].client = nil }
    waiting.removeAll { $0.client === client }
    client.socket.close()
    client.command?.client = nil
    client.command?.endAll()
  }

  // MARK: - Commands

  private func begin(_ request: ExecRequest, _ descriptors: [Int32], for client: Client) {
    func refuse(_ message: String, _ hint: String? = nil) {
      reply(client, .error(message: message, hint: hint, status: 125))
    }
    if supervision.isPaused { return refuse("it is paused", "snug resume lets it go on") }
    if client.command != nil { return refuse("this connection has a command already") }
    if descriptors.count != 3 - (request.terminal?.streams.count ?? 0) {
      return refuse("0, 1 and 2 did not come with the request")
    }
    // An open directory leads out of the box: openat(2) with "..", CVE-2024-21626.
    for descriptor in descriptors where fileKind(descriptor) ?? directoryKind == directoryKind {
      return refuse("one of its standard descriptors is a directory", "redirect it: a directory would lead out")
    }
    var pair: [Int32] = [-1, -1]
    if unsafe csnug_socketpair(&pair, true) < 0 { return refuse("there are no descriptors left") }
    defer { _ = csnug_close(pair[1]) }
    let limits = request.limits
    let room = supervision.group?.makeCommandGroup(limits)
    var wire = CommandRequest(words: request.words, environment: request.environment, terminal: request.terminal)
    wire.waits = room != nil
    if room?.group.holdsMemory != true { wire.addressSpace = limits.memory }
    if let most = limits.processes, room?.group.holdsProcesses != true {
      // Its leader, and one more: the one whose being there tells that the limit was met.
      wire.processes = most + UInt64(processTree(below: supervision.pid).count) + 3
    }
    if wire.encoded.count > controlPacketLimit {
      _ = csnug_close(pair[0])
      if let room { supervision.group?.discardCommandGroup(room.name) }
      return refuse("its arguments are longer than \(controlPacketLimit >> 10) KiB", "put them into a file")
    }
    _ = csnug_set_nonblocking(pair[0])
    supervision.start(wire, pair[1], descriptors)
    let command = RunningCommand(
      channel: pair[0], client: client, limits: limits, group: room?.group, initPID: supervision.pid)
    command.discard = room.map { [group = supervision.group] room in { group?.discardCommandGroup(room.name) } }
    client.command = command
    commands.append(command)
  }

  private func hear(_ command: RunningCommand) {
    while let event = command.next() {
      switch event {
      case .reply(let answer, let descriptors):
        if let client = command.client { reply(client, answer, descriptors) }
        for descriptor in descriptors { _ = csnug_close(descriptor) }
      case .ended(let how):
        return end(command, how)
      }
    }
  }

  private func end(_ command: RunningCommand, _ how: CommandEnd) {
    commands.removeAll { $0 === command }
    command.close()
    guard let client = command.client else { return }
    client.command = nil
    reply(client, .ended(how))
    drop(client)
  }
}

/// A connection.
final class Client {
  let socket: ControlSocket
  var command: RunningCommand?
  var hasAsked = false

  init(_ socket: ControlSocket) { self.socket = socket }
}

/// S_IFDIR, inode(7).
private let directoryKind: UInt32 = 0o040000
