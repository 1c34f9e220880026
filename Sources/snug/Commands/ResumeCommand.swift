import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug resume`.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let a halted sandbox go on.")

  @Argument(help: ArgumentHelp("Name of the instance, see snug ps.", valueName: "instance"))
  var instance: String

  func run() throws {
    try orLeave { () throws(Diagnostic) in _ = try ask(connect(to: instance), .resume, instance: instance) }
  }
}
