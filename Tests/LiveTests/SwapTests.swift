import TestSupport
import Testing

extension Live {
  /// Names that change between the decision and the mount, or between two runs: rows 3 to 5, 9, 15 and 39 of the threat
  /// list.
  @Suite(.serialized) struct SwapTests {
    private let stage: Stage
    private let place: String
    private let starts = wantsLongForm ? 2000 : 40

    init() throws {
      stage = try LiveTests.stage()
      place = "\(stage.home)/swap"
      try stage.remove(place, stage.homes)
      try stage.outside(
        shell: """
          mkdir -p \(place)/hidden \(place)/folder; cd \(place)
          echo judged > file; echo secret > hidden/file; echo judged > folder/file
          ln -s hidden/file file-link; ln -s hidden folder-link
          """)
    }

    /// Runs `body` while a racer exchanges two names; how often it did.
    private func racing(_ one: String, _ other: String, _ body: () throws -> Void) throws -> Int {
      let racer = try stage.start([stage.probe, "race", one, other], directory: place)
      defer { _ = racer.finish(seconds: 5) }
      #expect(racer.waitFor("ready"))
      try body()
      let finished = racer.finish(seconds: 5)
      return Int(finished.output.split(separator: "\n").last ?? "") ?? 0
    }

    @Test(arguments: [("file", "file-link", "swap/file"), ("folder", "folder-link", "swap/folder/file")])
    func `what appears inside is the file that was judged`(one: String, other: String, granted: String) throws {
      try stage.profile(
        "swap", "extends = [\"default\"]\n[files]\nread = [\"~/\(granted)\"]\nhide = [\"~/swap/hidden\"]\n")
      var seen: [String: Int] = [:]
      let exchanges = try racing(one, other) {
        for _ in 0..<starts {
          let done = try stage.inside(shell: "cat ~/\(granted) 2>/dev/null || echo nothing", "swap")
          #expect(done.status == 0 || done.status == 125, "\(done.everything)")
          seen[done.status == 0 ? done.output : "refused", default: 0] += 1
        }
        // The control: a program that checks and then opens falls for it.
        let fooled = try stage.outside(["naive", "\(stage.home)/\(granted)", "20000", "s"])
        if one == "file" { #expect(Int(fooled.output.dropLast()) ?? 0 > 0, "\(fooled.everything)") }
      }
      print("\(exchanges) exchanges, \(starts) starts: \(seen)")
      #expect(exchanges > starts)
      #expect(seen["secret\n"] == nil)
      #expect((seen["judged\n"] ?? 0) > 0, "it starts where nothing is swapped at the wrong moment")
      #expect(seen.count > 1, "the racer was there")
      #expect(stage.leftovers() == [])
    }

    @Test func `a destination that is exchanged for a link is made nowhere outside`() throws {
      let marker = "\(stage.folder)/marker"
      try Stage.shell("rm -rf \(marker); mkdir \(marker); chown \(stage.uid):\(stage.gid) \(marker)")
      try stage.outside(shell: "mkdir \(place)/shared \(place)/shared/place; ln -s \(marker) \(place)/shared/out")
      try stage.profile(
        "swap",
        """
        extends = ["default"]
        [files]
        write = ["~/swap/shared"]
        [[files.op]]
        op = "directory"
        target = "~/swap/shared/place/a/b"
        [[files.op]]
        op = "tmpfs"
        target = "~/swap/shared/place/memory"
        [[files.op]]
        op = "file"
        target = "~/swap/shared/place/file"
        text = "x"
        """)
      var statuses: [Int32: Int] = [:]
      let exchanges = try racing("shared/place", "shared/out") {
        for _ in 0..<(starts / 2) {
          // Two at once that share the directory.
          let other = try stage.start([stage.snug, "run", "-p", "swap", "--", "true"])
          statuses[try stage.snug(["run", "-p", "swap", "--", "true"]).status, default: 0] += 1
          statuses[other.finish().status, default: 0] += 1
        }
      }
      print("\(exchanges) exchanges: \(statuses)")
      #expect(try Stage.shell("ls -A \(marker)") == "")
      #expect(Set(statuses.keys).isSubset(of: [0, 125]) && statuses.count == 2, "\(statuses)")
      // The control: outside the same name leads to the marker at times.
      _ = try racing("shared/place", "shared/out") {
        _ = try stage.run(
          ["/bin/sh", "-c", "i=0; while [ $i -lt 3000 ]; do : > shared/place/made$i; i=$((i+1)); done"],
          directory: place)
      }
      #expect(try Stage.shell("ls -A \(marker)") != "")
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["snug/homes/kept", "snug/homes", "snug"])
    func `a private home that has become a link is refused`(level: String) throws {
      let data = "\(stage.home)/.local/share"
      try stage.profile("kept", "extends = [\"default\"]\n[files]\nhome = \"private\"\n")
      let first = try stage.inside(shell: "echo mine > ~/note; cat ~/note", "kept")
      #expect(first.output == "mine\n", "\(first.everything)")
      try stage.outside(
        shell: """
          rm -rf ~/canary; mkdir -p ~/canary/homes/kept ~/canary/kept; echo canary > ~/canary/note
          echo canary > ~/canary/kept/note; echo canary > ~/canary/homes/kept/note
          mv \(data)/\(level) \(data)/aside; ln -s ~/canary \(data)/\(level)
          """)
      let before = try stage.fingerprint(["\(stage.home)/canary"])
      let second = try stage.inside(shell: "cat ~/note; echo changed > ~/note", "kept")
      #expect(second.status == 125 && second.output == "", "\(second.everything)")
      #expect(second.errors.contains("\(data)/\(level)") && second.errors.contains("link"), "\(second.errors)")
      #expect(try stage.fingerprint(["\(stage.home)/canary"]) == before)
      // A link that leads nowhere would have the home made at its other end.
      try stage.outside(shell: "rm \(data)/\(level); ln -s ~/canary/new \(data)/\(level)")
      #expect(try stage.inside(shell: "true", "kept").status == 125)
      #expect(try stage.fingerprint(["\(stage.home)/canary"]) == before)
      // The control: with the directory back it starts and finds its own.
      try stage.outside(shell: "rm \(data)/\(level); mv \(data)/aside \(data)/\(level)")
      #expect(try stage.inside(shell: "cat ~/note", "kept").output == "mine\n")
      try stage.remove("\(stage.home)/canary", stage.homes)
    }

    @Test func `an app cannot turn its home into something else`() throws {
      try stage.profile("kept", "extends = [\"default\"]\n[files]\nhome = \"private\"\n")
      let tricks =
        "rmdir ~; mv ~ ~.old; ln -s / ~/sub; ln -sfn / ~; mkdir ~/.local; ln -s /etc ~/.local/share; chmod 0 ~; true"
      #expect(try stage.inside(shell: tricks, "kept").status == 0)
      #expect(try Stage.shell("stat -c %F \(stage.homes)/kept") == "directory\n")
      // Its mode is the app's to change; that it cannot be entered then is its own loss, and no way out.
      try Stage.shell("chmod 700 \(stage.homes)/kept")
      let second = try stage.inside(shell: "readlink ~/sub; stat -c %F ~", "kept")
      #expect(second.output == "/\ndirectory\n", "\(second.everything)")
      // A grant through a link that the app has made is refused, not followed.
      try stage.outside(shell: "mkdir -p ~/given; echo given > ~/given/file")
      try stage.profile(
        "kept",
        "extends = [\"default\"]\n[files]\nhome = \"private\"\nread = [{ path = \"~/given\", at = \"~/sub/given\" }]\n")
      let third = try stage.inside(shell: "true", "kept")
      #expect(third.status == 125 && third.errors.contains("link"), "\(third.everything)")
      try stage.remove(stage.homes, "\(stage.home)/given")
    }
  }
}
