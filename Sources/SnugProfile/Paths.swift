/// What a written path is expanded with: facts about the caller, read once by whoever starts the loader.
public struct PathContext: Sendable {
  /// The caller's home, absolute.
  public var home: String
  /// The same without links. The directory that a command is started in is only ever known by this name.
  public var realHome: String
  /// Absolute paths by name, for example `xdg-download`; a name that is not set is absent. `xdg-config`, `xdg-cache` and
  /// `xdg-data` have their usual places below the home when they are absent.
  public var xdg: [String: String]
  /// What `xdg-run` stands for; nil where there is none.
  public var runtimeDirectory: String?
  /// The directory that the command is started in, link-free; nil where it is gone.
  public var workingDirectory: String?

  /// Makes a context. Paths are cleaned of double and trailing slashes.
  public init(
    home: String, realHome: String? = nil, xdg: [String: String] = [:], runtimeDirectory: String? = nil,
    workingDirectory: String? = nil
  ) {
    self.home = cleaned(home)
    self.realHome = cleaned(realHome ?? home)
    self.xdg = xdg.mapValues(cleaned)
    self.runtimeDirectory = runtimeDirectory.map(cleaned)
    self.workingDirectory = workingDirectory.map(cleaned)
  }

  /// What an `xdg-` name stands for, or why it stands for nothing.
  func meaning(ofXDG name: String) -> PathMeaning {
    let path: String?
    switch name {
    case "xdg-run": path = runtimeDirectory
    case "xdg-config": path = xdg[name] ?? join(home, ".config")
    case "xdg-cache": path = xdg[name] ?? join(home, ".cache")
    case "xdg-data": path = xdg[name] ?? join(home, ".local/share")
    default: path = xdg[name]
    }
    guard let path, path.utf8.first == slash else {
      if name != "xdg-run" { return .missing("\(name) is not set") }
      return .missing("XDG_RUNTIME_DIR is not set to a directory of yours with mode 0700")
    }
    if isAtOrAboveHome(path) { return .missing("\(name) is the home or above it") }
    return .absolute(path)
  }

  /// Whether `.` may not stand for a directory: a grant of the home or of a system directory is never meant by "here".
  func refusal(ofHere directory: String) -> String? {
    if bytesEqual(directory, home) || bytesEqual(directory, realHome) {
      return "the directory it is started in is the home"
    }
    if isAtOrAboveHome(directory) { return "the directory it is started in is above the home" }
    let isSystem = isSystemDirectory(directory) || runtimeDirectory.map { bytesEqual(directory, $0) } == true
    return isSystem ? "the directory it is started in is a system directory" : nil
  }

  /// Whether a grant of this path would be one of the home, under either of its names.
  public func isAtOrAboveHome(_ path: String) -> Bool {
    isPath(home, atOrBelow: path) || isPath(realHome, atOrBelow: path)
  }
}

/// The names that stand for a directory of the caller.
public let xdgNames = [
  "xdg-documents", "xdg-download", "xdg-music", "xdg-pictures", "xdg-videos", "xdg-desktop", "xdg-config", "xdg-cache",
  "xdg-data", "xdg-run",
]

/// Longest path the kernel takes, without the NUL: PATH_MAX - 1, see path_resolution(7).
let longestPath = 4095
/// Longest name of a file, NAME_MAX.
let longestName = 255
private let slash = UInt8(ascii: "/")
/// `/root` is refused where it is not the home; projects below a home there are found by the home's own rule.
private let systemTrees = [
  "/usr", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/dev", "/proc", "/sys",
]
private let systemPlaces = [
  "/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/run/user", "/srv", "/tmp", "/var", "/var/cache",
  "/var/lib",
  "/var/log", "/var/tmp",
]

/// Whether a link-free directory is one of the system's, which nobody means by "here" or by the folder of a document.
public func isSystemDirectory(_ directory: String) -> Bool {
  systemTrees.contains { isPath(directory, atOrBelow: $0) } || systemPlaces.contains { bytesEqual(directory, $0) }
}

/// What a path in a profile stands for. Throws where it is no path that a profile may hold.
func expand(_ written: String, _ context: PathContext) throws(Problem) -> PathValue {
  try checkText(written)
  let (head, rest) = splitHead(written)
  if head == "." {
    if hasParentComponent(rest) { throw parentProblem(written) }
    guard let here = context.workingDirectory else {
      // Not merely missing: a shipped profile would skip it and run without the one directory it is for.
      return PathValue(written: written, meaning: .refused("the directory it is started in is gone"))
    }
    if let reason = context.refusal(ofHere: here) { return PathValue(written: written, meaning: .refused(reason)) }
    return PathValue(written: written, meaning: .absolute(try limited(join(here, rest))))
  }
  if let path = try expandWithoutHere(written, head, rest, context) { return path }
  if head == ".." { throw parentProblem(written) }
  throw Problem(.badPath, "path \"\(written)\" is relative", hint: relativeHint(written, head))
}

/// What a path of the command line stands for: in addition relative to the working directory.
func expandOnCommandLine(_ written: String, _ context: PathContext) throws(Problem) -> PathValue {
  try checkText(written)
  let (head, rest) = splitHead(written)
  if let path = try expandWithoutHere(written, head, rest, context) { return path }
  guard let here = context.workingDirectory else {
    throw Problem(.badPath, "cannot resolve \(written): the working directory is gone")
  }
  let (start, names) = splitRelative(written, here)
  if names.contains(where: { $0 == ".." }) { throw parentProblem(written) }
  if names.isEmpty, let reason = context.refusal(ofHere: start) {
    return PathValue(written: written, meaning: .refused(reason))
  }
  let path = cleaned(start + "/" + names.joined(separator: "/"))
  return PathValue(written: written, meaning: .absolute(try limited(path)))
}

/// Where the leading `.` and `..` of a relative path lead, and the names after them. The working directory is link-free,
/// so that leading `..` means what the shell shows; after a name it would have to follow links first.
private func splitRelative(_ written: String, _ here: String) -> (start: String, names: ArraySlice<String>) {
  var base = pathNames(here)
  var names = pathNames(written)[...]
  while let first = names.first, first == "." || first == ".." {
    if first == ".." { _ = base.popLast() }
    names = names.dropFirst()
  }
  return ("/" + base.joined(separator: "/"), names)
}

extension ProfileLoader {
  /// The absolute path that a question on the command line is about, links not followed. A question may be about what no
  /// profile may grant: `.` in the home.
  ///
  /// - Throws: a diagnostic where it is no path, or one that stands for nothing on this machine.
  public func path(asked written: String) throws(Diagnostic) -> String {
    let value: PathValue
    do throws(Problem) {
      value = try expandOnCommandLine(written, context)
    } catch {
      throw Diagnostic("cannot explain \(written): \(error.message)", hint: error.hint)
    }
    switch value.meaning {
    case .absolute(let path): return path
    case .refused: return splitRelative(written, context.workingDirectory ?? "/").start
    case .missing(let why): throw Diagnostic("cannot explain \(written): \(why)")
    }
  }
}

/// An entry of the command line: `P` or `HOST:INSIDE`, with `\:` for a colon in a name.
func entryOnCommandLine(_ text: String, _ context: PathContext) throws(Problem) -> PathEntry {
  var parts: [String.UnicodeScalarView] = [.init()]
  var isEscaped = false
  for scalar in text.unicodeScalars {
    if isEscaped {
      if scalar != ":" { parts[parts.count - 1].append("\\") }
      parts[parts.count - 1].append(scalar)
      isEscaped = false
    } else if scalar == "\\" {
      isEscaped = true
    } else if scalar == ":" {
      parts.append(.init())
    } else {
      parts[parts.count - 1].append(scalar)
    }
  }
  if isEscaped { parts[parts.count - 1].append("\\") }
  if parts.count > 2 {
    throw Problem(.badPath, "\"\(text)\" has more than one colon", hint: "write \\: for a colon in a name")
  }
  let host = try expandOnCommandLine(String(parts[0]), context)
  if parts.count == 1 { return PathEntry(path: host) }
  return PathEntry(path: host, at: try expand(String(parts[1]), context))
}

/// Reads the content of `user-dirs.dirs`: `XDG_DOWNLOAD_DIR="$HOME/Downloads"` becomes `xdg-download`.
///
/// Lines that are not of that form are passed over, as xdg-user-dirs(1) does.
public func parseUserDirectories(_ content: [UInt8], home: String) -> [String: String] {
  var found: [String: String] = [:]
  for line in content.split(separator: 0x0A) {
    guard let text = validText(line) else { continue }
    var rest = trimmed(Substring(text))
    guard rest.hasPrefix("XDG_"), let equals = rest.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
    let name = trimmed(rest[..<equals]).dropFirst(4)
    guard name.hasSuffix("_DIR") else { continue }
    let key = "xdg-" + name.dropLast(4).lowercased()
    rest = trimmed(rest[rest.utf8.index(after: equals)...])
    // `..` has to follow links first and may lead above the home: such a name is not set.
    guard userDirectoryNames.contains(key), let value = unquoted(rest), !hasParentComponent(value) else { continue }
    if value.hasPrefix("$HOME") && (value.utf8.count == 5 || value.utf8.dropFirst(5).first == slash) {
      found[key] = cleaned(home + value.dropFirst(5))
    } else if value.utf8.first == slash {
      found[key] = cleaned(value)
    }
  }
  return found
}

private let userDirectoryNames = Set(xdgNames.prefix(6))

private func trimmed(_ text: Substring) -> Substring {
  var text = text
  while let first = text.unicodeScalars.first, first == " " || first == "\t" { text = text.dropFirst() }
  while let last = text.unicodeScalars.last, last == " " || last == "\t" || last == "\r" { text = text.dropLast() }
  return text
}

/// The content of a double-quoted word with its backslashes taken out; nil where it is not closed.
private func unquoted(_ text: Substring) -> String? {
  var scalars = text.unicodeScalars[...]
  guard scalars.popFirst() == "\"" else { return nil }
  var out = String.UnicodeScalarView()
  while let scalar = scalars.popFirst() {
    if scalar == "\"" { return String(out) }
    if scalar == "\\" {
      guard let next = scalars.popFirst() else { return nil }
      out.append(next)
    } else {
      out.append(scalar)
    }
  }
  return nil
}

/// Absolute, `~` and `xdg-` forms; nil for every other.
private func expandWithoutHere(_ written: String, _ head: String, _ rest: String, _ context: PathContext)
  throws(Problem) -> PathValue?
{
  let isKnown = written.utf8.first == slash || head == "~" || xdgNames.contains(head)
  if !isKnown { return nil }
  if hasParentComponent(written) { throw parentProblem(written) }
  if written.utf8.first == slash { return PathValue(written: written, meaning: .absolute(cleaned(written))) }
  if head == "~" { return PathValue(written: written, meaning: .absolute(try limited(join(context.home, rest)))) }
  switch context.meaning(ofXDG: head) {
  case .absolute(let base): return PathValue(written: written, meaning: .absolute(try limited(join(base, rest))))
  case let other: return PathValue(written: written, meaning: other)
  }
}

private func relativeHint(_ written: String, _ head: String) -> String {
  if head == "$HOME" || head == "${HOME}" { return "write ~ for the home: \"~\(written.dropFirst(head.count))\"" }
  if head.utf8.first == UInt8(ascii: "$") { return "variables are not expanded; write the path, or ~/... for the home" }
  if head.utf8.first == UInt8(ascii: "~") { return "only ~/... is known, for your own home" }
  if head.hasPrefix("xdg-") {
    return suggestion(for: head, in: xdgNames) ?? "the names are " + xdgNames.joined(separator: ", ")
  }
  return "write \"~/\(written)\" for a path in the home, or \"./\(written)\" for one where the command is started"
}

private func checkText(_ written: String) throws(Problem) {
  if written.isEmpty { throw Problem(.badPath, "the path is empty") }
  if written.utf8.contains(0) { throw Problem(.badPath, "a path cannot hold a NUL byte") }
  _ = try limited(written)
}

private func limited(_ path: String) throws(Problem) -> String {
  if path.utf8.count > longestPath { throw Problem(.badPath, "the path is longer than \(longestPath) bytes") }
  for name in path.utf8.split(separator: slash) where name.count > longestName {
    throw Problem(.badPath, "a name in the path is longer than \(longestName) bytes")
  }
  return path
}

private func parentProblem(_ written: String) -> Problem {
  Problem(.badPath, "path \"\(written)\" has a \"..\" component", hint: "write the path without it")
}

/// The part before the first slash, and the part after it.
private func splitHead(_ written: String) -> (head: String, rest: String) {
  guard let index = written.utf8.firstIndex(of: slash) else { return (written, "") }
  return (String(written[..<index]), String(written[written.utf8.index(after: index)...]))
}

private func hasParentComponent(_ path: String) -> Bool { pathNames(path).contains("..") }

/// Split at bytes: "/" with a combining mark is one Character, and not equal to "/".
private func pathNames(_ path: String) -> [String] {
  path.utf8.split(separator: slash).map { String(Substring($0)) }
}

private func join(_ base: String, _ rest: String) -> String { cleaned(base + "/" + rest) }

/// An absolute path without empty, `.` and trailing components.
func cleaned(_ path: String) -> String {
  "/" + pathNames(path).filter { $0 != "." }.joined(separator: "/")
}

/// Whether a clean absolute path is the other one or lies in it. Bytes are compared: Swift holds names that differ only
/// in Unicode normalisation for equal, the kernel does not.
public func isPath(_ path: String, atOrBelow ancestor: String) -> Bool {
  if ancestor == "/" { return path.utf8.first == slash }
  guard path.utf8.starts(with: ancestor.utf8) else { return false }
  let length = ancestor.utf8.count
  return path.utf8.count == length || path.utf8.dropFirst(length).first == slash
}

private func bytesEqual(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
