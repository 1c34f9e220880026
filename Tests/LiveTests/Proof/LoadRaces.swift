import Glibc
import TestSupport
import Testing

extension Live {
  /// Launchers that start at the same time and want the same thing.
  @Suite(.serialized) struct LoadRaces {
    @Test func `pairs of launchers with one private home tear nothing`() throws {
      let stage = try stage()
      let pairs = wantsLongForm ? 500 : 25
      try stage.profile("shared-home", "files.home = \"private\"")
      let home = "\(stage.homes)/shared-home"
      var torn: [String] = []
      for pair in 0..<pairs {
        // Every fifth pair meets a home that nobody has made yet.
        if pair % 5 == 0 { try stage.remove(home) }
        let line = "echo \(pair) $0 >>~/state; exit $0"
        let both = try (3...4).map {
          try stage.start([stage.snug, "run", "-p", "shared-home", "--", "sh", "-c", line, "\($0)"])
        }
        for (index, running) in both.enumerated() {
          let done = running.finish()
          if done.status != Int32(index + 3) || !done.errors.isEmpty { torn.append("\(pair): \(done.everything)") }
        }
        let said = (readText("\(home)/state") ?? "").split(separator: "\n").suffix(2).sorted()
        if said != ["\(pair) 3", "\(pair) 4"] { torn.append("\(pair): \(said)") }
      }
      #expect(torn == [])
      var facts = stat()
      #expect(stat(home, &facts) == 0 && facts.st_mode & 0o7777 == 0o700 && facts.st_uid == stage.uid)
      #expect(names(in: stage.homes)?.filter { $0.hasPrefix("shared-home") && $0 != "shared-home" } ?? [] == [])
      #expect(stage.leftovers() == [])
      try LoadTable.add(
        "pairs of launchers with one private home", "\(pairs)", failed: torn.count,
        "both run, every line of state is whole")
      try stage.remove(home)
    }

    @Test func `of a pair of launchers with one name one runs and the other says so`() throws {
      let stage = try stage()
      let pairs = wantsLongForm ? 500 : 25
      var wrong: [String] = []
      for pair in 0..<pairs {
        let both = try (0..<2).map { _ in
          try stage.start([stage.snug, "run", "--name", "pair", "--", "sh", "-c", "echo here; read line; exit 5"])
        }
        // Whoever has the name runs until it is told; the other has ended by itself.
        let loser = { both.firstIndex { readText("/proc/\($0.pid)/stat")?.contains(") Z ") ?? true } }
        guard eventually({ loser() != nil }), let lost = loser() else {
          wrong.append("\(pair): both run")
          for running in both { _ = running.finish() }
          continue
        }
        if !both[1 - lost].waitFor("here") { wrong.append("\(pair): nobody runs") }
        let (first, second) = (both[lost].finish(), both[1 - lost].finish())
        if first.status != 125 || !first.errors.hasPrefix("snug: ") || !first.errors.contains("pair")
          || first.output != ""
        {
          wrong.append("\(pair): \(first.everything)")
        }
        if second.status != 5 || second.errors != "" { wrong.append("\(pair): \(second.everything)") }
      }
      #expect(wrong == [])
      #expect(stage.leftovers() == [])
      #expect(names(in: "\(stage.runtime)/snug")?.filter { $0 == "pair" } ?? [] == [])
      try LoadTable.add(
        "pairs of launchers with one name", "\(pairs)", failed: wrong.count, "one runs, the other names the instance")
    }
  }
}
