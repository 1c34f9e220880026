import SnugProfile

extension Rule {
  static let unsortedList = Rule(
    "unsorted-list", .hint,
    what: "A list whose order has no meaning is not sorted",
    why: """
      In a sorted list a name is found at once, and a name that is there twice is seen. Lists with comments or with \
      \"!item\" in them are left alone: there the order says something.
      """,
    example: """
      [environment]
      keep = ["TERM", "LANG"]
      """,
    safer: """
      [environment]
      keep = ["LANG", "TERM"]
      """
  ) { subject in
    unorderedLists.compactMap { name -> Finding? in
      guard case .list(let items)? = subject.written[name]?.value, items.allSatisfy({ subject.isOwn($0.origin) }),
        !items.contains(where: \.takesOut)
      else { return nil }
      let sorted = items.sorted { precedes($0, $1) }
      guard let first = zip(items, sorted).first(where: { $0.identity != $1.identity })?.0 else { return nil }
      guard let ranges = subject.source.itemRanges(items.map(\.origin)) else { return nil }
      let texts = items.indices.sorted { precedes(items[$0], items[$1]) }.map { ranges[$0] }
      let edits = zip(ranges, texts).filter { $0 != $1 }.map { slot, text in
        Fix.Edit(slot, String(decoding: subject.source.bytes[text], as: UTF8.self))
      }
      return Finding("\(name) is not sorted", at: first.origin, fix: Fix("sort \(name)", edits))
    }
  }
}

/// Lists of names and numbers. Paths are left as they are: people group them by what they are for.
private let unorderedLists = [
  "optional", "bus.session.see", "bus.session.talk", "bus.session.own", "bus.system.see", "bus.system.talk",
  "bus.system.own", "environment.keep", "environment.unset", "seccomp.allow", "seccomp.deny", "landlock.scope",
  "landlock.connect-tcp",
]

private func precedes(_ left: Item, _ right: Item) -> Bool {
  if case .integer(let one) = left.value, case .integer(let other) = right.value { return one < other }
  return left.identity.lexicographicallyPrecedes(right.identity)
}

extension SourceText {
  /// The bytes of each item of a list, in order; nil where a comment stands between them.
  fileprivate func itemRanges(_ origins: [Origin]) -> [Range<Int>]? {
    var ranges: [Range<Int>] = []
    for origin in origins {
      guard let range = range(ofValueAt: origin) else { return nil }
      if let last = ranges.last {
        guard last.upperBound <= range.lowerBound else { return nil }
        if bytes[last.upperBound..<range.lowerBound].contains(UInt8(ascii: "#")) { return nil }
      }
      ranges.append(range)
    }
    return ranges
  }
}
