/// A checked value of a key, before it is given its place in `Profile`.
public indirect enum Value: Hashable, Sendable {
  case boolean(Bool)
  /// A word, a name or free text.
  case text(String)
  case integer(Int64)
  case size(Size)
  case wait(Wait)
  /// A signal's number; nil is `none`.
  case signal(Int32?)
  case path(PathValue)
  case entry(PathEntry)
  case op(ExactOp)
  case list([Item])
  /// Each item has its name as identity.
  case map([Item])
  /// A table that is there, whatever it holds.
  case table
}

/// A path entry of `[files]`: a string, or `{ path, at, if-missing }`.
public struct PathEntry: Hashable, Sendable {
  /// The path on the host.
  public var path: PathValue
  /// Where it stands inside; nil is at its own path.
  public var at: PathValue?
  /// What to do where it is missing; nil where the entry does not say.
  public var ifMissing: IfMissing?

  /// Makes an entry.
  public init(path: PathValue, at: PathValue? = nil, ifMissing: IfMissing? = nil) {
    self.path = path
    self.at = at
    self.ifMissing = ifMissing
  }
}

/// A value with its place: of a key, of an item of a list, or of a name in a map.
public struct Item: Hashable, Sendable {
  /// What makes two items the same: the expanded path, the name or the text, in bytes.
  public var identity: [UInt8]
  /// The value.
  public var value: Value
  /// Where it was written.
  public var origin: Origin
  /// `"!item"`, or `NAME = false` in place of a table.
  public var takesOut: Bool
  /// Index of its layer in the flattened chain; -1 for defaults.
  public var layer: Int
  /// Whether its layer is a profile that Snug ships.
  public var isShipped: Bool

  /// Makes an item of no layer yet; merging sets it.
  init(_ value: Value, identity: [UInt8] = [], origin: Origin = .defaults, takesOut: Bool = false) {
    self.identity = identity
    self.value = value
    self.origin = origin
    self.takesOut = takesOut
    self.layer = -1
    self.isShipped = false
  }

  /// The name or text that makes the item what it is.
  public var name: String { String(decoding: identity, as: UTF8.self) }
}

/// What is wrong with a value, before its place is known.
struct Problem: Error, Hashable {
  var cause: Cause
  var message: String
  var hint: String?
  var correction: Correction?

  init(_ cause: Cause, _ message: String, hint: String? = nil, correction: Correction? = nil) {
    self.cause = cause
    self.message = message
    self.hint = hint ?? correction?.hint
    self.correction = correction
  }

  /// The same with its place.
  func diagnostic(at origin: Origin?, prefix: String = "", sourceLine: String? = nil) -> Diagnostic {
    Diagnostic(
      prefix + message, cause, at: origin, sourceLine: sourceLine, hint: hint, correction: correction)
  }
}
