import TestSupport
import Testing

extension Live {
  /// `[assert]` and `snug check`: what a profile claims is tried from inside, before the app.
  @Suite(.serialized) struct AssertTests {
    /// A profile, and what is wrong with its claim; nil where it holds.
    struct Case: CustomTestStringConvertible, Sendable {
      var text: String
      var problem: String?
      var testDescription: String { text }

      init(_ text: String, _ problem: String? = nil) {
        self.text = text
        self.problem = problem
      }
    }

    private static let missing = "No such file or directory"
    private static let readOnly = "Read-only file system"

    static let files = [
      // Hidden by absence, by a mask, through a link, in an overlay home.
      Case("[assert]\nhidden = [\"~/claims\", \"~/claims/plain\", \"/no/such/name\", \"~/claims/plain/below\"]"),
      Case("[files]\nread = [\"~/claims\"]\n[assert]\nhidden = [\"~/claims/secret\"]", "it is there"),
      Case("[files]\nread = [\"~/claims\"]\n[assert]\nhidden = [\"~/claims/empty\"]", "it is there"),
      Case("[files]\nread = [\"~/claims\"]\nhide = [\"~/claims/secret\"]\n[assert]\nhidden = [\"~/claims/secret\"]"),
      Case("[files]\nread = [\"~/claims\"]\nhide = [\"~/claims/plain\"]\n[assert]\nhidden = [\"~/claims/plain\"]"),
      Case(
        "[files]\nread = [\"~/claims\"]\nhide = [\"~/claims/secret\"]\n"
          + "[assert]\nhidden = [\"~/claims/way\", \"~/claims/way/file\"]"),
      Case("[files]\nread = [\"~/claims\"]\n[assert]\nhidden = [\"~/claims/way\"]", "it is there"),
      Case("[files]\nhome = \"overlay\"\n[assert]\nhidden = [\"~/claims/secret\"]", "it is there"),
      Case("[files]\nhome = \"overlay\"\n[assert]\nhidden = [\"~/claims/empty\"]", "it is there"),
      Case("[files]\nhome = \"overlay\"\n[assert]\nhidden = [\"~/claims/plain\"]", "it is there"),
      Case("[files]\nhome = \"overlay\"\nhide = [\"~/claims/secret\"]\n[assert]\nhidden = [\"~/claims/secret\"]"),
      Case("[assert]\nhidden = [\"/dev/null\"]", "it is there"),

      Case("[files]\nread = [\"~/claims\"]\n[assert]\nreadable = [\"~/claims\", \"~/claims/plain\", \"/usr\"]"),
      Case("[assert]\nreadable = [\"~/claims/plain\"]", missing),
      Case("[assert]\nreadable = [\"~/claims\"]", missing),
      Case(
        "[files]\nread = [\"~/claims\"]\nhide = [\"~/claims/plain\"]\n[assert]\nreadable = [\"~/claims/plain\"]",
        "Permission denied"),
      Case(
        "[files]\nread = [\"~/claims\"]\nhide = [\"~/claims/secret\"]\n[assert]\nreadable = [\"~/claims/secret\"]",
        "Permission denied"),

      // On a tmpfs, a bind, an overlay; a file.
      Case("[assert]\nwritable = [\"/tmp\", \"~\"]"),
      Case("[files]\nwrite = [\"~/claims\"]\n[assert]\nwritable = [\"~/claims/notes\", \"~/claims/plain\"]"),
      Case("[files]\nwrite = [\"~/claims/plain\"]\n[assert]\nwritable = [\"~/claims/plain\"]"),
      Case("[files]\nhome = \"overlay\"\n[assert]\nwritable = [\"~/claims/notes\", \"~/claims/plain\"]"),
      Case("[files]\nread = [\"~/claims\"]\n[assert]\nwritable = [\"~/claims/notes\"]", readOnly),
      Case("[files]\nread = [\"~/claims\"]\n[assert]\nwritable = [\"~/claims/plain\"]", readOnly),
      Case("[assert]\nwritable = [\"/usr\"]", readOnly),
      Case("[assert]\nwritable = [\"~/claims/notes\"]", missing),

      Case("[assert]\nnetwork = false"),
      Case("[assert]\nnetwork = true", "no route leads anywhere but to itself"),
    ]

    /// Around each case: a filter under which landlock's file rules are off, no such rules, no landlock at all, and a
    /// caller who is awkward in every way.
    static let surroundings: [(profile: String, extra: [String], caller: Stage.Caller)] = [
      ("", [], .plain), ("[seccomp]\npreset = \"nested\"\n", [], .plain), ("[landlock]\nfiles = false\n", [], .plain),
      ("", ["SNUG_LANDLOCK_ABI=0"], .plain), ("", [], .awkward),
    ]

    private func start() throws -> Stage {
      let stage = try stage()
      try stage.remove("\(stage.home)/claims", "\(stage.home)/.config/snug")
      try stage.outside(
        shell:
          "mkdir -p ~/claims/secret ~/claims/empty ~/claims/notes; cd ~/claims; echo s >secret/file; echo p >plain; "
          + "ln -s secret way")
      return stage
    }

    @Test(arguments: files) func `a claim is judged by what is found inside`(given: Case) throws {
      let stage = try start()
      defer { try? stage.remove("\(stage.home)/claims") }
      let before = try stage.fingerprint(["\(stage.home)/claims"])
      for around in Self.surroundings {
        try stage.profile("claims", "extends = [\"default\"]\n" + around.profile + given.text)
        let traces = try stage.traces()
        let done = try stage.snug(["check", "claims"], caller: around.caller, extra: around.extra)
        if let problem = given.problem {
          #expect(done.status == 1 && done.output == "", "\(done.everything)")
          let first = done.errors.split(separator: "\n").first ?? ""
          #expect(first.hasPrefix("snug: assert does not hold: ") && first.hasSuffix(": \(problem)"), "\(done.errors)")
          #expect(done.errors.contains("\n  at \(stage.home)/.config/snug/profiles/claims.toml:"), "\(done.errors)")
          #expect(done.errors.contains("\n  hint: "), "\(done.errors)")
          expectPlain(done.errors)
        } else {
          #expect(done.status == 0 && done.output.contains("\n  holds: "), "\(done.everything)")
        }
        #expect(try stage.traces() == traces, "nothing is left behind")
      }
      #expect(try stage.fingerprint(["\(stage.home)/claims"]) == before, "the trial changes nothing")
      #expect(stage.leftovers() == [])
    }

    @Test func `on the host's network a route is found where the host has one`() throws {
      let stage = try start()
      let route = try stage.outside(
        shell: "awk 'NR > 1 && $1 != \"lo\" { print $1 }' /proc/net/route; "
          + "awk '$NF != \"lo\" { print $NF }' /proc/net/ipv6_route")
      for around in Self.surroundings {
        for wanted in [true, false] {
          try stage.profile(
            "claims",
            "extends = [\"default\"]\n\(around.profile)[network]\nmode = \"host\"\n[assert]\nnetwork = \(wanted)")
          let done = try stage.snug(["check", "claims"], caller: around.caller, extra: around.extra)
          #expect(done.status == (wanted != route.isEmpty ? 0 : 1), "\(wanted): \(done.everything)")
          if !wanted, let device = route.split(separator: "\n").first {
            #expect(done.errors.contains("a route leads out through \(device)\n"), "\(done.errors)")
          }
        }
      }
    }

    @Test func `a root without proc is tried all the same`() throws {
      let stage = try start()
      let body = "[files]\nroot = \"empty\"\nhome = \"none\"\n[assert]\n"
      for (claims, problem) in [
        ("network = false\nhidden = [\"/usr\", \"/proc\", \"~\"]", nil),
        ("network = true", "no route leads anywhere but to itself"), ("readable = [\"/proc\"]", Self.missing),
      ] {
        try stage.profile("claims", body + claims)
        let done = try stage.snug(["check", "claims"])
        #expect(done.status == (problem == nil ? 0 : 1), "\(done.everything)")
        #expect(done.errors.contains(problem ?? ""), "\(done.errors)")
      }
    }

    @Test func `a claim that does not hold stops run before the app`() throws {
      let stage = try start()
      defer { try? stage.remove("\(stage.home)/claims") }
      let folder = try stage.workFolder()
      let marker = "\(folder)/started"
      for (claim, holds) in [("~/claims/secret", true), ("~/claims/plain", false)] {
        try stage.profile(
          "claims",
          "extends = [\"default\"]\n[files]\nread = [\"~/claims/plain\"]\nwrite = [\"~/work\"]\n[assert]\nhidden = [\"\(claim)\"]"
        )
        let done = try stage.shell("$SNUG run --status-fd 5 -p claims -- touch \(marker) 5>$STAGE/status")
        let records = (readText("\(folder)/status") ?? "").split(separator: "\n").map { JSONValue(String($0)) ?? .null }
        #expect((readText(marker) != nil) == holds, "\(claim): \(done.everything)")
        #expect(done.status == (holds ? 0 : 125), "\(done.everything)")
        if holds {
          #expect(records.map { $0["event"].text } == ["started", "ended"])
        } else {
          #expect(done.errors.contains("snug: assert does not hold: hidden ~/claims/plain: it is there\n"))
          #expect(records.count == 1)
          #expect(records.first?.keys == ["event", "message", "origin", "status"])
          #expect(records.first?["event"].text == "failed" && records.first?["status"] == .number(125))
        }
        try Stage.shell("rm -f \(marker) \(folder)/status")
      }
      #expect(stage.leftovers() == [])
    }

    /// Root reads whatever it likes: only what is not there is hidden from it.
    @Test func `root as the caller finds what it may and nothing else`() throws {
      let stage = try start()
      guard stage.isRoot else { return skip("only root can call as root") }
      let folder = "\(stage.folder)/root-claims"
      defer { try? stage.remove(folder) }
      try Stage.shell("mkdir -p \(folder)/open; echo k >\(folder)/open/key; chmod 600 \(folder)/open/key")
      for (text, problem) in [
        (
          "[assert]\nhidden = [\"/etc/shadow\", \"\(folder)\"]\nreadable = [\"/usr/bin\"]\nwritable = [\"/tmp\"]\nnetwork = false",
          nil
        ),
        ("[files]\nread = [\"\(folder)/open\"]\n[assert]\nreadable = [\"\(folder)/open/key\"]", nil),
        ("[files]\nread = [\"\(folder)/open\"]\n[assert]\nhidden = [\"\(folder)/open/key\"]", "it is there"),
        ("[files]\nread = [\"\(folder)/open\"]\n[assert]\nwritable = [\"\(folder)/open\"]", Self.readOnly),
        ("[assert]\nreadable = [\"/etc/shadow\"]", Self.missing),
      ] {
        let file = "\(folder)/claims.toml"
        try Stage.shell("printf '%s' 'version = 1\n\(text)' >\(file)")
        let done = try stage.snug(["check", file], caller: .init(asRoot: true))
        #expect(done.status == (problem == nil ? 0 : 1), "\(text): \(done.everything)")
        #expect(done.errors.contains(problem ?? ""), "\(done.errors)")
      }
    }

    @Test func `every claim is told, in order, also beyond 300`() throws {
      let stage = try start()
      let claims = (0..<320).map { $0 % 2 == 0 ? "\"/no/such/\($0)\"" : "\"/usr/bin/.\"" }
      try stage.profile("claims", "extends = [\"default\"]\n[assert]\nreadable = [\(claims.joined(separator: ", "))]")
      let done = try stage.snug(["check", "claims"])
      let told = done.errors.split(separator: "\n").compactMap { line in
        line.hasPrefix("snug: assert does not hold: readable /no/such/")
          ? Int(line.dropFirst("snug: assert does not hold: readable /no/such/".count).prefix { $0 != ":" }) : nil
      }
      #expect(done.status == 1 && told == Array(stride(from: 0, to: 320, by: 2)), "\(done.errors.suffix(2000))")
      #expect(done.errors.contains("160 of "), "\(done.errors.suffix(300))")
    }

    @Test func `a name that stands for nothing is hidden, and cannot be read`() throws {
      let stage = try start()
      try stage.profile("claims", "extends = [\"default\"]\n[assert]\nhidden = [\"xdg-music\"]")
      let hidden = try stage.snug(["check", "claims"])
      #expect(hidden.status == 0, "\(hidden.everything)")
      for key in ["readable", "writable"] {
        try stage.profile("claims", "extends = [\"default\"]\n[assert]\n\(key) = [\"xdg-music\"]")
        for (words, status) in [(["check", "claims"], Int32(1)), (["run", "-p", "claims", "--", "true"], 125)] {
          let done = try stage.snug(words)
          #expect(done.status == status && done.output == "", "\(done.everything)")
          #expect(done.errors.hasPrefix("snug: cannot try xdg-music: "), "\(done.errors)")
          expectOneMessage(done.errors)
        }
      }
      try stage.setProfiles([])
    }
  }
}
