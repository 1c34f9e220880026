import ArgumentParser
import SnugPlan
import SnugProfile
import SnugStart

/// `snug desktop`: menu entries that start their programs in the box.
struct DesktopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "desktop", abstract: "Have the menu start programs in their boxes.",
    usage: """
      snug desktop install NAME...|--all [--shim]
      snug desktop remove NAME...|--all
      snug desktop list [NAME...] [--json]
      snug desktop check [NAME...] [--json]
      """,
    discussion: """
      install writes entries of your own in place of those of the system that start a program of profile NAME: with every \
      action, with the service that lets the message bus start it, and where it is started with the session. What was \
      there of yours is kept, and so is what you have changed in an entry since. With --shim the same program started \
      from a terminal is boxed, too: by a file of its name in ~/.local/bin.

      remove takes away what install has written for NAME, and gives back what was kept.

      list tells of every entry whether it is boxed, could be, or cannot be and why. check looks for ways around the boxes \
      that are installed: other entries, programs that are started with the session or by the message bus, and what opens \
      files and addresses. It exits with 1 where it finds one.
      """)

  enum Action: String, CaseIterable, ExpressibleByArgument {
    case install, remove, list, check
  }

  @Argument(help: ArgumentHelp("What to do.", valueName: "action")) var action: Action
  @Argument(help: ArgumentHelp("Profiles.", valueName: "name")) var names: [String] = []
  @Flag(help: "Every profile that has an entry.") var all = false
  @Flag(help: "Write programs for the terminal, too.") var shim = false
  @Flag(help: "As JSON.") var json = false

  func validate() throws {
    let changes = action == .install || action == .remove
    if all, !changes { throw ValidationError("--all belongs to install and remove") }
    if shim, action != .install { throw ValidationError("--shim belongs to install") }
    if json, changes { throw ValidationError("--json belongs to list and check") }
    if all, !names.isEmpty { throw ValidationError("--all takes no names") }
    if changes, !all, names.isEmpty {
      throw ValidationError("\(action.rawValue) needs the name of a profile, or --all")
    }
  }

  func run() throws {
    let desktop = Desktop(Session())
    do throws(Diagnostic) {
      switch action {
      case .install: try desktop.install(all ? nil : names, shims: shim)
      case .remove: try desktop.remove(all ? nil : names)
      case .list: answer(try desktop.list(names, json: json))
      case .check:
        let checked = try desktop.check(names)
        answer(desktop.text(checked, json: json))
        if !checked.ways.isEmpty { throw Diagnostic("") }
      }
    } catch {
      if !error.message.isEmpty { say(error.text + "\n") }
      throw Status(code: 1)
    }
  }
}
