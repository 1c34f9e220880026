import ArgumentParser
import SnugSandbox
import SnugStart

/// `snug doctor`: what this machine supports.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Tell what this machine supports, and the least change where something is missing."
  )

  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let checks = runDoctor()
    answer(json ? doctorJSON(checks) : doctorText(checks))
    if doctorExitStatus(checks) != 0 { throw Status(code: doctorExitStatus(checks)) }
  }
}
