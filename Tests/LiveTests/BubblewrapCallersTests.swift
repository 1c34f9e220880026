import Glibc
import TestSupport
import Testing

/// Programs of Debian's that call bubblewrap, with this executable in its place. What they print is held against what
/// they print with Debian's own bubblewrap.
extension Live {
  @Suite(.serialized) struct BubblewrapCallersTests {
    /// As Flatpak does it: options and the proxy's own arguments through descriptors, a pipe that tells when the proxy
    /// is ready and that ends it, a client that sees nothing but the proxy's socket.
    @Test func `a bus proxy in a box lets through what is allowed and nothing else`() throws {
      let stage = try stage()
      for program in ["/usr/bin/xdg-dbus-proxy", "/usr/bin/dbus-daemon", "/usr/bin/dbus-send", "/usr/bin/python3"]
      where access(program, X_OK) != 0 { return skip("\(program) is not there") }
      try stage.write(busConfiguration, to: "\(stage.callers)/bus.conf")
      try stage.write(proxyCaller, to: "\(stage.callers)/caller.py")
      let line = "dbus-daemon --config-file=$CALLERS/bus.conf --fork; exec /usr/bin/python3 $CALLERS/caller.py"
      let done = try stage.runCaller(line, bwrap: .first)
      #expect(
        done.output == """
          outside org.snug.Allowed 0
          outside org.snug.Refused 0
          the proxy is a xdg-dbus-proxy
          the proxy has its own pids: True
          the proxy sees the home: False
          the proxy sees its own facts: True
          inside org.snug.Allowed 0
          inside org.snug.Refused 1
          proxy 0
          the held pipe ends with the box: True

          """, "\(done.everything)")
      #expect(done.errors.contains("org.snug.Refused") || done.errors.contains("ServiceUnknown"))
      #expect(try stage.runCaller(line, bwrap: .debian).output == done.output, "as with Debian's")
      #expect(stage.leftovers() == [])
      try stage.remove(stage.callers)
    }

    /// A runtime of the host's shell and a tiny app, from a repository made on the spot, in a home of their own.
    @Test func `flatpak installs, runs and enters an app`() throws {
      let stage = try stage()
      if access("/usr/bin/flatpak", X_OK) != 0 { return skip("flatpak is not there") }
      try stage.write(busConfiguration, to: "\(stage.callers)/bus.conf")
      try stage.write(flatpakCaller, to: "\(stage.callers)/caller.sh")
      try stage.write(flatpakFacts, to: "\(stage.callers)/facts")
      let line = "dbus-daemon --config-file=$CALLERS/bus.conf --fork; exec sh -eu $CALLERS/caller.sh"
      let ours = try stage.runCaller(line, bwrap: .named("FLATPAK_BWRAP"), seconds: 120)
      #expect(ours.status == 0, "\(ours.everything)")
      for said in ["hello a b", "status 7", "killed 137", "entered 0", "message 0", "strange message 1", "end 137"] {
        #expect(ours.output.split(separator: "\n").contains(Substring(said)), "\(said): \(ours.everything)")
      }
      let debian = try stage.runCaller(line, bwrap: .debian, seconds: 120)
      let (left, right) = (flatpakLines(ours.output), flatpakLines(debian.output))
      #expect(left.count > 60, "mounts and variables are among them")
      #expect(left.filter { !right.contains($0) } == [], "only with this one")
      #expect(right.filter { !left.contains($0) } == [], "only with Debian's")
      #expect(stage.leftovers() == [])
      try stage.remove(stage.callers)
    }

    /// The web process of a browser and its bus proxy: WebKitGTK knows no other place than /usr/bin/bwrap.
    @Test func `a web page is shown in WebKit's sandbox`() throws {
      let stage = try stage()
      let probe = "import gi; gi.require_version('WebKit2', '4.1')"
      if try spawn(["/usr/bin/python3", "-c", probe]).status != 0 { return skip("gir1.2-webkit2-4.1 is not there") }
      if access("/usr/bin/xvfb-run", X_OK) != 0 { return skip("xvfb is not there") }
      try stage.write(busConfiguration, to: "\(stage.callers)/bus.conf")
      try stage.write(webCaller, to: "\(stage.callers)/caller.py")
      let line = """
        dbus-daemon --config-file=$CALLERS/bus.conf --fork; echo private >~/secret
        exec xvfb-run -a /usr/bin/python3 $CALLERS/caller.py
        """
      let extra = ["GDK_BACKEND=x11", "NO_AT_BRIDGE=1", "GSETTINGS_BACKEND=memory", "LIBGL_ALWAYS_SOFTWARE=1"]
      let done = try stage.runCaller(line, bwrap: .bound, extra: extra)
      #expect(
        done.output == """
          title 5 apples
          parent bwrap
          sees the file outside: True
          sees the file inside: False
          capabilities 0000000000000000
          user namespace of its own: True
          bus proxy below bwrap

          """, "\(done.everything)")
      #expect(try stage.runCaller(line, bwrap: .debian, extra: extra).output == done.output, "as with Debian's")
      #expect(stage.leftovers() == [])
      try stage.remove(stage.callers)
    }
  }
}

extension Stage {
  /// Where scripts of these tests lie; `$CALLERS` in them.
  fileprivate var callers: String { "\(folder)/callers" }

  /// How a caller finds its bubblewrap.
  fileprivate enum Place {
    /// Debian's, in its own place.
    case debian
    /// Ours stands in `PATH` before it.
    case first
    /// A variable names ours.
    case named(String)
    /// Ours is mounted on top of it.
    case bound
  }

  /// Runs a line of shell as the user, in mount and pid namespaces of its own: a home, /tmp and runtime directory that go
  /// with it, and whatever it leaves behind.
  fileprivate func runCaller(_ line: String, bwrap: Place, extra: [String] = [], seconds: Int = 60) throws -> Finished {
    let link = "\(folder)/prefix/bin/bwrap"
    try Self.shell("[ -e \(link) ] || ln -s snug \(link)")
    var path = "PATH=/usr/bin:/bin"
    var extra = extra
    var covers = ""
    switch bwrap {
    case .debian: break
    case .first: path = "PATH=\(folder)/prefix/bin:/usr/bin:/bin"
    case .named(let variable): extra.append("\(variable)=\(link)")
    case .bound: covers = "mount --bind \(snug) /usr/bin/bwrap"
    }
    // The shell stays PID 1 there: a change of identity would undo what --kill-child asked for.
    let setup = """
      \(covers)
      mount -t tmpfs -o mode=1777 tmpfs /tmp
      mount -t tmpfs -o mode=755 tmpfs /home
      mkdir -m 700 /home/caller /home/caller/run
      chown -R \(uid):\(gid) /home/caller
      cd /home/caller
      "$@"
      exit $?
      """
    let namespaces = isRoot ? [] : ["--user", "--map-current-user", "--keep-caps"]
    let identity =
      isRoot
      ? ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"]
      : ["--ambient-caps=-all", "--inh-caps=-all"]
    let argv =
      ["/usr/bin/unshare"] + namespaces + ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
      + ["sh", "-ec", setup, "sh", "setpriv"] + identity + ["sh", "-ec", line]
    let environment =
      [path, "HOME=/home/caller", "XDG_RUNTIME_DIR=/home/caller/run", "CALLERS=\(callers)", "LC_ALL=C.UTF-8"]
      + ["DBUS_SESSION_BUS_ADDRESS=unix:path=/home/caller/run/bus"]
      + ["DBUS_SYSTEM_BUS_ADDRESS=unix:path=/home/caller/run/bus"] + extra
    return try Running(argv, environment: environment).finish(seconds: seconds)
  }
}

/// What is compared of the two runs: without what differs from start to start, and mounts in no order. Where we are
/// stricter (device nodes can hold no program) is taken out; `snug-bwrap.1` lists it.
private func flatpakLines(_ output: String) -> Set<String> {
  Set(
    output.split(separator: "\n").map { line in
      var words = line.split(separator: " ").map(String.init)
      if words.first == "mount", words.count == 3, words[1].hasPrefix("/dev/") {
        words[2] = words[2].split(separator: ",").filter { $0 != "noexec" }.joined(separator: ",")
      }
      return words.map(withoutInstance).joined(separator: " ")
    })
}

/// `/run/flatpak/.flatpak/1234` without its number.
private func withoutInstance(_ word: String) -> String {
  let mark = "/.flatpak/"
  guard let range = word.firstRange(of: mark) else { return word }
  return String(word[..<range.upperBound]) + word[range.upperBound...].drop { $0.isNumber }
}
