import SnugPlan

/// A log in the Static Analysis Results Interchange Format 2.1.0, as code scanners take it, with one run and every rule.
///
/// - Parameter version: the version of this program.
public func lintSARIF(_ reports: [Report], version: String) -> JSON {
  let indices = Dictionary(
    Rule.all.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
  let driver = JSON.object([
    .init("name", .text("snug")), .init("semanticVersion", .text(version)),
    .init("rules", .list(Rule.all.map(describe))),
  ])
  let results = reports.flatMap(\.findings).map { describe($0, index: indices[$0.rule] ?? 0) }
  return .object([
    .init("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")), .init("version", .text("2.1.0")),
    .init(
      "runs",
      .list([
        .object([
          .init("tool", .object([.init("driver", driver)])),
          // The format's own default is UTF-16 units; ours are code points, as the parser counts them.
          .init("columnKind", .text("unicodeCodePoints")),
          .init("results", .list(results)),
        ])
      ])),
  ])
}

private func describe(_ rule: Rule) -> JSON {
  .object([
    .init("id", .text(rule.name)), .init("shortDescription", message(rule.what)),
    .init("fullDescription", message(rule.why)), .init("help", message(rule.page)),
    .init("defaultConfiguration", .object([.init("level", .text(word(rule.level)))])),
  ])
}

private func describe(_ finding: Finding, index: Int) -> JSON {
  let region = JSON.object([
    .init("startLine", .integer(finding.origin.line)), .init("startColumn", .integer(finding.origin.column)),
  ])
  let location = JSON.object([
    .init("artifactLocation", .object([.init("uri", .text(uri(finding.origin.file)))])), .init("region", region),
  ])
  let text = finding.message + (finding.advice.map { "; hint: " + $0 } ?? "")
  return .object([
    .init("ruleId", .text(finding.rule)), .init("ruleIndex", .integer(index)),
    .init("level", .text(word(finding.level))), .init("message", message(text)),
    .init("locations", .list([.object([.init("physicalLocation", location)])])),
  ])
}

private func message(_ text: String) -> JSON { .object([.init("text", .text(text))]) }

private func word(_ level: Level) -> String {
  switch level {
  case .error: "error"
  case .warning: "warning"
  case .hint: "note"
  }
}

/// A path as a URI reference, see RFC 3986: an absolute one with its scheme, a relative one as it is.
private func uri(_ path: String) -> String {
  var out = path.utf8.first == UInt8(ascii: "/") ? "file://" : ""
  for byte in path.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      out.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16, uppercase: true)
      out += "%" + (digits.count == 1 ? "0" : "") + digits
    }
  }
  return out
}
