import ArgumentParser
import SnugStart

/// Declares `snug run` for help, completions and the manual. What runs is `runCommand`, which reads argv by itself.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a program in the box its profile describes.",
    usage: """
      snug run [OPTIONS] NAME [ARGS...]
      snug run [OPTIONS] -p NAME|FILE [--] CMD [ARGS...]
      snug run [OPTIONS] -- CMD [ARGS...]
      """,
    discussion: """
      NAME runs the program of profile NAME. With -p, CMD runs in that profile. With -- alone, CMD runs in the profile \
      "default", which is strict. Options stand before NAME or CMD; everything behind belongs to the program.

      The exit status is the program's own; 128+N when signal N ended it; 125 when snug could not set up the box; 126 when \
      the program was found but cannot be executed; 127 when it was not found.
      """)

  @Option(name: [.customShort("p"), .long], help: ArgumentHelp("Run CMD in this profile.", valueName: "name|file"))
  var profile: String?
  @Option(help: ArgumentHelp("Let the program read this path.", valueName: "path[:inside]"))
  var read: [String] = []
  @Option(help: ArgumentHelp("Let the program read and change this path.", valueName: "path[:inside]"))
  var write: [String] = []
  @Option(help: ArgumentHelp("Hide this path, whatever else is granted.", valueName: "path"))
  var hide: [String] = []
  @Option(help: ArgumentHelp("none, host or private.", valueName: "mode"))
  var network: String?
  @Option(help: ArgumentHelp("Set a variable.", valueName: "name=value"))
  var setenv: [String] = []
  @Option(help: ArgumentHelp("Take over a variable of yours.", valueName: "name"))
  var keepEnv: [String] = []
  @Option(help: ArgumentHelp("none, temporary, private, overlay or host.", valueName: "mode"))
  var home: String?
  @Option(help: ArgumentHelp("Give the running sandbox a name.", valueName: "instance"))
  var name: String?
  @Option(help: ArgumentHelp("Write what happens as JSON lines to this descriptor.", valueName: "n"))
  var statusFd: Int32?
  @Option(help: ArgumentHelp("Pass this open descriptor to the program.", valueName: "n"))
  var fd: [Int32] = []
  @Flag(help: "Leave the sandbox running in the background.")
  var detach = false
  @Flag(help: "Keep the sandbox without a program in it.")
  var keep = false
  @Option(help: ArgumentHelp("Share the network of a running sandbox.", valueName: "instance"))
  var shareNetworkWith: String?
  @Flag(help: "Tell by notification and log why a start fails.")
  var fromMenu = false
  @Option(help: ArgumentHelp("Start only where the profile owns this bus name.", valueName: "bus-name"))
  var busName: String?
  @Flag(help: "Print the microseconds of each step of the start.")
  var traceTiming = false
  @Flag(name: [.customShort("v"), .long], help: "Say what is done.")
  var verbose = false
  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Profile and arguments, or program and arguments."))
  var words: [String] = []

  func validate() throws {
    // Passing words through takes options that are not known, too; only behind the first word they are the program's.
    if let first = words.first, first.hasPrefix("-"), first != "--", first != "-" {
      throw ValidationError("unknown option \(first)")
    }
  }
}
