import TestSupport

/// What was found with all layers, without each, and with each alone.
struct EscapeMeasure {
  let outside: [String: String]
  let whole: EscapeLayers.Outcome
  /// What everything else is left out of. With all its capabilities PID 1 has more than the app, and the kernel keeps the
  /// app from it for that alone: some get out only where both have none.
  static let bases = [[], ["capabilities"]]
  /// With no other layer. What is still held then the user and mount namespaces hold, and what the plan names: they
  /// cannot be left out.
  private(set) var bare: [EscapeLayers.Outcome] = []
  private(set) var without: [String: EscapeLayers.Outcome] = [:]
  private var alone: [[String: EscapeLayers.Outcome]] = []
  /// Layers whose absence the self-check finds.
  private(set) var noticed: Set<String> = []

  init(_ layers: EscapeLayers) throws {
    outside = try layers.outside()
    whole = try layers.inside(without: [])
    for base in Self.bases {
      bare.append(try layers.inside(withOnly: base))
      var found: [String: EscapeLayers.Outcome] = [:]
      for layer in EscapeLayers.layers { found[layer] = try layers.inside(withOnly: base + [layer]) }
      alone.append(found)
    }
    for layer in EscapeLayers.layers + EscapeLayers.buildingLayers {
      without[layer] = try layers.inside(without: [layer])
      let broken = try layers.inside(without: [layer, "untold"])
      if case .stopped(let words) = broken, words.contains("cannot confirm what was built") { noticed.insert(layer) }
    }
  }

  var attempts: [String] { outside.keys.sorted() }

  /// Whether it gets out where nothing of ours is in its way.
  func hasControl(_ attempt: String) -> Bool { outside[attempt] == "open" || base(attempt) != nil }

  /// Whether this kernel has what it tries at all.
  func isPossible(_ attempt: String) -> Bool {
    !["untried", "ENOSYS", "EAFNOSUPPORT", "ENODEV", "ENOENT"].contains(outside[attempt] ?? "untried")
  }

  /// The first base out of which it gets.
  private func base(_ attempt: String) -> Int? { bare.firstIndex { $0.result(attempt) == "open" } }

  /// Layers each of which holds it with no other.
  func holders(_ attempt: String) -> [String] {
    let base = base(attempt)
    let unheld = bare[base ?? 0].result(attempt)
    var found = EscapeLayers.layers.filter { layer in
      let result = alone[base ?? 0][layer]?.result(attempt) ?? "open"
      // Where it is held without any layer, another errno shows that the layer answers before that.
      return result != "open" && result != unheld
    }
    if base == nil { found.append("base") }
    // Without all of these the self-check stops the start.
    if found.contains(where: { noticed.contains($0) }) { found.append("self-check") }
    return found
  }
}
