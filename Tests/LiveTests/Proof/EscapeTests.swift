import Glibc
import TestSupport
import Testing

extension Live {
  /// The threat list, row by row: what tries to get out, what holds it, and what would hold it alone.
  @Suite(.serialized) struct EscapeTests {
    @Test func `every row is held, and its layers are those that were measured`() throws {
      let stage = try stage()
      guard stage.isRoot else {
        return skip("without a pid namespace of its own a sandbox ends all of a user's processes")
      }
      let layers = try EscapeLayers(stage)
      let measure = try EscapeMeasure(layers)
      try layers.end()
      guard case .ran = measure.whole, case .ran = measure.bare[0], case .ran = measure.bare[1] else {
        Issue.record("no attempt was made: \(measure.whole) \(measure.bare)")
        return
      }
      for attempt in measure.attempts where measure.isPossible(attempt) {
        #expect(measure.hasControl(attempt), "\(attempt) never gets out: \(measure.outside[attempt] ?? "")")
        #expect(measure.whole.result(attempt) != "open", "\(attempt)")
        // A second layer holds what a first one leaves out.
        if measure.holders(attempt).count(where: { $0 != "self-check" }) > 1 {
          for layer in EscapeLayers.layers {
            #expect(measure.without[layer]?.result(attempt) != "open", "\(attempt) without \(layer)")
          }
        }
      }
      try publish(measure)
      #expect(stage.leftovers() == [])
    }

    private func publish(_ measure: EscapeMeasure) throws {
      var table = ProofTable(
        "escape-rows", title: "Attempts to get out",
        header: [
          "row", "severity", "what holds", "held", "layers and walls that would hold alone", "how many", "tried by",
        ])
      var (grave, held, twice) = (0, 0, 0)
      for row in EscapeRow.all.sorted(by: { $0.number < $1.number }) {
        let tried = row.attempts.filter { measure.isPossible($0) }
        // Every attempt of a row is held by some; the weakest one counts.
        let holders = tried.map { measure.holders($0) }
        let weakest = holders.min { $0.count < $1.count } ?? []
        var walls = weakest
        for wall in row.walls where !walls.contains(wall) { walls.append(wall) }
        let isHeld = tried.allSatisfy { measure.whole.result($0) != "open" } && !(tried.isEmpty && row.tests.isEmpty)
        #expect(isHeld, "row \(row.number) is not held")
        if [.critical, .high].contains(row.severity) {
          grave += 1
          if isHeld, !walls.isEmpty { held += 1 }
          if isHeld, walls.count > 1 { twice += 1 }
          #expect(!walls.isEmpty, "nothing is known to hold row \(row.number)")
        }
        let means =
          row.attempts.map { tried.contains($0) ? $0 : "\($0) (not possible here)" }
          + (row.tests.isEmpty ? [] : ["\(row.tests.count) tests"])
        table.rows.append([
          String(row.number), row.severity.rawValue, row.property, isHeld ? "yes" : "**no**",
          walls.joined(separator: ", "),
          String(walls.count), means.joined(separator: ", "),
        ])
      }
      try table.publish()
      var totals = ProofTable(
        "escape-totals", title: "Rows of severity critical and high",
        header: ["rows", "held by one or more", "held by two or more"])
      totals.rows = [[String(grave), String(held), "\(twice) (\(twice * 100 / grave) %)"]]
      try totals.publish()
      #expect(held == grave && twice * 10 >= grave * 9, "\(held) and \(twice) of \(grave)")

      var layers = ProofTable(
        "escape-layers", title: "Layers one by one",
        header: [
          "layer", "self-check notices its absence", "attempts it holds alone", "attempts that get out without it",
        ])
      for layer in EscapeLayers.layers + EscapeLayers.buildingLayers {
        let alone = measure.attempts.filter { measure.holders($0).contains(layer) }
        let out = measure.attempts.filter {
          measure.without[layer]?.result($0) == "open" && measure.whole.result($0) != "open"
        }
        layers.rows.append([
          layer, measure.noticed.contains(layer) ? "yes" : "no", alone.joined(separator: ", "),
          out.joined(separator: ", "),
        ])
      }
      try layers.publish()
    }

    @Test func `the list is whole, and every test that it names is there`() throws {
      let lines = (readText("\(checkout)/Tests/not-applicable") ?? "").split(separator: "\n")
      let apart = lines.compactMap { $0.hasPrefix("#") ? nil : Int($0.prefix { $0.isNumber }) }
      let numbers = EscapeRow.all.map { $0.number } + apart
      #expect(numbers.sorted() == Array(1...140))
      let sources = try Stage.shell("grep -rhoE 'func (`[^`]+`|[a-zA-Z0-9]+)' \(checkout)/Tests --include='*.swift'")
      let known = Set(sources.split(separator: "\n").map { String($0.dropFirst(5)).filter { $0 != "`" } })
      let named = Set(EscapeRow.all.flatMap { $0.tests })
      let missing = named.filter { !known.contains($0) }.sorted()
      #expect(missing == [])
      let isKnown = known.contains("a test that nobody wrote")
      #expect(!isKnown)
      // share/test looks in the log that each of them has passed.
      if let directory = getenv("SNUG_PROOF_TABLES") {
        let stream = try #require(fopen(String(cString: directory) + "/escape-tests.list", "we"))
        for name in named.sorted() { fputs("\(name)\n", stream) }
        fclose(stream)
      }
    }

    @Test func `the page on security has the rows of this list`() throws {
      let page = try #require(readText("\(checkout)/share/doc/security.md")).split(separator: "\n")
      let first = try #require(page.firstIndex(of: "### Attempts to get out"))
      let rows = page[first...].dropFirst().prefix { !$0.hasPrefix("###") }.filter { $0.hasPrefix("| ") }.dropFirst(2)
      let shown = rows.map { $0.split(separator: "|").prefix(3).joined(separator: "|") }
      let wanted = EscapeRow.all.sorted { $0.number < $1.number }.map {
        " \($0.number) | \($0.severity.rawValue) | \($0.property) "
      }
      #expect(shown == wanted, "share/test --proof --record writes them")
    }

    @Test func `the released executables have no switch for layers`() throws {
      let stage = try stage()
      let marker = "SNUG_TEST_LAYERS_OFF"
      let debug = "\(try Stage.products())/snug"
      #expect(try Stage.shell("grep -c \(marker) \(debug) || true") != "0\n", "the control: a debug build has it")
      // A debug build that is tested has it, too, and says so by being the same file.
      if try Stage.shell("cmp -s \(debug) \(stage.snug) && echo same || true") == "same\n" { return }
      let commands = "\(stage.folder)/prefix/libexec/snug/snug-commands"
      for file in [stage.snug, stage.snugBus, commands] where access(file, R_OK) == 0 {
        #expect(try Stage.shell("grep -c \(marker) \(file) || true") == "0\n", "\(file)")
      }
    }
  }
}
