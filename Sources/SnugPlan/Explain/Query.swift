import SnugProfile

/// One question about a start.
public enum Query: Hashable, Sendable {
  /// A path as it was written, and the absolute path that it stands for, links not followed.
  case path(written: String, absolute: String)
  /// A name on a bus.
  case bus(String, isSystem: Bool)
  /// A TCP connection; without a host: to any.
  case tcp(host: String?, port: UInt16)
  /// A system call by name.
  case call(String)

  /// Words that begin a question that is not about a path.
  static let kinds = ["bus", "tcp", "syscall"]

  /// Reads a question. What has no known word before its first colon is a path.
  ///
  /// - Parameter path: what a path stands for on this machine.
  /// - Throws: a diagnostic where it is no question.
  public init(_ text: String, path: (String) throws(Diagnostic) -> String) throws(Diagnostic) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = parts.first.map({ String(Substring($0)) }), Query.kinds.contains(kind) else {
      if parts.count == 2, let kind = nearest(to: String(Substring(parts[0])), in: Query.kinds) {
        throw Diagnostic(
          "unknown kind of question in \"\(text)\"", hint: "did you mean \"\(kind):\"? A path is written ./\(text)")
      }
      self = .path(written: text, absolute: try path(text))
      return
    }
    let rest = String(Substring(parts[1]))
    switch kind {
    case "bus": self = try Query.bus(rest)
    case "tcp": self = try Query.tcp(rest)
    default:
      if rest.isEmpty { throw Diagnostic("no system call is named", hint: "for example syscall:ptrace") }
      self = .call(rest)
    }
  }

  /// The D-Bus specification asks a well-known name for a dot; `:1.5` names a connection, which no rule is about.
  private static func bus(_ text: String) throws(Diagnostic) -> Query {
    var name = text
    var isSystem = false
    for (word, value) in [("system:", true), ("session:", false)] where text.hasPrefix(word) {
      (name, isSystem) = (String(text.dropFirst(word.count)), value)
    }
    let isName =
      name.utf8.count <= 255 && name.contains(".")
      && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { element in
        !element.isEmpty && !(0x30...0x39).contains(element.first ?? 0) && element.allSatisfy(isNameByte)
      }
    guard isName else {
      throw Diagnostic("\"\(name)\" is no name of a bus", hint: "for example bus:org.freedesktop.Notifications")
    }
    return .bus(name, isSystem: isSystem)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private static func tcp(_ text: String) throws(Diagnostic) -> Query {
    let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
    let digits = colon.map { String(text[text.utf8.index(after: $0)...]) } ?? text
    let host = colon.map { String(text[..<$0]) }
    guard let port = UInt16(digits), port > 0, String(port) == digits, host?.isEmpty != true else {
      throw Diagnostic("\"\(text)\" is no port", hint: "for example tcp:443 or tcp:example.org:443")
    }
    return .tcp(host: host, port: port)
  }
}
