import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// Asks the caller's session bus where the accessibility bus is; that one is started where it can be.
///
/// Runs in the launcher, which waits for the answer.
///
/// - Throws: in one line why there is none.
public func askAccessibilityBus(for bus: FilteredBus) throws(Diagnostic) -> [UInt8] {
  func refuse(_ reason: String) -> Diagnostic {
    Diagnostic("cannot filter the accessibility bus: \(reason)", at: bus.origin)
  }
  var environment: [(name: String, value: [UInt8])] = []
  for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
    guard let value = unsafe getenv(name) else { continue }
    environment.append((name, unsafe Array(String(cString: value).utf8)))
  }
  let helper = helperPath(busHelperName)
  let done: ProgramOutput
  do throws(ProgramError) {
    done = try readOutput(of: helper, ["accessibility", "--timeout", "5"], environment: environment, limit: 4096)
  } catch {
    switch error {
    case .notFound: throw refuse("cannot run \(helper), which asks for it: it is not there")
    case .tooLong: throw refuse("\(helper) says too much")
    case .failed(let code): throw refuse("cannot run \(helper): \(errorText(code))")
    }
  }
  if done.status == 0 { return done.output.split(separator: UInt8(ascii: "\n")).first.map { Array($0) } ?? [] }
  let text = String(decoding: done.errors, as: UTF8.self)
  let line = text.split(separator: "\n").first.map { String($0) } ?? "exit status \(done.status)"
  let start = "\(busHelperName): "
  throw refuse(line.hasPrefix(start) ? String(line.dropFirst(start.count)) : line)
}
