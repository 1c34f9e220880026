import SnugPlan

/// An array of {file, line, column, level, rule, message, hint}; keys are contract.
public func lintJSON(_ reports: [Report]) -> JSON {
  .list(
    reports.flatMap(\.findings).map { finding in
      .object([
        .init("file", .text(finding.origin.file)), .init("line", .integer(finding.origin.line)),
        .init("column", .integer(finding.origin.column)), .init("level", .text(finding.level.rawValue)),
        .init("rule", .text(finding.rule)), .init("message", .text(finding.message)),
        .init("hint", finding.advice.map { .text($0) } ?? .null),
      ])
    })
}
