import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug reset`.
struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Start a kept sandbox afresh: nothing temporary survives.")

  @Argument(help: ArgumentHelp("Name of the instance, see snug ps.", valueName: "instance"))
  var instance: String

  func run() throws {
    try orLeave { () throws(Diagnostic) in _ = try ask(connect(to: instance), .reset, instance: instance) }
  }
}
