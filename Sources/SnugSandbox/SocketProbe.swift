import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// Why nobody can be talked to at a stream socket; nil where somebody listens. The connection is given up at once.
///
/// Runs in the launcher.
public func socketProblem(_ source: Source) -> String? {
  let file = Int32(clamping: unsafe csnug_open_without_links(source.path))
  if file < 0 { return "\(source.written): \(errorText(-file))" }
  defer { csnug_close(file) }
  // By the descriptor: its path may be longer than the 107 bytes of an address.
  let name = Array("/proc/self/fd/\(file)".utf8)
  let descriptor = Int32(clamping: unsafe csnug_open_stream(name, name.count))
  if descriptor >= 0 { csnug_close(descriptor) }
  switch -descriptor {
  // Its queue is full, so it is there.
  case EAGAIN: return nil
  case ECONNREFUSED: return "nobody listens at \(source.written)"
  case 1...: return "\(source.written): \(errorText(-descriptor))"
  default: return nil
  }
}
