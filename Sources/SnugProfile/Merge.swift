/// The layers of a profile laid over each other: for each key what stands at the end, with its place.
///
/// `profile` is the same as a typed value. This form is what `show` prints and what later keys are looked up in.
public struct MergedProfile: Sendable {
  /// The name it was asked for by; for a file its name without `.toml`.
  public var name: String
  /// The path of the top file, as it was found.
  public var file: String
  /// The flattened chain, lowest first; the options come after it.
  public var layers: [ProfileLayer]
  /// By dotted name; keys that no layer writes and that have no default are absent.
  public private(set) var values: [String: Item] = MergedProfile.defaults
  private var sources: [String: SourceText] = [:]

  init(name: String, file: String) {
    self.name = name
    self.file = file
    self.layers = []
  }

  /// The text of one of the layers; nil for every other file.
  package func source(of file: String) -> SourceText? { sources[file] }

  /// The line of a profile that an origin points into, for a diagnostic.
  public func sourceLine(at origin: Origin) -> String? { sources[origin.file]?.line(at: origin) }

  private static let defaults: [String: Item] = {
    var values: [String: Item] = [:]
    for key in Key.all {
      if let value = key.defaultValue { values[key.name] = Item(value) }
    }
    return values
  }()

  /// Lays a file over what is there. `isTop` says that it is the profile asked for.
  mutating func add(_ file: CheckedFile, isShipped: Bool, isTop: Bool, through entry: Origin? = nil) {
    lay(file.values, layer: layers.count, isShipped: isShipped, isTop: isTop)
    layers.append(ProfileLayer(file: file.source.file, isShipped: isShipped, entry: entry))
    sources[file.source.file] = file.source
  }

  /// Lays one option of the command line over what is there.
  mutating func add(_ name: String, _ item: Item) {
    lay([name: item], layer: layers.count, isShipped: false, isTop: true)
  }

  private mutating func lay(_ layer: [String: Item], layer index: Int, isShipped: Bool, isTop: Bool) {
    for (table, item) in layer where item.takesOut {
      for name in values.keys where name == table || name.hasPrefix(table + ".") {
        values[name] = MergedProfile.defaults[name]
      }
    }
    for (name, item) in layer where !item.takesOut {
      guard let key = Key.named(name), key.isInherited || isTop else { continue }
      values[name] = merge(values[name], item, key.kind, index, isShipped)
    }
  }
}

/// One file of the flattened chain.
public struct ProfileLayer: Hashable, Sendable {
  /// Its path as it was found.
  public var file: String
  /// Whether Snug ships it.
  public var isShipped: Bool
  /// The entry of the top file's `extends` that brought it in; nil for the top file itself.
  public var entry: Origin?
}

/// Lays a value over an earlier one, as its kind says.
private func merge(_ old: Item?, _ new: Item, _ kind: Kind, _ layer: Int, _ isShipped: Bool) -> Item {
  var out = new
  out.layer = layer
  out.isShipped = isShipped
  switch (kind, new.value) {
  case (.list, .list(let items)), (.ops, .list(let items)):
    var list = OrderedItems(old.flatMap { if case .list(let items) = $0.value { items } else { nil } } ?? [])
    for var item in items {
      item.layer = layer
      item.isShipped = isShipped
      // Ops have no identity: each one stands.
      if kind == .ops { list.append(item) } else { list.put(item) }
    }
    out.value = .list(list.items)
  case (.replacedList, .list(let items)):
    out.value = .list(
      items.map {
        var item = $0
        item.layer = layer
        item.isShipped = isShipped
        return item
      })
  case (.map(_, let element), .map(let items)):
    var map = OrderedItems(old.flatMap { if case .map(let items) = $0.value { items } else { nil } } ?? [])
    for item in items {
      var merged = merge(map.item(item.identity), item, element, layer, isShipped)
      merged.identity = item.identity
      map.put(merged)
    }
    out.value = .map(map.items)
  default: break
  }
  return out
}

/// Items in order, found by identity in constant time: lists of thousands are merged in linear time.
private struct OrderedItems {
  private var slots: [Item?]
  private var index: [[UInt8]: Int] = [:]

  init(_ items: [Item]) {
    slots = items.map { Item?.some($0) }
    for (position, item) in items.enumerated() { index[item.identity] = position }
  }

  var items: [Item] { slots.compactMap { $0 } }

  func item(_ identity: [UInt8]) -> Item? { index[identity].flatMap { slots[$0] } }

  mutating func append(_ item: Item) { slots.append(item) }

  /// The later form stands, at its later place; one that takes out leaves nothing.
  mutating func put(_ item: Item) {
    if let position = index.removeValue(forKey: item.identity) { slots[position] = nil }
    if item.takesOut { return }
    index[item.identity] = slots.count
    slots.append(item)
  }
}
