/// The candidate that a person most likely meant, or nil where none is near.
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  let written = Array(word.utf8.prefix(64))
  // One slip in a short word, two in a middling one, three in a long one.
  let limit = written.count < 4 ? 1 : written.count < 8 ? 2 : 3
  var best: (word: String, distance: Int)?
  for candidate in candidates where candidate != word {
    let other = Array(candidate.utf8)
    if abs(other.count - written.count) > limit { continue }
    let distance = editDistance(written, other)
    if distance <= limit, distance < (best?.distance ?? Int.max) { best = (candidate, distance) }
  }
  return best?.word
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for (row, a) in left.enumerated() {
    var current = [row + 1]
    for (column, b) in right.enumerated() {
      var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (a == b ? 0 : 1))
      if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[right.count]
}

/// `did you mean "x"?`, where something is near.
func suggestion(for word: String, in candidates: some Sequence<String>) -> String? {
  nearest(to: word, in: candidates).map { "did you mean \"\($0)\"?" }
}
