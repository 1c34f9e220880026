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
  /// The repair that takes an item out of its list; nil where it is not the linted file's.
  func removal(of item: Item) -> Fix? {
    source.rangeOfItem(at: item.origin).map { Fix("take out \"\(item.shown)\"", [.init($0, "")]) }
  }
}
