import CDBus

/// A value as it goes over the bus, with its type.
indirect enum Value {
  case text(String)
  case path(String)
  case flag(Bool)
  case number32(UInt32)
  case number64(UInt64)
  case signed32(Int32)
  /// One of this process; a message holds a copy.
  case descriptor(Int32)
  /// Items of one type, which an empty list needs told.
  case list(of: String, [Value])
  case structure([Value])
  case variant(Value)

  /// As the D-Bus specification writes types.
  var signature: String {
    switch self {
    case .text: "s"
    case .path: "o"
    case .flag: "b"
    case .number32: "u"
    case .number64: "t"
    case .signed32: "i"
    case .descriptor: "h"
    case .list(let item, _): "a" + item
    case .structure(let members): "(" + members.map(\.signature).joined() + ")"
    case .variant: "v"
    }
  }
}

/// A message of libdbus.
@safe final class Message {
  let pointer: OpaquePointer

  /// Takes over a reference.
  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  /// A call of a method. Nil where a name is none that the bus allows, or memory has run out.
  init?(to service: String, _ object: String, _ interface: String, _ method: String, _ arguments: [Value] = []) {
    guard let made = unsafe dbus_message_new_method_call(service, object, interface, method) else { return nil }
    unsafe pointer = unsafe made
    var iterator = unsafe DBusMessageIter()
    unsafe dbus_message_iter_init_append(pointer, &iterator)
    for argument in arguments where unsafe !append(argument, &iterator) { return nil }
  }

  deinit { unsafe dbus_message_unref(pointer) }

  /// Whether it is this signal.
  func isSignal(_ interface: String, _ name: String) -> Bool {
    unsafe dbus_message_is_signal(pointer, interface, name) != 0
  }

  /// What it carries: texts, object paths, 32-bit numbers and lists of those; what is of another type is left out.
  var arguments: [Value] {
    var iterator = unsafe DBusMessageIter()
    guard unsafe dbus_message_iter_init(pointer, &iterator) != 0 else { return [] }
    return unsafe values(&iterator)
  }

  private func values(_ iterator: inout DBusMessageIter) -> [Value] {
    var values: [Value] = []
    repeat {
      switch UInt8(truncatingIfNeeded: unsafe dbus_message_iter_get_arg_type(&iterator)) {
      case UInt8(ascii: "s"): values.append(.text(unsafe text(&iterator)))
      case UInt8(ascii: "o"): values.append(.path(unsafe text(&iterator)))
      case UInt8(ascii: "u"):
        var number: UInt32 = 0
        unsafe dbus_message_iter_get_basic(&iterator, &number)
        values.append(.number32(number))
      case UInt8(ascii: "a"):
        var inner = unsafe DBusMessageIter()
        unsafe dbus_message_iter_recurse(&iterator, &inner)
        let items = unsafe self.values(&inner)
        values.append(.list(of: items.first?.signature ?? "s", items))
      default: break
      }
    } while unsafe dbus_message_iter_next(&iterator) != 0
    return values
  }

  private func text(_ iterator: inout DBusMessageIter) -> String {
    var text: UnsafePointer<CChar>?
    unsafe dbus_message_iter_get_basic(&iterator, &text)
    return unsafe text.map { unsafe String(cString: $0) } ?? ""
  }
}

/// Puts a value into a message; false where memory has run out.
private func append(_ value: Value, _ iterator: inout DBusMessageIter) -> Bool {
  let type = Int32(value.signature.utf8.first ?? 0)
  switch value {
  case .text(let text), .path(let text):
    return unsafe text.withCString { bytes in
      var bytes: UnsafePointer<CChar>? = unsafe bytes
      return unsafe dbus_message_iter_append_basic(&iterator, type, &bytes) != 0
    }
  case .flag(let flag):
    var word: UInt32 = flag ? 1 : 0
    return unsafe dbus_message_iter_append_basic(&iterator, type, &word) != 0
  case .number32(var number): return unsafe dbus_message_iter_append_basic(&iterator, type, &number) != 0
  case .signed32(var number), .descriptor(var number):
    return unsafe dbus_message_iter_append_basic(&iterator, type, &number) != 0
  case .number64(var number): return unsafe dbus_message_iter_append_basic(&iterator, type, &number) != 0
  case .list(let item, let items): return unsafe appendContainer(type, item, items, &iterator)
  // Structures are called `r` where one is opened, and tell their members' types themselves.
  case .structure(let members): return unsafe appendContainer(Int32(UInt8(ascii: "r")), nil, members, &iterator)
  case .variant(let inner): return unsafe appendContainer(type, inner.signature, [inner], &iterator)
  }
}

private func appendContainer(
  _ type: Int32, _ signature: String?, _ items: [Value], _ iterator: inout DBusMessageIter
) -> Bool {
  var inner = unsafe DBusMessageIter()
  guard unsafe dbus_message_iter_open_container(&iterator, type, signature, &inner) != 0 else { return false }
  for item in items where unsafe !append(item, &inner) { return false }
  return unsafe dbus_message_iter_close_container(&iterator, &inner) != 0
}
