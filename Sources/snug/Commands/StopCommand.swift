import ArgumentParser
import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug stop`: ends an instance and waits until nothing of it is left.
struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End a running sandbox.",
    discussion: """
      The program gets the profile's cancel-signal and has stop-wait to end; then everything is killed. snug stop returns \
      when nothing is left.
      """)

  @Flag(help: "Kill everything at once.")
  var now = false
  @Argument(help: ArgumentHelp("Name of the instance, see snug ps.", valueName: "instance"))
  var instance: String

  func run() throws {
    try orLeave { () throws(Diagnostic) in
      let registry = try openRegistry(HostProbe.read())
      let entry = try registry.find(instance)
      let socket = ControlSocket(try registry.connect(to: entry))
      if let code = socket.send(ControlRequest.stop(now: now).json) {
        throw Diagnostic("cannot reach \(instance): \(errorText(code))")
      }
      // One that ctrl-Z has stopped would hear us only when it is continued.
      wake(entry)
      do throws(ControlError) {
        while let packet = try socket.receive() {
          if case .error(let message, let hint, _) = try ControlReply(packet.json) {
            throw ControlError(message, hint: hint)
          }
        }
      } catch {
        throw Diagnostic("cannot stop \(instance): \(error.reason)", hint: error.hint)
      }
    }
  }

  private func wake(_ entry: Entry) {
    let pidfd = Int32(csnug_pidfd_open(entry.launcher.pid))
    guard pidfd >= 0 else { return }
    // Held first, judged then: the number cannot come to mean another process in between.
    if entry.launcher.isAlive { _ = csnug_pidfd_send_signal(pidfd, 18) }
    _ = csnug_close(pidfd)
  }
}
