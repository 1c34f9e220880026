import ArgumentParser
import SnugProfile
import SnugStart

/// `snug show`: the merged profile with the place of each value.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a profile merged over all that it extends, with the place of each value.")

  @Argument(help: ArgumentHelp("Profile.", valueName: "name|file")) var name: String

  func run() throws {
    do throws(ProfileErrors) {
      answer(showText(try Session().loader.merge(name)))
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
  }
}
