#if DEBUG
  @testable import SnugPlan
  @testable import SnugProfile

  let busTargets = [
    FuzzTarget(
      "bus-address", claim: "a clean absolute path, a name without a file, or refused; written and read the same",
      seeds: [
        "unix:path=/run/user/1000/bus,guid=1234", "unix:abstract=/tmp/dbus-x%2c", "unix:runtime=yes",
        "tcp:host=a,port=1;unix:path=/a%20b;", "unix:dir=/tmp",
      ].map { Array($0.utf8) },
      pieces: ["unix:", "path=", "abstract=", ",", ";", "=", "%", "%00", "%2f", "..", "/", "//", "guid=", "\0", "é"],
      judge: judgeAddress),
    FuzzTarget(
      "bus-name", claim: "a name or rule that passes cannot be taken for another option of the proxy",
      seeds: ["org.freedesktop.Notifications", "org.example.*", "org.a.B=org.a.B.Do@/x/*", "a.b=*"].map {
        Array($0.utf8)
      },
      pieces: [".", "*", "=", "@", "/", " ", "--own=", "\0", "\n", "-", "_", "é", ":1.5"], judge: judgeName),
    FuzzTarget(
      "bus-log", claim: "in pieces of any size the same calls, fifty at most, in safe text",
      seeds: [
        "C4: -> org.freedesktop.systemd1 call org.example.Do at /a\n*HIDDEN* (ping)\n",
        "C1: -> a.b call c.d at /\nFiltering message due to arg0 org.example.App, policy: 0 (required 3)\n*DENIED*\n",
      ].map { Array($0.utf8) },
      pieces: ["\n", " ", "*HIDDEN*", "*DENIED*", "C4: -> ", " call ", " at ", "3)", "\u{1b}", "é", "\0"],
      judge: judgeLog),
  ]

  private func judgeAddress(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let address = try? BusAddress(bytes) else { return .refused }
    switch address {
    case .runtime: return .taken
    case .abstract(let name):
      return verdict(
        unless((1...107).contains(name.count), "\(name.count) bytes of a name"),
        unless((try? BusAddress(Array("unix:abstract=".utf8) + escapedForAddress(name))) == address, "not the same"))
    case .path(let path):
      let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
      return verdict(
        unless(path.utf8.first == UInt8(ascii: "/") && !names.isEmpty, "not absolute: \(path)"),
        unless(names.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }, path),
        unless(!path.utf8.contains(0), "a zero byte"),
        unless(
          (try? BusAddress(Array("unix:path=".utf8) + escapedForAddress(Array(path.utf8)))) == address, "not the same"))
    }
  }

  /// NAME or NAME=RULE, as a profile has them.
  private func judgeName(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let text = validText(bytes) else { return .refused }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let line =
      parts.count == 2 ? "call = { \(quoted(parts[0])) = [\(quoted(parts[1]))] }" : "talk = [\(quoted(text))]"
    let context = PathContext(home: "/home/ada")
    let checked = checkFile(Array("version = 1\n[bus.session]\n\(line)\n".utf8), file: "x.toml", context)
    if !checked.diagnostics.isEmpty { return .refused }
    // Taking a name out of a list names no option.
    if text.hasPrefix("!") { return .taken }
    let isName = parts[0].utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "._-*".utf8.contains($0)
      }
    }
    let rule = parts.count == 2 ? parts[1] : ""
    return verdict(
      unless(isName && !parts[0].isEmpty && parts[0].utf8.count <= 255, "a name: \(parts[0].debugDescription)"),
      unless(rule.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a rule: \(rule)"))
  }

  private func judgeLog(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    var whole = BusLogReader()
    let found = whole.read(bytes)
    var pieces = BusLogReader()
    var rest = bytes[...]
    var again: [RefusedCall?] = []
    var size = 1
    while !rest.isEmpty {
      again += pieces.read(rest.prefix(size))
      rest = rest.dropFirst(size)
      size = size % 7 + 1
    }
    let unsafe = found.compactMap { $0.flatMap { unsafeText($0.diagnostic(on: [.session, .system]).text) } }.first
    if found.isEmpty { return .refused }
    return verdict(
      unless(found == again, "pieces say something else"), unless(found.count <= BusLogReader.most + 1, "too many"),
      unsafe)
  }
#endif
