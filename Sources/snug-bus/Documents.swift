import CSnug
import Glibc

/// `documents [ID FILE...]`: has the document portal lend files to the app ID, and prints the ids of the documents, one a
/// line. Without words it only sees to it that the portal runs.
///
/// Files are absolute paths without links, as the caller has judged them.
func lendDocuments(_ call: Call) throws(Failure) {
  try call.allow()
  let bus = try Bus()
  guard let id = call.words.first else {
    _ = try ask(bus, "GetMountPoint", [])
    return
  }
  // A message carries no more descriptors than this, see unix(7) and dbus-daemon(1).
  let most = 16
  var files = call.words.dropFirst()
  while !files.isEmpty {
    let group = Array(files.prefix(most))
    files = files.dropFirst(most)
    var descriptors: [Int32] = []
    defer { for descriptor in descriptors { close(descriptor) } }
    for file in group {
      let descriptor = Int32(clamping: unsafe csnug_open_without_links(file))
      if descriptor < 0 { throw .refused("\(file): \(unsafe String(cString: strerror(-descriptor)))") }
      descriptors.append(descriptor)
    }
    let reply = try ask(
      bus, "AddFull",
      [
        .list(of: "h", descriptors.map { .descriptor($0) }), .number32(reuseExisting), .text(id),
        .list(of: "s", [.text("read"), .text("write")]),
      ])
    guard case .list(_, let ids)? = reply.first, ids.count == group.count else {
      throw .refused("the document portal does not say where it shows the files")
    }
    for case .text(let document) in ids { printLine(document) }
  }
}

/// `AddFull`'s flag: the same file gets the same document. Without `persistent` it goes with the session.
private let reuseExisting: UInt32 = 1

private func ask(_ bus: Bus, _ method: String, _ arguments: [Value]) throws(Failure) -> [Value] {
  let name = "org.freedesktop.portal.Documents"
  guard let message = Message(to: name, "/org/freedesktop/portal/documents", name, method, arguments) else {
    throw .refused("cannot make a message for the session bus: out of memory")
  }
  do throws(BusError) {
    return try bus.call(message).arguments
  } catch {
    if error.meansNobodyThere { throw .refused("there is no document portal on the session bus") }
    throw .refused("the document portal refuses: \(error.message)")
  }
}
