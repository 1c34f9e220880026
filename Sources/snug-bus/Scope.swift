/// `scope NAME PID [--id ID] [--memory BYTES] [--tasks N] [--cpu N%]`: has systemd's user manager put a process into a
/// transient scope `app-snug-NAME-ID.scope` with limits, and waits until that is done. ID is PID where it is not given.
///
/// The name is that of the desktop's rule for scopes, `app[-LAUNCHER]-APPID-RANDOM.scope`: by it portals and task managers
/// know the app. See org.freedesktop.systemd1(5) and systemd.resource-control(5).
func makeScope(_ call: Call) throws(Failure) {
  try call.allow("id", "memory", "tasks", "cpu")
  guard call.words.count == 2, let pid = UInt32(call.words[1]), pid > 1 else {
    throw .usage("snug-bus scope NAME PID [--id ID] [--memory BYTES] [--tasks N] [--cpu N%]")
  }
  let name = call.words[0]
  let unit = unitName(name, id: call.options["id"] ?? String(pid))
  var properties: [(String, Value)] = [
    ("Description", .text("\(name), in a sandbox of snug")), ("Slice", .text("app.slice")),
    ("PIDs", .list(of: "u", [.number32(pid)])), ("CollectMode", .text("inactive-or-failed")),
    // Else the manager may move processes out of the limits, CVE-2020-27352.
    ("Delegate", .flag(true)),
  ]
  if let memory = try call.number("memory", in: 1...UInt64(Int64.max)) {
    // Else the limit would be one of what is in memory, and the rest fill the disk.
    properties += [("MemoryMax", .number64(memory)), ("MemorySwapMax", .number64(0))]
  }
  if let tasks = try call.number("tasks", in: 1...4_194_304) { properties.append(("TasksMax", .number64(tasks))) }
  if let share = try call.number("cpu", in: 1...100_000, unit: "%") {
    // Microseconds of processor time in a second.
    properties.append(("CPUQuotaPerSecUSec", .number64(share * 10_000)))
  }

  let bus = try Bus()
  // Before the job is begun, or its end could come unheard.
  try bus.match("type='signal',sender='\(service)',path='\(object)',interface='\(manager)',member='JobRemoved'")
  if let subscribe = Message(to: service, object, manager, "Subscribe") { bus.send(subscribe) }
  let started = Message(
    to: service, object, manager, "StartTransientUnit",
    [
      .text(unit), .text("fail"),
      .list(of: "(sv)", properties.map { .structure([.text($0.0), .variant($0.1)]) }),
      .list(of: "(sa(sv))", []),
    ])
  guard let started else { throw .refused("cannot make a message for the session bus: out of memory") }
  let job: String
  do throws(BusError) {
    guard case .path(let path)? = try bus.call(started).arguments.first else {
      throw BusError(name: "", message: "its answer names no job")
    }
    job = path
  } catch {
    if error.meansNobodyThere { throw .refused("no systemd user manager on the session bus: \(error.message)") }
    throw .refused("the systemd user manager refuses the scope: \(error.message)")
  }
  let result = try end(of: job, on: bus)
  if result != "done" { throw .refused("the systemd user manager could not make the scope: \(result)") }
}

/// How a job ended: `done`, `failed`, `canceled` ...
private func end(of job: String, on bus: Bus) throws(Failure) -> String {
  while true {
    let message = try bus.next()
    guard message.isSignal(manager, "JobRemoved") else { continue }
    let words = message.arguments
    guard words.count == 4, case .path(let path) = words[1], path == job, case .text(let result) = words[3] else {
      continue
    }
    return result
  }
}

private let service = "org.freedesktop.systemd1"
private let object = "/org/freedesktop/systemd1"
private let manager = "org.freedesktop.systemd1.Manager"

/// Longest name of a unit.
private let longestUnit = 255

/// The scope's name; a name that would make it too long is cut.
private func unitName(_ name: String, id: String) -> String {
  let end = "-\(unitEscaped(id)).scope"
  var start = "app-snug-"
  for scalar in name.unicodeScalars {
    let piece = unitEscaped(String(scalar))
    if start.utf8.count + piece.utf8.count + end.utf8.count > longestUnit { break }
    start += piece
  }
  return start + end
}

/// As systemd-escape(1) does it: what is no letter, digit, `:`, `_` or `.` stands as its bytes in hexadecimal. So does
/// `-`, which separates the parts.
private func unitEscaped(_ text: String) -> String {
  text.utf8.map { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "."):
      String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }.joined()
}
