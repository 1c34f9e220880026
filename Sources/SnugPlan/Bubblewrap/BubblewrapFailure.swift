/// Why the sandbox that a command line of bubblewrap asks for cannot be made, in bubblewrap's words.
public struct BubblewrapFailure: Error, Hashable, Sendable {
  /// Without the `bwrap: ` that stands before it.
  public var message: String
  /// The errno whose text follows; nil: none.
  public var code: Int32?

  /// Makes an error.
  public init(_ message: String, code: Int32? = nil) {
    self.message = message
    self.code = code
  }
}
