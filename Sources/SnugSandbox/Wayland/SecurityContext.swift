import SnugPlan
import SnugProfile

/// What a compositor is told of the clients that come over a socket: wp_security_context_v1 of the staging protocols.
///
/// Spoken on the wire: seven requests need no library.
struct SecurityContext {
  /// Who made the sandbox.
  var engine: String
  /// Which app.
  var appID: String
  /// Which of its instances.
  var instance: String

  /// Why there is none.
  enum Trouble: Error, Hashable {
    /// The compositor does not know them.
    case unsupported
    /// It does, and refuses: its words.
    case refused(String)
    /// What it sends is no Wayland.
    case nonsense(String)
    /// The connection failed.
    case lost(LocalConnection.Trouble)
  }

  /// A compositor has some sixty globals of some forty bytes.
  private static let mostBytes = 1 << 20

  private enum Object {
    static let display: UInt32 = 1
    static let registry: UInt32 = 2
    static let firstSync: UInt32 = 3
    static let manager: UInt32 = 4
    static let context: UInt32 = 5
    static let secondSync: UInt32 = 6
  }

  /// Hands a socket over that listens; returns when the compositor has taken it.
  ///
  /// - Parameters:
  ///   - listener: bound and listening; stays the caller's.
  ///   - closing: when it hangs up the compositor accepts nobody any more; stays the caller's.
  func register(on connection: LocalConnection, listener: Int32, closing: Int32) throws(Trouble) {
    var conversation = Conversation(connection: connection)
    // wl_display: get_registry is 1, sync 0.
    try conversation.send([
      WaylandMessage(Object.display, 1, WaylandMessage.number(Object.registry)),
      WaylandMessage(Object.display, 0, WaylandMessage.number(Object.firstSync)),
    ])
    try conversation.await(Object.firstSync)
    guard let name = conversation.manager else { throw .unsupported }
    let bind =
      WaylandMessage.number(name) + WaylandMessage.text(managerInterface) + WaylandMessage.number(1)
      + WaylandMessage.number(Object.manager)
    try conversation.send(
      [
        WaylandMessage(Object.registry, 0, bind),
        // create_listener: the descriptors travel beside the bytes.
        WaylandMessage(Object.manager, 1, WaylandMessage.number(Object.context)),
        WaylandMessage(Object.context, 1, WaylandMessage.text(engine)),
        WaylandMessage(Object.context, 2, WaylandMessage.text(appID)),
        WaylandMessage(Object.context, 3, WaylandMessage.text(instance)),
        WaylandMessage(Object.context, 4),
        // The context goes on without them.
        WaylandMessage(Object.context, 0), WaylandMessage(Object.manager, 0),
        WaylandMessage(Object.display, 0, WaylandMessage.number(Object.secondSync)),
      ], [listener, closing])
    try conversation.await(Object.secondSync)
  }

  /// What goes to and fro.
  private struct Conversation {
    let connection: LocalConnection
    var reader = WaylandReader()
    var received = 0
    /// The name under which the registry has the manager.
    var manager: UInt32?

    func send(_ messages: [WaylandMessage], _ descriptors: [Int32] = []) throws(Trouble) {
      do throws(LocalConnection.Trouble) {
        try connection.send(messages.flatMap { $0.bytes }, descriptors)
      } catch {
        throw .lost(error)
      }
    }

    /// Reads until a callback is done: then everything before it was carried out.
    mutating func await(_ callback: UInt32) throws(Trouble) {
      while true {
        while let message = try next() {
          if message.object == callback, message.opcode == 0 { return }
          try take(message)
        }
        let bytes: [UInt8]
        do throws(LocalConnection.Trouble) {
          bytes = try connection.receive()
        } catch {
          throw .lost(error)
        }
        received += bytes.count
        if received > SecurityContext.mostBytes { throw .nonsense("it does not stop talking") }
        reader.add(bytes)
      }
    }

    private mutating func next() throws(Trouble) -> WaylandMessage? {
      do throws(WaylandReader.Trouble) { return try reader.next() } catch { throw .nonsense(error.reason) }
    }

    private mutating func take(_ message: WaylandMessage) throws(Trouble) {
      var arguments = WaylandArguments(message)
      switch (message.object, message.opcode) {
      case (Object.display, 0):
        guard arguments.number() != nil, let code = arguments.number(), let text = arguments.text() else {
          throw .nonsense("an error that cannot be read")
        }
        throw .refused("\(escaped(text.prefix(200))) (error \(code))")
      // An object's number is free again.
      case (Object.display, 1): return
      case (Object.registry, 0):
        guard let name = arguments.number(), let interface = arguments.text(), let version = arguments.number() else {
          throw .nonsense("a global that cannot be read")
        }
        if manager == nil, version > 0, interface.elementsEqual(managerInterface.utf8) { manager = name }
      case (Object.registry, 1):
        guard let name = arguments.number() else { throw .nonsense("a global that cannot be read") }
        if manager == name { manager = nil }
      default: throw .nonsense("an event of object \(message.object), which was never made")
      }
    }
  }
}

private let managerInterface = "wp_security_context_manager_v1"
