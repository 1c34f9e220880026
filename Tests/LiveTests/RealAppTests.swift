import Glibc
import TestSupport
import Testing

extension Live {
  /// Shipped profiles with the programs that they are for, started from the menu, on a screen that is looked at.
  @Suite(.serialized) struct RealAppTests {
    /// A program of the menu.
    struct Case: Sendable, CustomTestStringConvertible {
      var profile: String
      /// The program, where it is not called as the profile.
      var program: String?
      /// Id of its entry without `.desktop`; nil: it has none, and is started by its profile's name.
      var entry: String?
      /// What xdotool(1) finds its window by.
      var search: [String]
      var files: [String] = []
      /// At least so many colours are in its window: text and frames.
      var colours = 20
      var testDescription: String { profile }
    }

    /// What everybody has who runs the tests.
    static let usual = [
      Case(profile: "xterm", entry: "debian-xterm", search: ["--class", "xterm"], colours: 2),
      Case(profile: "mousepad", entry: "org.xfce.mousepad", search: ["--class", "mousepad"]),
      Case(profile: "keepassxc", entry: "org.keepassxc.KeePassXC", search: ["--class", "keepassxc"]),
      Case(profile: "mpv", entry: "mpv", search: ["--class", "mpv"], files: ["Videos/picture.ppm"], colours: 4),
    ]

    /// What `share/test --long` installs besides.
    static let long = [
      Case(profile: "gedit", entry: "org.gnome.gedit", search: ["--class", "gedit"]),
      Case(profile: "evince", entry: "org.gnome.Evince", search: ["--class", "evince"]),
      Case(profile: "zathura", entry: "org.pwmt.zathura", search: ["--class", "zathura"], colours: 2),
      Case(profile: "eog", entry: "org.gnome.eog", search: ["--class", "eog"]),
      Case(profile: "feh", search: ["--class", "feh"], files: ["Pictures/picture.ppm"], colours: 4),
      Case(profile: "vlc", entry: "vlc", search: ["--class", "vlc"]),
      Case(profile: "gimp", entry: "gimp", search: ["--class", "gimp"]),
      Case(profile: "libreoffice", entry: "libreoffice-writer", search: ["--class", "libreoffice"]),
      Case(profile: "zenity", search: ["--class", "zenity"], files: ["--info", "--text=hello"], colours: 4),
      Case(profile: "pcmanfm", entry: "pcmanfm", search: ["--class", "pcmanfm"]),
      Case(profile: "thunderbird", entry: "thunderbird", search: ["--class", "thunderbird"]),
    ]

    @Test(arguments: usual) func `from the menu to a window, in its box`(app: Case) throws { try check(app) }

    @Test(.enabled(if: wantsLongForm), arguments: long) func `the rest of the list likewise`(app: Case) throws {
      try check(app)
    }

    private func check(_ app: Case) throws {
      let stage = try stage()
      guard let desktop = try RealDesktop(stage, needing: [app.program ?? app.profile], hasBus: true) else { return }
      defer { desktop.end() }
      // A player that is told which way to draw: its settings are read inside.
      try stage.outside(
        shell: """
          mkdir -p ~/.config/mpv
          printf 'vo=x11\\nimage-display-duration=inf\\n' >~/.config/mpv/mpv.conf
          awk 'BEGIN { print "P3 400 300 255"; for (i = 0; i < 120000; i++) print i % 251, i % 13 * 19, 90 }' \\
            >~/Pictures/picture.ppm
          cp ~/Pictures/picture.ppm ~/Videos
          """)
      var started: Running?
      if let entry = app.entry {
        try desktop.launch(app.profile, entry: entry, app.files.map { "\(stage.home)/\($0)" })
      } else {
        started = try stage.start([stage.snug, "run", app.profile] + app.files, extra: desktop.variables)
      }
      let instance = try desktop.instance(of: app.profile)
      let window = try desktop.window(app.search)
      #expect(desktop.shows(window, colours: app.colours), "its window stays blank")
      #expect(try desktop.reached(in: instance) == [])
      #expect(try desktop.reachedOutside().count >= 6, "the positive control")
      try desktop.stop(instance)
      _ = started?.finish()
      desktop.end()
      #expect(stage.leftovers() == [])
    }

    /// Serves one page, and says which paths were asked for.
    private static let server = """
      import http.server, sys, threading
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          print("asked", self.path, flush=True)
          self.send_response(200); self.send_header("Content-Type", "text/html"); self.end_headers()
          self.wfile.write(b"<title>Seen by snug</title><h1 style='color:red'>Hello</h1>"
            b"<script>fetch('/script-' + (6 * 7))</script>")
        def log_message(self, *words): pass
      server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
      print(server.server_address[1], flush=True)
      threading.Thread(target=server.serve_forever, daemon=True).start()
      sys.stdin.read()
      """

    private static let browsers = [
      Case(profile: "firefox", program: "firefox-esr", entry: "firefox-esr", search: []),
      Case(profile: "chromium", entry: "chromium", search: []),
    ]

    @Test(arguments: browsers) func `a browser shows a page, keeps its own sandbox, and takes a second link`(app: Case)
      throws
    {
      if app.profile != "firefox", !wantsLongForm { return }
      let stage = try stage()
      // Its second start finds the first one by a name on the bus.
      guard let desktop = try RealDesktop(stage, needing: [app.program ?? app.profile], hasBus: true) else { return }
      defer { desktop.end() }
      let server = try stage.start(["/usr/bin/python3", "-c", Self.server])
      try #require(server.waitFor("\n"))
      let page = "http://127.0.0.1:\(server.outputSoFar.prefix { $0 != "\n" })"
      let entry = try #require(app.entry)
      try desktop.launch(app.profile, entry: entry, ["\(page)/first"])
      #expect(server.waitFor("asked /first", seconds: 60))
      #expect(server.waitFor("asked /script-42", seconds: 60), "its scripts do not run")
      let window = try desktop.window(["--name", "Seen by snug"])
      #expect(desktop.shows(window, colours: 50), "its window stays blank")
      let instance = try desktop.instance(of: app.profile)
      #expect(try desktop.reached(in: instance) == [])
      #expect(try desktop.reachedOutside().count >= 6, "the positive control")
      // What shows pages is in namespaces of its own, inside ours, and under a filter of its own.
      let own = """
        for p in /proc/[0-9]*; do
          case "$(tr '\\0' ' ' <$p/cmdline 2>/dev/null)" in
            *contentproc*|*type=renderer*) echo "$(readlink $p/ns/user) $(grep -c 'Seccomp_filters:.*[2-9]' $p/status)";;
          esac
        done
        echo "shell $(readlink /proc/self/ns/user)"
        """
      let inside = try stage.snug(["exec", instance, "--", "sh", "-c", own])
      let lines = inside.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      let ours = lines.last?.last ?? ""
      #expect(lines.count > 1 && lines.contains { $0.first != ours && $0.first != "shell" }, "\(inside.everything)")
      // A link of another program goes to the one that runs.
      try desktop.click(entry, ["\(page)/second"])
      #expect(server.waitFor("asked /second", seconds: 60))
      let running = JSONValue(try stage.snug(["ps", "--json"]).output)?.list.count
      #expect(running == 1)
      // Its profile is in the real home, and what else is there is not.
      let kept = app.profile == "firefox" ? ".config/mozilla" : ".config/chromium"
      #expect(try stage.outside(shell: "find ~/.mozilla ~/\(kept) -type f | head -1") != "")
      try desktop.stop(instance)
      _ = server.finish()
      try stage.remove("\(stage.home)/.mozilla")
      desktop.end()
      #expect(stage.leftovers() == [])
    }
  }
}
