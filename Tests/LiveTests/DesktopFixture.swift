import Glibc
import TestSupport
import Testing

/// A user's desktop made by hand: a program that writes down its arguments, directories of entries, launchers.
struct DesktopFixture {
  let stage: Stage
  /// What stands for `/usr/share`.
  var shared: String { "\(stage.home)/share" }
  var entries: String { "\(shared)/applications" }
  var own: String { "\(stage.home)/.local/share/applications" }
  var services: String { "\(stage.home)/.local/share/dbus-1/services" }
  var state: String { "\(stage.home)/.local/state/snug/desktop" }
  /// The program: it writes the name of the machine it thinks it is on, then its arguments, each with a NUL behind it.
  var program: String { "\(stage.home)/bin/argd" }
  private var output: String { "\(stage.home)/out" }

  init(_ stage: Stage) throws {
    self.stage = stage
    try clear()
    try stage.write(
      """
      #!/bin/sh
      file=$(mktemp -p ~/out)
      { printf '%s\\0' "$(uname -n)"; for word; do printf '%s\\0' "$word"; done; } >"$file"
      mv "$file" ~/out/words."${file##*.}"

      """, to: program, mode: "755")
    try stage.outside(shell: "mkdir -p ~/out ~/share/applications")
    try stage.profile("args", profileText("programs = ['\(program)']"))
  }

  func profileText(_ programs: String) -> String {
    "extends = ['default']\n\(programs)\n[files]\nread = ['~/bin']\nwrite = ['~/out']"
  }

  func clear() throws {
    try stage.remove(
      "\(stage.home)/.local", "\(stage.home)/.config", shared, output, "\(stage.home)/bin", "\(stage.home)/files")
  }

  /// What a session of this desktop has in its environment: no bus, which some launchers would start, and leave behind.
  var variables: [String] { ["XDG_DATA_DIRS=\(shared)", "DBUS_SESSION_BUS_ADDRESS=disabled:"] }

  /// Writes an entry of the system.
  func entry(_ id: String, _ exec: String, _ more: String = "") throws {
    try stage.write(
      "[Desktop Entry]\nType=Application\nName=Args\nName[de]=Wörter\nExec=\(exec)\n\(more)", to: "\(entries)/\(id)")
  }

  func snug(_ words: String..., extra: [String] = []) throws -> Finished {
    try stage.snug(["desktop"] + words, extra: variables + extra)
  }

  /// The bytes of a file; nil where there is none.
  func text(_ path: String) -> String? { readText(path) }

  /// The same without the sum that Snug writes.
  func unsealed(_ path: String) -> String? {
    text(path)?.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("X-Snug-Sum=") }
      .joined(separator: "\n")
  }

  /// What a program that was started has seen.
  struct Seen: Equatable, Comparable {
    /// The name of its machine.
    var host: String
    /// Its arguments.
    var words: [String]

    static func < (one: Seen, other: Seen) -> Bool { one.words.lexicographicallyPrecedes(other.words) }
  }

  /// Starts a launcher and waits for what the program writes down.
  ///
  /// - Parameter count: how often it starts the program; 0 where it is expected to refuse.
  func launch(_ argv: [String], count: Int = 1, extra: [String] = []) throws -> [Seen] {
    try Stage.shell("rm -f \(output)/words.*")
    let done = try stage.run(argv, extra: variables + extra)
    func written() -> [String] { (names(in: output) ?? []).filter { $0.hasPrefix("words.") } }
    // A launcher that refuses says so by its status; a start that is not expected is waited for as well.
    _ = eventually(seconds: count == 0 || done.status != 0 ? 1 : 20) { written().count >= max(1, count) }
    return written().map { name in
      let words = (readText("\(output)/\(name)") ?? "").split(separator: "\0", omittingEmptySubsequences: false)
        .map(String.init)
      return Seen(host: words.first ?? "", words: Array(words.dropFirst().dropLast()))
    }.sorted()
  }
}

/// An X server of a test's own: launchers ask for one, and none of them draws anything.
final class LaunchScreen {
  let variables: [String]
  private let server: Running
  private let madeFolder: Bool
  private var isOver = false

  /// Nil where there is none on this machine.
  init?(_ stage: Stage) throws {
    guard access("/usr/bin/Xvfb", X_OK) == 0 else {
      skip("not installed: Xvfb; package xvfb")
      return nil
    }
    madeFolder = access("/tmp/.X11-unix", F_OK) != 0
    server = try stage.start([
      "/usr/bin/Xvfb", "-displayfd", "1", "-ac", "-nolisten", "tcp", "-screen", "0", "320x200x24",
    ])
    guard server.waitFor("\n"), let number = Int(server.outputSoFar.prefix { $0 != "\n" }) else {
      Issue.record("Xvfb does not start: \(server.finish(seconds: 1).everything)")
      return nil
    }
    variables = ["DISPLAY=:\(number)"]
  }

  deinit { end() }

  func end() {
    if isOver { return }
    isOver = true
    server.signal(SIGTERM)
    _ = server.finish(seconds: 20)
    if madeFolder { rmdir("/tmp/.X11-unix") }
  }
}
