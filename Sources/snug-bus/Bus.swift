import CDBus
import Glibc

/// A connection to the session bus of the caller.
///
/// Calls wait as long as they take: the deadline of the whole process bounds them, see `setDeadline`.
@safe final class Bus {
  private let connection: OpaquePointer

  /// Connects. The address is that of the environment, or the socket where systemd puts it; no bus is ever started.
  init() throws(Failure) {
    func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
    var address = variable("DBUS_SESSION_BUS_ADDRESS") ?? ""
    if address.isEmpty {
      guard let directory = variable("XDG_RUNTIME_DIR"), unsafe access("\(directory)/bus", F_OK) == 0 else {
        throw .refused("no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and XDG_RUNTIME_DIR has none")
      }
      address = "unix:path=\(directory)/bus"
    }
    let error = ErrorText()
    let opened = unsafe dbus_connection_open_private(address, error.pointer)
    guard let opened = unsafe opened else { throw .refused("cannot reach the session bus: \(error.message)") }
    unsafe connection = unsafe opened
    unsafe dbus_connection_set_exit_on_disconnect(connection, 0)
    guard unsafe dbus_bus_register(connection, error.pointer) != 0 else {
      throw .refused("cannot reach the session bus: \(error.message)")
    }
  }

  deinit {
    unsafe dbus_connection_close(connection)
    unsafe dbus_connection_unref(connection)
  }

  /// Calls a method and waits for its answer.
  func call(_ message: Message) throws(BusError) -> Message {
    let error = ErrorText()
    let reply = unsafe dbus_connection_send_with_reply_and_block(connection, message.pointer, .max, error.pointer)
    guard let reply = unsafe reply else { throw BusError(name: error.name, message: error.message) }
    return unsafe Message(owning: reply)
  }

  /// Calls a method that nobody has to answer.
  func send(_ message: Message) {
    unsafe dbus_message_set_no_reply(message.pointer, 1)
    _ = unsafe dbus_connection_send(connection, message.pointer, nil)
  }

  /// Lets signals of a rule come.
  func match(_ rule: String) throws(Failure) {
    let error = ErrorText()
    unsafe dbus_bus_add_match(connection, rule, error.pointer)
    if error.isSet { throw .refused("cannot listen on the session bus: \(error.message)") }
  }

  /// The next message that comes, also one that came while an answer was waited for.
  func next() throws(Failure) -> Message {
    while true {
      if let message = unsafe dbus_connection_pop_message(connection) { return unsafe Message(owning: message) }
      guard unsafe dbus_connection_read_write(connection, -1) != 0 else {
        throw .refused("the session bus has hung up")
      }
    }
  }
}

/// An error that came as an answer.
struct BusError: Error {
  var name: String
  var message: String

  /// Nobody has the name that was called, and nobody could be started for it.
  var meansNobodyThere: Bool {
    let prefix = "org.freedesktop.DBus.Error."
    guard name.hasPrefix(prefix) else { return false }
    let kind = name.dropFirst(prefix.count)
    return kind == "ServiceUnknown" || kind == "NameHasNoOwner" || kind.hasPrefix("Spawn.")
  }
}

/// Where libdbus puts an error.
@safe private final class ErrorText {
  let pointer: UnsafeMutablePointer<DBusError>

  init() {
    unsafe pointer = .allocate(capacity: 1)
    unsafe dbus_error_init(pointer)
  }

  deinit {
    unsafe dbus_error_free(pointer)
    unsafe pointer.deallocate()
  }

  var isSet: Bool { unsafe dbus_error_is_set(pointer) != 0 }
  var name: String { unsafe pointer.pointee.name.map { unsafe String(cString: $0) } ?? "" }
  var message: String { unsafe pointer.pointee.message.map { unsafe String(cString: $0) } ?? "no reason was given" }
}
