import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

// How the commands that work on a running instance find it and talk to it.

/// The registry of this caller; an error where there is none at all.
package func openRegistry(_ host: Host) throws(Diagnostic) -> Registry {
  if let registry = try Registry.open(host, creates: false) { return registry }
  throw Diagnostic(
    "cannot look for instances: XDG_RUNTIME_DIR is not set, and there is no /run/user/\(host.uid)",
    hint: "set it as it was where the instance was started")
}

/// A connection to a running instance by its name, or by the beginning of one.
package func connect(to word: String) throws(Diagnostic) -> ControlSocket {
  let registry = try openRegistry(HostProbe.read())
  return ControlSocket(try registry.connect(to: try registry.find(word)))
}

/// Asks an instance for one thing and waits for its answer and the descriptors that come with it.
package func ask(_ socket: ControlSocket, _ request: ControlRequest, instance: String) throws(Diagnostic) -> [Int32] {
  do throws(ControlError) {
    return try reply(socket, request)
  } catch {
    throw Diagnostic("cannot \(request.verb) \(instance): \(error.reason)", hint: error.hint)
  }
}

private func reply(_ socket: ControlSocket, _ request: ControlRequest) throws(ControlError) -> [Int32] {
  if let code = socket.send(request.json) { throw ControlError("it cannot be reached: \(errorText(code))") }
  guard let packet = try socket.receive() else { throw ControlError("it has just ended") }
  if case .error(let message, let hint, _) = try ControlReply(packet.json) {
    for descriptor in packet.descriptors { _ = csnug_close(descriptor) }
    throw ControlError(message, hint: hint)
  }
  return packet.descriptors
}

/// What a path leads to inside a running instance, O_PATH, as its app would see it. The caller closes it.
package func openInside(_ path: String, _ instance: String, _ socket: ControlSocket) throws(Diagnostic) -> Int32 {
  do throws(ControlError) {
    let descriptors = try reply(socket, .open(path))
    guard let first = descriptors.first else { throw ControlError("no file came with the answer") }
    return first
  } catch {
    throw Diagnostic("cannot open \(instance):\(path): \(error.reason)", hint: error.hint)
  }
}

/// Which file something is.
package struct OpenFile: Equatable {
  private var device: UInt64
  private var inode: UInt64

  /// Nil where nothing is open there.
  package init?(_ descriptor: Int32) {
    var status = csnug_statx()
    guard csnug_statx(descriptor, "", false, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Where a path leads; nil where nothing is there.
  package init?(at path: String) {
    var status = csnug_statx()
    guard csnug_statx(-100, path, true, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: csnug_statx) {
    device = UInt64(status.dev_major) << 32 | UInt64(status.dev_minor)
    inode = status.inode
  }
}

/// The absolute path that a word of a command line names as a file, see files.arguments in snug-profile(5); nil where it
/// names none.
package func fileName(_ word: [UInt8], _ host: Host) -> String? {
  guard let text = validText(word), !text.isEmpty, !text.hasPrefix("-") else { return nil }
  if let path = filePath(ofURI: word) { return validText(path) }
  if text.hasPrefix("/") { return text }
  guard let directory = host.workingDirectory else { return nil }
  let path = directory + "/" + text
  return OpenFile(at: path) == nil ? nil : path
}
