import Glibc
import TestSupport
import Testing

private let bubblewrap = "/usr/bin/bwrap"

extension Stage {
  /// What one of the two makes of a list, on a fixture made anew.
  fileprivate func fingerprint(_ list: ArgumentList, _ executable: String, _ folder: String) throws -> Fingerprint {
    // By the tests' own user: root, too, has been at work there.
    try Self.shell("rm -rf \(folder); mkdir \(folder); chown \(uid):\(gid) \(folder)")
    try outside(shell: "cd \(folder); mkdir -p source/directory place; echo text >source/file")
    var files: [Int32: OpenFile] = [:]
    for index in 0..<list.descriptors { files[Int32(20 + index)] = try OpenFile("\(folder)/source/file") }
    return Fingerprint(
      try bwrap(list.words, files, caller: list.caller, directory: list.directory, executable: executable))
  }
}

extension Live {
  /// Debian's bubblewrap and this one, told the same.
  @Suite(.serialized) struct BubblewrapDifferenceTests {
    @Test func `random lists make the same sandbox but for what is written down as stricter`() throws {
      let stage = try stage()
      guard access(bubblewrap, X_OK) == 0 else { return skip("\(bubblewrap) is not installed") }
      // Not in the home, which is closed: root in a user namespace of its own is nobody there. Here sources are looked
      // for before that, in bubblewrap after it.
      let folder = "\(stage.folder)/lists"
      var used: Set<String> = []
      var started = 0
      let count = wantsLongForm ? 3_000 : 300
      for seed in 0..<UInt64(count) {
        let list = ArgumentList(seed: seed, folder: folder, probe: stage.probe)
        let theirs = try stage.fingerprint(list, bubblewrap, folder)
        let ours = try stage.fingerprint(list, stage.bwrap, folder)
        if theirs.facts["status"] == "0" { started += 1 }
        for difference in Fingerprint.differences(theirs: theirs, ours: ours) {
          let row = stricter.first { $0.holds(difference, list) }
          if let row { used.insert(row.name) }
          #expect(row != nil, "list \(seed), \(difference): \(list.words.joined(separator: " "))")
        }
      }
      #expect(started > count / 2, "most lists are good ones")
      #expect(used == Set(stricter.map(\.name)), "a row that is not met is not needed")
      #expect(stage.leftovers() == [])
    }
  }
}
