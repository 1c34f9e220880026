import SnugProfile

/// A call that the proxy did not let pass.
public struct RefusedCall: Hashable, Sendable {
  /// What would have let it pass.
  public enum Missing: Hashable, Sendable {
    /// A rule about the name that was called.
    case call
    /// A rule about the name that a call to the bus itself was about: to be it, to talk to it, to see it.
    case own(String), talk(String), see(String)
  }
  /// The name that was called.
  public var destination: String
  /// Interface and method.
  public var method: String
  /// Object path.
  public var path: String
  /// What would have let it pass.
  public var missing: Missing

  /// Makes a call.
  public init(destination: String, method: String, path: String, missing: Missing = .call) {
    self.destination = destination
    self.method = method
    self.path = path
    self.missing = missing
  }

  /// What a person reads, with the rule that would allow it where one can.
  ///
  /// - Parameter kinds: the buses it may have been on.
  public func diagnostic(on kinds: [FilteredBus.Kind]) -> Diagnostic {
    let bus = kinds.count == 1 ? kinds[0].words : "a bus"
    let table = kinds.map { "[\($0.key)]" }.joined(separator: " or ")
    var hint: String?
    func allow(_ key: String, _ name: String) -> String? {
      isBusName(name) ? "\(key) = [\"\(name)\"] under \(table) allows it" : nil
    }
    switch missing {
    case .own(let name):
      return Diagnostic("\(bus) refused the app the name \(name)", hint: allow("own", name))
    case .talk(let name):
      return Diagnostic("\(bus) refused to start \(name) for the app", hint: allow("talk", name))
    case .see(let name):
      return Diagnostic("\(bus) did not tell the app of \(name)", hint: allow("see", name))
    case .call: break
    }
    if isBusName(destination) {
      hint = "talk = [\"\(destination)\"] under \(table) allows all calls to it"
      if isBusName(method) {
        hint =
          "call = { \"\(destination)\" = [\"\(method)\"] } under \(table) allows it; talk = [\"\(destination)\"], all"
      }
    }
    return Diagnostic("\(bus) refused a call to \(destination): \(method) at \(path)", hint: hint)
  }
}

/// Two elements or more of what names are made of: what comes from the app may be anything.
private func isBusName(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  return parts.count > 1 && text.utf8.count <= 255
    && parts.allSatisfy { part in
      !part.isEmpty
        && part.allSatisfy { byte in
          switch byte {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
          default: false
          }
        }
    }
}

/// Reads what xdg-dbus-proxy prints with `--log`: a line for each message, and after it what was done with it.
///
///     C4: -> org.freedesktop.systemd1 call org.example.Do at /a
///     Filtering message due to arg0 org.example.App, policy: 0 (required 3)
///     *HIDDEN* (ping)
///
/// Each refused call comes once, and of a great many only the first: an app can make as many as it likes.
public struct BusLogReader: Sendable {
  /// How many different calls are told.
  static let most = 50
  private var line: [UInt8] = []
  private var isTooLong = false
  private var call: RefusedCall?
  private var told: Set<RefusedCall> = []
  private var isFull = false

  /// Makes a reader.
  public init() {}

  /// Takes what came next.
  ///
  /// - Returns: what to tell: calls, and nil where from here on nothing more is told.
  public mutating func read(_ bytes: some Sequence<UInt8>) -> [RefusedCall?] {
    var found: [RefusedCall?] = []
    for byte in bytes {
      if byte != UInt8(ascii: "\n") {
        if line.count < 4096 { line.append(byte) } else { isTooLong = true }
        continue
      }
      if !isTooLong, let refused = take(String(decoding: line, as: UTF8.self)), !told.contains(refused) {
        if told.count < Self.most {
          told.insert(refused)
          found.append(refused)
        } else if !isFull {
          isFull = true
          found.append(nil)
        }
      }
      line.removeAll(keepingCapacity: true)
      isTooLong = false
    }
    return found
  }

  private mutating func take(_ line: String) -> RefusedCall? {
    if line.hasPrefix("*") {
      defer { call = nil }
      return line.hasPrefix("*HIDDEN*") || line.hasPrefix("*DENIED*") ? call : nil
    }
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    if line.hasPrefix("C"), words.count == 7, words[1] == "->", words[3] == "call", words[5] == "at" {
      call = RefusedCall(destination: String(words[2]), method: String(words[4]), path: String(words[6]))
    } else if line.hasPrefix("Filtering message due to arg0 "), words.count == 10, words[5].last == "," {
      let name = String(words[5].dropLast())
      switch words[9] {
      case "3)": call?.missing = .own(name)
      case "2)": call?.missing = .talk(name)
      default: call?.missing = .see(name)
      }
    } else {
      call = nil
    }
    return nil
  }
}
