import Glibc
import TestSupport
import Testing

/// Ops on a place; FD is a descriptor with data, SOURCE a directory of the host.
private let operations = [
  "--dir PLACE", "--file 8 PLACE", "--symlink text PLACE", "--tmpfs PLACE", "--bind-data 8 PLACE",
  "--ro-bind-data 8 PLACE", "--chmod 0777 PLACE", "--bind SOURCE PLACE", "--bind SOURCE/file PLACE", "--dev PLACE",
  "--overlay-src SOURCE --tmp-overlay PLACE", "--dir PLACE --remount-ro PLACE",
]

extension Live {
  /// Links in a writable bind that point out of the new root: whoever can write there aims them at the caller's files.
  @Suite(.serialized) struct BubblewrapLinkTests {
    /// What is aimed at: a folder of the user's that no option names.
    private func prepare(_ stage: Stage) throws -> (shared: String, target: String, links: [String]) {
      let folder = try stage.boxFixture()
      let target = "\(try stage.workFolder())/target"
      try stage.outside(
        shell: """
          rm -rf \(target); mkdir -p \(target)/full; echo kept >\(target)/file; mkdir \(folder)/shared; cd \(folder)/shared
          for kind in absolute:\(target) relative:../../..\(target) old:../../oldroot\(target) \
            proc:/proc/1/root\(target) \
            cwd:/proc/self/cwd up:../../../../../../../..\(target); do
            for name in full file none; do ln -s "${kind#*:}/$name" "${kind%%:*}-$name"; done
          done
          """)
      return ("\(folder)/shared", target, (names(in: "\(folder)/shared") ?? []).sorted())
    }

    @Test func `no op on or through them reaches the host`() throws {
      let stage = try stage()
      let (shared, target, links) = try prepare(stage)
      #expect(links.count == 18)
      let source = try stage.boxFixtureSource()
      let before = try stage.fingerprint([target])
      var made = 0
      for link in links {
        for operation in operations {
          for place in ["/w/\(link)", "/w/\(link)/made", "/w/\(link)/made/deep"] {
            let words = operation.replacing("PLACE", with: place).replacing("SOURCE", with: source)
            let done = try stage.box(
              ["--proc", "/proc", "--bind", shared, "/w", "--dir", "\(target)/full"]
                + words.split(separator: " ").map(String.init) + ["true"],
              [8: try OpenFile(holding: "data".utf8)])
            if done.status == 0 { made += 1 }
          }
        }
      }
      #expect(try stage.fingerprint([target]) == before)
      #expect(made > 50, "where the name exists inside, that is what they lead to")
      #expect(stage.leftovers() == [])
    }

    @Test func `what they would reach can be reached`() throws {
      let stage = try stage()
      let (shared, target, _) = try prepare(stage)
      try stage.outside(shell: "mkdir \(shared)/absolute-full/made; echo x >\(shared)/absolute-none")
      #expect(names(in: "\(target)/full") == ["made"], "plain calls outside follow them: the positive control")
      #expect(readText("\(target)/none") == "x\n")
      guard access("/usr/bin/bwrap", X_OK) == 0 else { return skip("bubblewrap is not installed") }
      _ = try stage.bwrap(
        stage.smallRoot + ["--bind", shared, "/w", "--dir", "/w/old-full/by-bubblewrap", "true"],
        executable: "/usr/bin/bwrap")
      #expect(
        names(in: "\(target)/full")?.sorted() == ["by-bubblewrap", "made"],
        "and so does bubblewrap 0.8.0: CVE-2026-87766")
    }
  }
}

extension Stage {
  /// A directory with a file, to be bound.
  fileprivate func boxFixtureSource() throws -> String {
    let source = "\(try workFolder())/source"
    try outside(shell: "mkdir -p \(source); echo x >\(source)/file")
    return source
  }
}
