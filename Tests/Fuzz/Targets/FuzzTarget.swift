/// Something that reads bytes of others, and what has to hold of it whatever the bytes are.
///
/// The same functions run under libFuzzer (`share/fuzz`) and, with a mutator of a fixed seed, in the tests.
package struct FuzzTarget: Sendable {
  /// What came of one input.
  package enum Verdict: Equatable, Sendable {
    /// It was read, and everything holds.
    case taken
    /// It was refused, in the way that it should be.
    case refused
    /// Something does not hold.
    case broken(String)
  }

  /// On command lines, and the folder of its corpus: letters and dashes.
  package let name: String
  /// What holds.
  package let claim: String
  /// What mutations begin with, beside the corpus.
  package let seeds: [[UInt8]]
  /// What mutations put in: marks of the language that is read.
  package let pieces: [[UInt8]]
  /// Reads and looks.
  package let judge: @Sendable ([UInt8]) -> Verdict

  package init(
    _ name: String, claim: String, seeds: [[UInt8]], pieces: [String] = [],
    judge: @escaping @Sendable ([UInt8]) -> Verdict
  ) {
    self.name = name
    self.claim = claim
    self.seeds = seeds
    self.pieces = pieces.map { Array($0.utf8) }
    self.judge = judge
  }
}

/// The first of some complaints.
package func verdict(_ complaints: String?...) -> FuzzTarget.Verdict {
  for complaint in complaints { if let complaint { return .broken(complaint) } }
  return .taken
}

/// A complaint where something does not hold.
package func unless(_ holds: Bool, _ complaint: @autoclosure () -> String) -> String? { holds ? nil : complaint() }

/// The words that bytes with a zero byte behind each stand for.
package func words(_ bytes: [UInt8]) -> [[UInt8]] {
  bytes.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
}

/// Words with a zero byte between them.
package func joined(_ words: [String]) -> [UInt8] { Array(words.joined(separator: "\0").utf8) }
