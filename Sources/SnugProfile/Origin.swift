/// Where a value was written: a place in a profile, an option of the command line, or Snug's own defaults.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
  /// The profile's path as it was found, the option (`--read`), or `defaults`.
  public var file: String
  /// One-based; 0 for options and defaults.
  public var line: Int
  /// One-based, in Unicode scalars; 0 for options and defaults.
  public var column: Int

  /// A place in a profile.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// A value nobody wrote: the lowest layer.
  public static let defaults = Origin(file: "defaults", line: 0, column: 0)

  /// A value given by an option of the command line, such as `--read`.
  public static func option(_ name: String) -> Origin { Origin(file: name, line: 0, column: 0) }

  /// `firefox.toml:14:9`, or the option's name.
  public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// A value together with the place it was written at.
public struct Located<Value> {
  /// The value.
  public var value: Value
  /// The place.
  public var origin: Origin

  /// Joins a value and its place.
  public init(_ value: Value, at origin: Origin = .defaults) {
    self.value = value
    self.origin = origin
  }
}

extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
extension Located: Sendable where Value: Sendable {}
