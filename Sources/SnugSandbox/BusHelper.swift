import CSnug
import Glibc

// Calling the executable that speaks D-Bus. Runs in the launcher.

/// The executable that speaks D-Bus: a static one cannot.
public let busHelperName = "snug-bus"

/// Why the helper did not do what it was asked for, in words.
struct BusHelperFailure: Error {
  var reason: String
}

/// Has the helper do something and waits until it is done, at most as long as the helper takes for itself: 10 seconds
/// where `--timeout` says nothing else.
///
/// - Returns: what it printed.
@discardableResult
func callBusHelper(_ words: [String]) throws(BusHelperFailure) -> [UInt8] {
  let helper = helperPath(busHelperName)
  let done: ProgramOutput
  do throws(ProgramError) {
    done = try readOutput(of: helper, words, environment: busHelperEnvironment())
  } catch {
    switch error {
    case .notFound: throw BusHelperFailure(reason: "cannot run \(helper), which speaks D-Bus: it is not there")
    case .tooLong: throw BusHelperFailure(reason: "\(helper) says too much")
    case .failed(let code): throw BusHelperFailure(reason: "cannot run \(helper): \(errorText(code))")
    }
  }
  if done.status == 0 { return done.output }
  let text = String(decoding: done.errors, as: UTF8.self)
  let line = text.split(separator: "\n").first.map(String.init) ?? "exit status \(done.status)"
  let isOwn = line.hasPrefix("\(busHelperName): ")
  throw BusHelperFailure(reason: isOwn ? String(line.dropFirst(busHelperName.count + 2)) : "\(helper): \(line)")
}

/// What the helper needs of the caller's environment.
func busHelperEnvironment() -> [(name: String, value: [UInt8])] {
  var environment: [(name: String, value: [UInt8])] = []
  for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
    guard let value = unsafe getenv(name) else { continue }
    environment.append((name, unsafe Array(String(cString: value).utf8)))
  }
  return environment
}
