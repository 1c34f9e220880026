/// Reads a value that is written as a string, or as a word of the command line.
func parseScalar(_ text: String, as kind: Kind, _ context: PathContext) throws(Problem) -> Value {
  switch kind {
  case .boolean:
    // Only the command line comes here with a boolean: in TOML a quoted "true" is a string.
    throw Problem(.wrongType, "expected \(kind.expected), found a string", hint: "write true or false without quotes")
  case .word(let words), .booleanOr(let words):
    if words.contains(text) { return .text(text) }
    throw Problem(
      .unknownWord, "expected \(kind.expected), found \"\(text)\"", correction: Correction(text, among: words))
  case .size(let allowsPercent, let minimum):
    guard let size = parseSize(text, allowsPercent: allowsPercent) else { throw mismatch(text, kind) }
    if case .bytes(let bytes) = size, bytes < minimum { throw mismatch(text, kind) }
    return .size(size)
  case .duration:
    guard let wait = parseWait(text) else { throw mismatch(text, kind) }
    return .wait(wait)
  case .signal:
    if text == "none" { return .signal(nil) }
    let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
    if let number = signalNumbers[name] { return .signal(number) }
    let near = nearest(to: name, in: signalNumbers.keys.sorted())
    throw Problem(
      .unknownSignal, "unknown signal \"\(text)\"", correction: near.map { Correction(written: text, meant: $0) })
  case .mode(let limit):
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
      let mode = Int64(text, radix: 8), mode <= Int64(limit)
    else { throw mismatch(text, kind) }
    return .integer(mode)
  case .text(let kind):
    try check(text, kind)
    return .text(text)
  case .path: return .path(try expand(text, context))
  case .entry: return .entry(PathEntry(path: try expand(text, context)))
  case .integer, .list, .replacedList, .map, .ops, .table:
    throw Problem(.wrongType, "expected \(kind.expected), found a string")
  }
}

private func mismatch(_ text: String, _ kind: Kind) -> Problem {
  let cause: Cause =
    switch kind {
    case .size: .impossibleSize
    case .duration: .impossibleDuration
    default: .badNumber
    }
  return Problem(cause, "expected \(kind.expected), found \"\(text)\"")
}

/// Bytes with K, M, G or T for powers of 1024, or a percentage from 1 to 100. Nil where it is neither or too large.
public func parseSize(_ text: String, allowsPercent: Bool) -> Size? {
  guard let (number, unit) = splitNumber(text) else { return nil }
  if unit == "%" { return allowsPercent && (1...100).contains(number) ? .percent(Int(number)) : nil }
  let shifts: [Substring: UInt64] = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
  guard let shift = shifts[unit] else { return nil }
  let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
  // The kernel's interfaces take signed sizes.
  return overflow || bytes > UInt64(Int64.max) ? nil : .bytes(bytes)
}

/// A duration, `none` or `forever`. At most 24 days: poll(2) takes milliseconds in 31 bits.
public func parseWait(_ text: String) -> Wait? {
  if text == "none" { return Wait.none }
  if text == "forever" { return .forever }
  guard let (number, unit) = splitNumber(text) else { return nil }
  let factors: [Substring: UInt64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
  guard let factor = factors[unit] else { return nil }
  let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
  return overflow || milliseconds > UInt64(Int32.max) ? nil : .milliseconds(Int(milliseconds))
}

/// Decimal digits and what follows them.
private func splitNumber(_ text: String) -> (number: UInt64, unit: Substring)? {
  let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
  guard let number = UInt64(Substring(digits)) else { return nil }
  return (number, text[digits.endIndex...])
}

/// `TERM` for 15; the number where it has no name.
public func signalText(_ number: Int32) -> String {
  signalNumbers.first { $0.value == number }?.key ?? String(number)
}

/// Numbers of signal(7), the same on x86 and ARM.
let signalNumbers: [String: Int32] = [
  "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10, "SEGV": 11,
  "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19, "TSTP": 20,
  "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29, "PWR": 30,
  "SYS": 31,
]

/// Longest free text, such as a summary or one rule.
private let longestText = 4096
/// MAX_ARG_STRLEN of execve(2): one word of argv or environment, with its NUL.
private let longestWord = 131_071

/// Throws where a text is not of its kind.
func check(_ text: String, _ kind: TextKind) throws(Problem) {
  let bytes = Array(text.utf8)
  if bytes.contains(0) { throw Problem(kind.cause, "a string cannot hold a NUL byte here") }
  func require(_ isRight: Bool, hint: String? = nil) throws(Problem) {
    if !isRight { throw Problem(kind.cause, "expected \(kind.expected), found \"\(text)\"", hint: hint) }
  }
  let longest =
    switch kind {
    case .argument, .environmentValue: longestWord
    case .line, .busRule: longestText
    case .program: longestPath
    case .hostname: 64
    default: longestName
    }
  if bytes.count > longest { throw Problem(kind.cause, "the text is longer than \(longest) bytes") }
  switch kind {
  case .argument, .environmentValue: break
  case .line: try require(!text.unicodeScalars.contains(where: isUnsafe))
  case .program: try require(!bytes.isEmpty && bytes.last != UInt8(ascii: "/"))
  case .profileName:
    if let problem = problem(ofProfileName: text) { throw problem }
  case .appID:
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    try require(
      parts.count > 1 && parts.allSatisfy(isNameElement), hint: "letters, digits, \"_\" and \"-\", with a dot")
  case .hostname:
    // sethostname(2) takes anything; what a shell prompt or a URL takes is less.
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isRight = labels.allSatisfy { label in
      !label.isEmpty && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }
    try require(isRight)
  case .environmentName: try require(!bytes.isEmpty && !bytes.contains(UInt8(ascii: "=")))
  case .busName:
    let name = text.hasSuffix(".*") ? bytes.dropLast(2) : bytes[...]
    let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    try require(parts.count > 1 && parts.allSatisfy(isNameElement))
  case .busRule:
    try require(!bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    if let at = bytes.firstIndex(of: UInt8(ascii: "@")), !isObjectPath(bytes[(at + 1)...]) {
      throw Problem(
        .badObjectPath, "expected an object path after \"@\", found \"\(text)\"",
        hint: "names of letters, digits and \"_\", each after a \"/\", the last one may be \"*\"")
    }
  case .systemCall:
    try require(
      !bytes.isEmpty && !isDigit(bytes[0])
        && bytes.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") })
  case .key:
    let names = Key.all.map({ $0.name }) + Key.tables.sorted()
    if !names.contains(text) {
      throw Problem(.unknownKey, "unknown key \"\(text)\"", correction: Correction(text, among: names))
    }
  case .cpu:
    let split = splitNumber(text)
    try require(split?.unit == "%" && (1...100_000).contains(split?.number ?? 0))
  }
}

/// Why a word cannot be the name of a profile; nil where it can.
func problem(ofProfileName name: String) -> Problem? {
  if name.isEmpty { return Problem(.badProfileName, "the name of the profile is empty") }
  if name.utf8.count > longestName - 5 {
    return Problem(.badProfileName, "the name of the profile is longer than \(longestName - 5) bytes")
  }
  if name == "." || name == ".." || name.utf8.contains(UInt8(ascii: "/")) {
    return Problem(
      .badProfileName, "\"\(name)\" is not the name of a profile", hint: "a name, without a directory and without .toml"
    )
  }
  if name.hasPrefix(".") || name.hasPrefix("-") {
    return Problem(.badProfileName, "\"\(name)\" is not the name of a profile", hint: "begin it with a letter or digit")
  }
  if name.unicodeScalars.contains(where: isUnsafe) {
    return Problem(
      .badProfileName, "\"\(name)\" is not the name of a profile", hint: "a name has no control or invisible characters"
    )
  }
  return nil
}

private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// An element of a D-Bus name: letters, digits, `_`, `-`, not beginning with a digit.
private func isNameElement(_ element: ArraySlice<UInt8>) -> Bool {
  guard let first = element.first, !isDigit(first) else { return false }
  return element.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
}

/// An object path of the D-Bus specification, or one that ends in `/*` for all below it, as xdg-dbus-proxy(1) takes it.
private func isObjectPath(_ path: ArraySlice<UInt8>) -> Bool {
  guard path.first == UInt8(ascii: "/") else { return false }
  var names = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  if names.last.map({ $0.elementsEqual("*".utf8) }) == true { names.removeLast() }
  if path.count == 1 { return true }
  return names.allSatisfy { name in
    !name.isEmpty && name.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }
}
