import Glibc
import TestSupport
import Testing

/// A desktop for programs that people use: a screen that can be looked at, and a user with folders and secrets.
final class RealDesktop {
  let stage: Stage
  private let server: Running
  private let picture: Framebuffer
  private let display: Int
  private let madeFolder: Bool
  private let neighbour: Running
  private var isOver = false

  /// What a session of it has in its environment. Launchers start no services, which would stay behind.
  let variables: [String]
  private let bus: MessageBus?

  /// Who else runs as the user, with a socket that has a name and one that has none.
  private static let neighbour = """
    import os, socket, sys
    sockets = []
    for name in (os.environ["XDG_RUNTIME_DIR"] + "/neighbour", "\\0snug-neighbour-%d" % os.getuid()):
      try: os.unlink(name)
      except (OSError, ValueError): pass
      s = socket.socket(socket.AF_UNIX)
      s.bind(name); s.listen(); sockets.append(s)
    print("ready", flush=True)
    sys.stdin.read()
    """

  /// Nil where what is needed is not installed.
  init?(_ stage: Stage, needing programs: [String] = [], hasBus: Bool = false) throws {
    let tools = ["Xvfb", "xauth", "xdotool", "gtk-launch", "gio"] + programs
    let absent = tools.filter { access("/usr/bin/\($0)", X_OK) != 0 }
    guard absent.isEmpty else {
      skip("not installed: \(absent); share/test installs them, with --long the long list")
      return nil
    }
    self.stage = stage
    try stage.remove("\(stage.home)/.local", "\(stage.home)/.config", "\(stage.home)/.cache", "\(stage.home)/screen")
    try stage.outside(
      shell: """
        mkdir -p ~/.config ~/.ssh ~/screen ~/Documents ~/Downloads ~/Pictures ~/Videos
        chmod 700 ~/.ssh; echo secret >~/.ssh/id_test; echo words >~/Documents/words.txt
        for name in Documents Pictures Videos; do
          echo "XDG_$(echo $name | tr a-z A-Z)_DIR=\\"\\$HOME/$name\\""
        done >~/.config/user-dirs.dirs
        echo 'XDG_DOWNLOAD_DIR="$HOME/Downloads"' >>~/.config/user-dirs.dirs
        """)
    madeFolder = access("/tmp/.X11-unix", F_OK) != 0
    let cookies = "\(stage.home)/screen/cookies"
    let cookie = "0123456789abcdef0123456789abcdef"
    try stage.outside(shell: "touch \(cookies); xauth -f \(cookies) add :0 . \(cookie)")
    server = try stage.start([
      "/usr/bin/Xvfb", "-displayfd", "1", "-auth", cookies, "-nolisten", "tcp", "-screen", "0", "1024x768x24",
      "-fbdir", "\(stage.home)/screen",
    ])
    neighbour = try stage.start(["/usr/bin/python3", "-c", Self.neighbour])
    picture = Framebuffer("\(stage.home)/screen/Xvfb_screen0")
    guard server.waitFor("\n"), let number = Int(server.outputSoFar.prefix { $0 != "\n" }), neighbour.waitFor("ready")
    else {
      Issue.record("Xvfb does not start: \(server.finish(seconds: 1).everything)")
      return nil
    }
    display = number
    if number != 0 { try stage.outside(shell: "xauth -f \(cookies) add :\(number) . \(cookie)") }
    bus = hasBus ? try MessageBus(stage, serving: []) : nil
    variables = [
      "DISPLAY=:\(number)", "XAUTHORITY=\(cookies)", bus?.environment ?? "DBUS_SESSION_BUS_ADDRESS=disabled:",
      "NO_AT_BRIDGE=1", "GTK_A11Y=none", "GSETTINGS_BACKEND=memory", "GIO_USE_VFS=local",
    ]
  }

  deinit { end() }

  /// Ends it; what runs on it has ended before.
  func end() {
    if isOver { return }
    isOver = true
    // What a test that failed has left.
    let left = (try? stage.snug(["ps", "--json"]))?.output ?? ""
    for entry in JSONValue(left)?.list ?? [] { try? stop(entry["instance"].text) }
    bus?.end()
    _ = neighbour.finish(seconds: 5)
    server.signal(SIGTERM)
    _ = server.finish(seconds: 20)
    if madeFolder { rmdir("/tmp/.X11-unix") }
    _ = try? stage.outside(
      shell: "rm -rf ~/screen ~/.ssh ~/Documents ~/Downloads ~/Pictures ~/Videos ~/.config ~/.local")
  }

  func run(_ words: [String]) throws -> Finished { try stage.run(words, extra: variables) }

  // MARK: - Programs

  /// Puts a profile's entries into the menu, and starts one of them as a menu does.
  func launch(_ profile: String, entry: String, _ files: [String] = []) throws {
    let installed = try run([stage.snug, "desktop", "install", profile])
    #expect(installed.status == 0, "\(installed.everything)")
    try click(entry, files)
  }

  /// Starts an entry of the menu. What it starts keeps the launcher's output open: that is a file.
  func click(_ entry: String, _ files: [String] = []) throws {
    let line = "exec gtk-launch \"$@\" >~/screen/launched 2>&1 </dev/null"
    let launched = try run(["/bin/sh", "-c", line, "sh", entry] + files)
    #expect(launched.status == 0, "\(readText("\(stage.home)/screen/launched") ?? "")")
  }

  /// The instance of a profile, once there is one.
  func instance(of profile: String) throws -> String {
    var name = ""
    _ = eventually {
      guard let done = try? stage.snug(["ps", "--json"]) else { return false }
      name = JSONValue(done.output)?.list.first { $0["profile"].text == profile }?["instance"].text ?? ""
      return name != ""
    }
    return try #require(name == "" ? nil : name, "no instance of \(profile)")
  }

  /// A window on the screen with its place, once one is there that is no speck.
  func window(_ search: [String], seconds: Int = 90) throws -> (id: String, x: Int, y: Int, width: Int, height: Int) {
    var found: (String, Int, Int, Int, Int)?
    _ = eventually(seconds: seconds) {
      let ids = (try? run(["/usr/bin/xdotool", "search", "--onlyvisible"] + search))?.output ?? ""
      for id in ids.split(separator: "\n").map(String.init) {
        let shape = (try? run(["/usr/bin/xdotool", "getwindowgeometry", "--shell", id]))?.output ?? ""
        var values: [String: Int] = [:]
        for line in shape.split(separator: "\n") {
          let parts = line.split(separator: "=")
          if parts.count == 2 { values[String(parts[0])] = Int(parts[1]) }
        }
        guard let width = values["WIDTH"], let height = values["HEIGHT"], width > 60, height > 40 else { continue }
        found = (id, values["X"] ?? 0, values["Y"] ?? 0, width, height)
        return true
      }
      usleep(20_000)
      return false
    }
    let said = readText("\(stage.home)/screen/launched") ?? ""
    return try #require(found, "no window \(search): \(said)")
  }

  /// Whether a window comes to show at least so many colours.
  func shows(_ window: (id: String, x: Int, y: Int, width: Int, height: Int), colours: Int) -> Bool {
    eventually {
      usleep(20_000)
      let now = picture.colours(x: window.x, y: window.y, width: window.width, height: window.height)
      return now ?? 0 >= colours
    }
  }

  /// Stops an instance, and waits until nothing of it is left.
  func stop(_ instance: String) throws {
    #expect(try stage.snug(["stop", "--now", instance]).status == 0)
    #expect(eventually { names(in: "\(stage.runtime)/snug/\(instance)") == nil }, "\(instance) stays")
  }

  // MARK: - What can be reached

  /// Prints what of the user's and the machine's can be reached, a word each.
  private static let look = """
    import glob, os, socket, sys
    home, display, uid, runtime = sys.argv[1:5]
    def reaches(name):
      s = socket.socket(socket.AF_UNIX)
      s.settimeout(5)
      try: s.connect(name)
      except OSError: return False
      return True
    def reads(path):
      try: return bool(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
      except OSError: return False
    facts = {
      "keys": reads(home + "/.ssh") or reads(home + "/.ssh/id_test"),
      "settings": reads(home + "/.config/user-dirs.dirs"),
      "accounts": reads("/etc/machine-id") or reads("/etc/ssh/sshd_config") or reads("/var/lib/dpkg"),
      "socket": reaches(runtime + "/neighbour"),
      "abstract socket": reaches("\\0snug-neighbour-" + uid),
      "abstract X": reaches("\\0/tmp/.X11-unix/X" + display),
      "processes": any(b"sockets" + b".append" in open(p, "rb").read() for p in glob.glob("/proc/[0-9]*/cmdline")),
      "beside the home": reads(os.path.dirname(home) + "/prefix"),
    }
    print(",".join(name for name in facts if facts[name]))
    """

  private var lookWords: [String] {
    ["/usr/bin/python3", "-c", Self.look, stage.home, String(display), String(stage.uid), stage.runtime]
  }

  /// What a program in an instance can reach of what it should not; empty: nothing.
  func reached(in instance: String) throws -> [String] {
    let done = try stage.snug(["exec", instance, "--"] + lookWords)
    #expect(done.status == 0, "\(done.everything)")
    return done.output.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(String.init)
  }

  /// The same outside: the positive control.
  func reachedOutside() throws -> [String] {
    let done = try run(lookWords)
    return done.output.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(String.init)
  }
}
