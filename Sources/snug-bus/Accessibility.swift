import Glibc

/// Prints where the accessibility bus listens. Whoever asks judges it.
func tellAccessibilityBus(_ call: Call) throws(Failure) {
  try call.allow()
  guard call.words.isEmpty else { throw .usage("snug-bus accessibility") }
  let bus = try Bus()
  guard let message = Message(to: "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress") else {
    throw .refused("out of memory")
  }
  let reply: Message
  do throws(BusError) {
    reply = try bus.call(message)
  } catch {
    throw .refused(
      error.meansNobodyThere
        ? "nobody on the session bus answers as org.a11y.Bus; install the package at-spi2-core" : error.message)
  }
  guard case .text(let address)? = reply.arguments.first, !address.isEmpty else {
    throw .refused("org.a11y.Bus has no accessibility bus to tell of")
  }
  let line = Array((address + "\n").utf8)
  guard unsafe write(1, line, line.count) == line.count else { throw .refused("cannot write the answer") }
}
