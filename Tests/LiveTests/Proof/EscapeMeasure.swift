import TestSupport

/// What was found with all layers, without each, and with each alone.
struct EscapeMeasure {
  let outside: [String: String]
  let whole: EscapeLayers.Outcome
  /// With no layer at all: what is still held then the user and mount namespaces hold, which cannot be left out.
  let bare: EscapeLayers.Outcome
  var without: [String: EscapeLayers.Outcome] = [:]
  var alone: [String: EscapeLayers.Outcome] = [:]
  /// Layers whose absence the self-check finds.
  var noticed: Set<String> = []

  init(_ layers: EscapeLayers) throws {
    outside = try layers.outside()
    whole = try layers.inside(without: [])
    bare = try layers.inside(withOnly: [])
    for layer in EscapeLayers.layers {
      without[layer] = try layers.inside(without: [layer])
      alone[layer] = try layers.inside(withOnly: [layer])
      let broken = try layers.inside(without: [layer, "untold"])
      if case .stopped(let words) = broken, words.contains("self-check") { noticed.insert(layer) }
    }
  }

  var attempts: [String] { outside.keys.sorted() }

  /// Whether it gets out where nothing of ours is in its way.
  func hasControl(_ attempt: String) -> Bool { outside[attempt] == "open" || bare.result(attempt) == "open" }

  /// Whether this kernel has what it tries at all.
  func isPossible(_ attempt: String) -> Bool {
    !["untried", "ENOSYS", "EAFNOSUPPORT", "ENODEV", "ENOENT"].contains(outside[attempt] ?? "untried")
  }

  /// Layers each of which holds it with no other.
  func holders(_ attempt: String) -> [String] {
    let unheld = bare.result(attempt)
    var found = EscapeLayers.layers.filter { layer in
      let result = alone[layer]?.result(attempt) ?? "open"
      // Where it is held without any layer, another errno shows that the layer answers before that.
      return result != "open" && result != unheld
    }
    if unheld != "open" { found.append("user namespace") }
    // Without all of these the self-check stops the start.
    if found.contains(where: { noticed.contains($0) }) { found.append("self-check") }
    return found
  }
}
