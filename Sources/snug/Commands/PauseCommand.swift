import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug pause`.
struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Halt everything in a running sandbox.")

  @Argument(help: ArgumentHelp("Name of the instance, see snug ps.", valueName: "instance"))
  var instance: String

  func run() throws {
    try orLeave { () throws(Diagnostic) in _ = try ask(connect(to: instance), .pause, instance: instance) }
  }
}
