import Glibc

/// `unboxed NAME... [--notify APP]`: prints those names of the session bus that one of NAME covers and that belong to a
/// program in this one's user namespace: outside of every sandbox. With `--notify` a notification tells of the first one.
func findUnboxed(_ call: Call) throws(Failure) {
  try call.allow("notify")
  let bus = try Bus()
  guard let all = ask(bus, "ListNames", []).first, case .list(_, let items) = all else { return }
  let own = namespace("self")
  var found: [String] = []
  for case .text(let name) in items where call.words.contains(where: { covers($0, name) }) {
    guard case .number32(let pid)? = ask(bus, "GetConnectionUnixProcessID", [.text(name)]).first,
      let other = namespace(String(pid)), other == own
    else { continue }
    found.append(name)
    printLine(name)
  }
  guard let app = call.options["notify"], let first = found.first else { return }
  try showNotification(
    "\(app) also runs outside of the sandbox", "What is asked of \(first) happens there. End that program first.",
    on: bus)
}

/// `org.example.*` is that name and every one below it, as xdg-dbus-proxy(1) has it.
private func covers(_ pattern: String, _ name: String) -> Bool {
  guard pattern.hasSuffix(".*") else { return pattern == name }
  let stem = pattern.dropLast(2)
  return name == stem || name.hasPrefix(stem + ".")
}

/// Empty where the bus gives no answer.
private func ask(_ bus: Bus, _ method: String, _ arguments: [Value]) -> [Value] {
  let name = "org.freedesktop.DBus"
  guard let message = Message(to: name, "/org/freedesktop/DBus", name, method, arguments) else { return [] }
  do throws(BusError) { return try bus.call(message).arguments } catch { return [] }
}

/// The user namespace of a process; nil where this one may not know.
private func namespace(_ process: String) -> String? {
  var text = [CChar](repeating: 0, count: 256)
  let count = unsafe readlink("/proc/\(process)/ns/user", &text, text.count)
  return count > 0 ? String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
}
