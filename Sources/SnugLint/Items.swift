import SnugProfile

extension Item {
  /// As the person knows it: the path as written, else the name or text.
  var shown: String {
    switch value {
    case .path(let path): path.written
    case .entry(let entry): entry.path.written
    default: name
    }
  }
}

extension Subject {
  /// The repair that takes an item out of its list; nil where it does not stand in the linted file.
  package func removal(of item: Item) -> Fix? {
    removal(ofItemAt: item.origin, (item.takesOut ? "!" : "") + item.shown)
  }

  /// The same for the item at a place.
  package func removal(ofItemAt origin: Origin, _ shown: String) -> Fix? {
    source.rangeOfItem(at: origin).map { Fix("take out \"\(shown)\"", [.init($0, "")]) }
  }
}
