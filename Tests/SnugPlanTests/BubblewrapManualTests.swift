import SnugPlan
import TestSupport
import Testing

/// `snug-bwrap.1` is written by hand and must not fall behind.
@Suite struct BubblewrapManualTests {
  @Test func `every option is in the manual with its arguments, and the manual has no other`() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let manual = try #require(readText("/\(folder)/share/man/snug-bwrap.1"))
    let told = manual.split(separator: "\n").filter { $0.hasPrefix(".It Fl -") }.map { line in
      "-" + line.dropFirst(".It Fl ".count).split(separator: " ").filter { $0 != "Ar" }.joined(separator: " ")
    }
    let known = bubblewrapHelp.split(separator: "\n").filter { $0.hasPrefix("  -") }.map { line in
      // The summary stands behind two blanks.
      let text = String(line.dropFirst(2))
      return text.firstRange(of: "  ").map { String(text[..<$0.lowerBound]) } ?? text
    }
    #expect(known.count > 60)
    #expect(Set(told) == Set(known))
    #expect(told.count == Set(told).count, "none stands there twice")
    #expect(told == known, "in the order of --help")
  }
}
