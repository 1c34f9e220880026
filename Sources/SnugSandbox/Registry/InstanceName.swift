import SnugPlan
import SnugProfile

/// What an instance is called on command lines: a name that is a plain file name and needs no quoting in any shell.
public struct InstanceName: Hashable, Sendable, CustomStringConvertible {
  /// 1 to 64 ASCII letters, digits and `_ . + -`, not beginning with `-`, neither `.` nor `..`.
  public let text: String

  /// The longest name in bytes.
  public static let longest = 64

  /// The text.
  public var description: String { text }

  /// Takes a name as a person wrote it.
  ///
  /// - Throws: what is wrong with it, with the rule as the hint.
  public init(_ text: String) throws(Diagnostic) { try self.init(text.utf8) }

  /// Takes a name from bytes, which need not be UTF-8.
  ///
  /// - Throws: what is wrong with it, with the rule as the hint.
  public init(_ bytes: some Collection<UInt8>) throws(Diagnostic) {
    if let reason = Self.trouble(with: bytes) {
      let shown = escaped(bytes.prefix(80)) + (bytes.count > 80 ? "..." : "")
      throw Diagnostic(
        "cannot name an instance \"\(shown)\": \(reason)",
        hint: "a name has 1 to \(Self.longest) ASCII letters, digits and _ . + -, and does not begin with -")
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// A name for an instance that was given none: the profile's, as far as it fits, and a suffix that fits the rule.
  init(of profile: String, suffix: String) {
    let file = profile.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
    let ending = Array(".toml".utf8)
    let stem = file.suffix(ending.count).elementsEqual(ending) ? file.dropLast(ending.count) : file[...]
    let fitting = stem.map { Self.isAllowed($0) ? $0 : UInt8(ascii: "_") }
      .drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
      .prefix(Self.longest - suffix.utf8.count - 1)
    text = (fitting.isEmpty ? "snug" : String(decoding: fitting, as: UTF8.self)) + "-" + suffix
  }

  private static func trouble(with bytes: some Collection<UInt8>) -> String? {
    if bytes.isEmpty { return "it is empty" }
    if let bad = bytes.first(where: { !isAllowed($0) }) {
      return bad >= 0x80 ? "it is not ASCII" : "\"\(escaped([bad]))\" may not stand in it"
    }
    if bytes.first == UInt8(ascii: "-") { return "it begins with -, as an option does" }
    let isDots = bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
    if isDots { return "it means a directory" }
    return bytes.count > longest ? "it has \(bytes.count) bytes, and \(longest) are the most" : nil
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: true
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
