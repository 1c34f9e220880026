import SnugProfile

/// The changes as a person reads them: a line each, `+` for a gain, `-` for a loss, `=` for the rest, with the area and
/// the line that caused it; then their count.
///
/// - Parameter isColoured: whether gains and losses are green and red, as other differences are on a terminal.
public func diffText(_ changes: [Change], isColoured: Bool = false) -> String {
  if changes.isEmpty { return "nothing differs\n" }
  let width = changes.map({ $0.area.rawValue.count }).max() ?? 0
  let lines = changes.map { change in
    let area = change.area.rawValue
    let padding = String(repeating: " ", count: width - area.count)
    let place = change.origin.line > 0 ? "\(change.origin.file):\(change.origin.line)" : change.origin.file
    let origin = change.origin == .defaults ? "" : "  # " + escaped(place)
    let line = "\(change.kind.sign) \(area)\(padding)  \(escaped(change.text))\(origin)"
    return isColoured ? change.kind.coloured(line) : line
  }
  let counts = Change.Kind.allCases.map { kind in (kind, changes.count { $0.kind == kind }) }
  let total = counts.filter { $0.1 > 0 }.map { $0.0.counted($0.1) }.joined(separator: ", ")
  return lines.map { $0 + "\n" }.joined() + "\n\(total)\n"
}

/// An array of {change, area, text, origin}, indented; keys are contract. An origin is {file, line}, null where nobody
/// wrote what caused the change.
public func diffJSON(_ changes: [Change]) -> String {
  JSON.list(
    changes.map { change in
      .object([
        .init("change", .text(change.kind.rawValue)), .init("area", .text(change.area.rawValue)),
        .init("text", .text(change.text)), .init("origin", change.origin == .defaults ? .null : change.origin.json),
      ])
    }
  ).pretty + "\n"
}

extension Change.Kind {
  fileprivate var sign: String {
    switch self {
    case .gain: "+"
    case .loss: "-"
    case .neutral: "="
    }
  }

  fileprivate func counted(_ count: Int) -> String {
    switch self {
    case .gain: count == 1 ? "1 gain" : "\(count) gains"
    case .loss: count == 1 ? "1 loss" : "\(count) losses"
    case .neutral: "\(count) neutral"
    }
  }

  /// Green, red or as it is; see console_codes(4).
  fileprivate func coloured(_ line: String) -> String {
    switch self {
    case .gain: "\u{1b}[32m\(line)\u{1b}[0m"
    case .loss: "\u{1b}[31m\(line)\u{1b}[0m"
    case .neutral: line
    }
  }
}
