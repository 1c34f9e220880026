import Glibc
import TestSupport
import Testing

/// An X server of the stage user's that asks for a cookie, and a second cookie of a display that is not there.
struct XScreen {
  let server: Running
  let display: Int
  let cookies: String
  /// The server makes the folder of the sockets where no server has run before, and leaves it.
  let madeFolder: Bool
  /// What a caller needs to reach it.
  var variables: [String] { ["DISPLAY=:\(display)", "XAUTHORITY=\(cookies)"] }

  /// Nil, and the test skipped, where a tool is missing. `options` are the server's.
  init?(_ stage: Stage, tools: [String] = ["xterm", "mousepad"], options: [String] = []) throws {
    let tools = (["Xvfb", "xauth", "xdotool"] + tools).map { "/usr/bin/\($0)" }
    let absent = tools.filter { access($0, X_OK) != 0 }
    guard absent.isEmpty else {
      skip("not installed: \(absent); packages xvfb xauth xterm mousepad xdotool xserver-xephyr")
      return nil
    }
    madeFolder = access("/tmp/.X11-unix", F_OK) != 0
    let asked = "\(stage.home)/server-cookie"
    cookies = "\(stage.home)/cookies"
    let cookie = "0123456789abcdef0123456789abcdef"
    func add(_ file: String, _ display: Int, _ cookie: String) throws {
      let done = try stage.run(["/usr/bin/xauth", "-f", file, "add", ":\(display)", ".", cookie])
      #expect(done.status == 0, "\(done.everything)")
    }
    try add(asked, 0, cookie)
    server = try stage.start(
      [
        "/usr/bin/Xvfb", "-displayfd", "1", "-auth", asked, "-nolisten", "tcp", "-screen", "0", "800x600x24",
        // Else it forgets what it was told, and what keys are down, when its last client leaves.
        "-noreset",
      ] + options)
    guard server.waitFor("\n"), let number = Int(server.outputSoFar.prefix { $0 != "\n" }) else {
      Issue.record("Xvfb does not start: \(server.finish(seconds: 1).everything)")
      return nil
    }
    display = number
    try add(cookies, display, cookie)
    try add(cookies, display + 1, String(cookie.reversed()))
  }

  func end() {
    server.signal(SIGTERM)
    _ = server.finish(seconds: 20)
    if madeFolder { rmdir("/tmp/.X11-unix") }
  }

  /// Waits for a window that is on the screen; its number, empty where none comes.
  func window(_ name: String, _ stage: Stage) throws -> String {
    for _ in 0..<200 {
      let found = try stage.run(["/usr/bin/xdotool", "search", "--onlyvisible", "--class", name], extra: variables)
      if found.status == 0, let id = found.output.split(separator: "\n").first { return String(id) }
      usleep(50_000)
    }
    return ""
  }
}
