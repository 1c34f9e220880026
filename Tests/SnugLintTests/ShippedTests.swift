import SnugLint
import SnugProfile
import TestSupport
import Testing

/// Every shipped profile, all at once, as `snug lint` does it.
@Suite struct ShippedTests {
  @Test func `they have no findings`() throws {
    let folder = here + "/../../profiles"
    let found = names(in: folder).filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    #expect(found.count >= 8)
    var texts: [String: String] = [:]
    for name in found { texts[name] = readFile("\(folder)/\(name).toml") }
    let host = anna(machine(), in: "/home/anna/src/demo")
    let loader = loader([:], shipped: texts, host)
    let subjects = try found.map { Subject(try loader.find($0), loader, host) }
    // No X server answers on the machine of the fixtures: that is no fault of a profile.
    let bad = lint(subjects).flatMap(\.findings).filter { $0.rule != Cause.cannotStartHere.rawValue }
    #expect(bad.isEmpty, "\(bad.map { "\($0.origin) \($0.rule): \($0.message)" })")
  }
}
