import CSnug
import Glibc
import SnugPlan
import SnugProfile

extension FilteredBus {
  /// Whether somebody listens where the bus should, and whether it is the caller or root. The proxy itself would find out
  /// only when the app talks to it, and nobody would hear of it.
  ///
  /// Runs in the launcher.
  ///
  /// - Throws: what is in the way.
  public func probe() throws(Diagnostic) {
    func refuse(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot filter \(kind.words): \(reason)", at: origin, hint: hint)
    }
    let name: [UInt8]
    var file: Int32 = -1
    defer { if file >= 0 { csnug_close(file) } }
    let shown: String
    switch upstream {
    case .socket(let source):
      file = Int32(clamping: unsafe csnug_open_without_links(source.path))
      // By the descriptor: its path may be longer than the 107 bytes of an address.
      name = Array("/proc/self/fd/\(file)".utf8)
      shown = source.written
      if file < 0 { throw refuse("\(source.written): \(errorText(-file))") }
    case .abstract(let bytes):
      name = [0] + bytes
      shown = "@" + escaped(bytes)
    case .asked: throw refuse("nobody has asked where it is")
    }
    let descriptor = Int32(unsafe csnug_open_stream(name, name.count))
    defer { if descriptor >= 0 { csnug_close(descriptor) } }
    switch -descriptor {
    // Its queue is full, so it is there.
    case EAGAIN where file >= 0: return
    case ECONNREFUSED:
      throw refuse(
        "nobody listens at \(shown)",
        hint: "the bus has ended: start the session, or the program that runs the bus, again")
    case 1...: throw refuse("\(shown): \(errorText(-descriptor))")
    default: break
    }
    // A name without a file has no owner: whoever came first has it.
    guard file < 0 else { return }
    var pid: Int32 = 0
    var uid: UInt32 = .max
    let asked = unsafe csnug_peer(descriptor, &pid, &uid)
    if asked < 0 { throw refuse("\(shown): \(errorText(Int32(-asked)))") }
    if uid != 0, uid != callerIDs().uid {
      throw refuse("\(shown) belongs to user \(uid), neither you nor root")
    }
  }
}
