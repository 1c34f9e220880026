/// `notify TITLE BODY`: shows a notification.
func notify(_ call: Call) throws(Failure) {
  try call.allow()
  guard call.words.count == 2 else { throw .usage("snug-bus notify TITLE BODY") }
  try showNotification(call.words[0], call.words[1], on: try Bus())
}

/// See the Desktop Notifications Specification. Its text may hold markup; ours holds none.
func showNotification(_ title: String, _ body: String, on bus: Bus) throws(Failure) {
  let name = "org.freedesktop.Notifications"
  let plain = body.map { character in
    switch character {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    default: String(character)
    }
  }.joined()
  let message = Message(
    to: name, "/org/freedesktop/Notifications", name, "Notify",
    [
      .text("Snug"), .number32(0), .text("dialog-error"), .text(title), .text(plain), .list(of: "s", []),
      .list(of: "{sv}", []), .signed32(-1),
    ])
  guard let message else { throw .refused("cannot make a message for the session bus: out of memory") }
  do throws(BusError) {
    _ = try bus.call(message)
  } catch {
    throw .refused("nobody shows notifications: \(error.message)")
  }
}
