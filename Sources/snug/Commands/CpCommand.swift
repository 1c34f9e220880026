import ArgumentParser
import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug cp`: files and trees out of a running instance and into it.
struct CpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp", abstract: "Copy a file or a directory out of a running sandbox, or into it.",
    usage: """
      snug cp INSTANCE:PATH PATH
      snug cp PATH INSTANCE:PATH
      """,
    discussion: """
      A path inside begins with / or ~/ and is what the program inside sees there: links lead where they lead for it, and \
      what it cannot write, snug cp cannot. Where the target is a directory, the copy gets its old name in it; a file of \
      that name is replaced, a directory gets what it lacks. DIR/. stands for what is in a directory. A file outside with \
      a colon in its name is written ./NAME.

      Content, permission bits without set-id, and times are kept; the owner is the caller. Links are copied as links and \
      never followed; out of the sandbox only those that stay in the copied directory, as others might be there to be \
      followed later. Devices, pipes, sockets and files of /proc are not copied. The program may change everything \
      meanwhile: a file is copied up to the size it had, and has its name only when it is complete.

      What could not be copied is told, the rest is; the exit status is 1 then.
      """)

  @Argument(help: ArgumentHelp("What is copied.", valueName: "source"))
  var source: String
  @Argument(help: ArgumentHelp("Where to.", valueName: "target"))
  var target: String

  func run() throws {
    let ends: (source: CopyEnd, target: CopyEnd)
    do throws(Diagnostic) {
      ends = (try CopyEnd(source), try CopyEnd(target))
      try check(ends.source, ends.target)
    } catch {
      say(error.text + "\n")
      throw Status(code: 2)
    }
    try orLeave { () throws(Diagnostic) in if try copy(ends.source, to: ends.target) > 0 { csnug_exit(1) } }
  }

  private func check(_ source: CopyEnd, _ target: CopyEnd) throws(Diagnostic) {
    switch (source.instance, target.instance) {
    case (nil, nil):
      throw Diagnostic(
        "cannot copy \(source.text) to \(target.text): neither is in an instance",
        hint: "INSTANCE:PATH names one inside")
    case (.some, .some):
      throw Diagnostic(
        "cannot copy \(source.text) to \(target.text): both are in an instance",
        hint: "copy it out and then in; a file outside with a colon in its name: ./\(target.text)")
    default: break
    }
  }

  /// Returns how many items were not copied.
  private func copy(_ source: CopyEnd, to target: CopyEnd) throws(Diagnostic) -> Int {
    let from = try source.open()
    defer { _ = csnug_close(from) }
    let into = try target.openTarget(of: source)
    defer { _ = csnug_close(into.directory.descriptor) }
    if into.name == nil, !isDirectory(from) {
      throw Diagnostic("cannot copy \(source.text) to \(target.text): it has no name there", hint: "say one")
    }
    var problems = 0
    var hold = SignalHold()
    var copier = Copier(links: source.instance == nil ? .all : .within, isCancelled: { hold.isAsked }) { problem in
      problems += 1
      let isReadOnly = problem.isReadOnly && target.instance != nil
      let hint = isReadOnly ? "it is read-only inside: the profile grants no writing there, see snug explain" : nil
      say(Diagnostic(problem.message, hint: hint).text + "\n")
    }
    copier.copy(Copier.Place(from, path: source.text), into: into.directory, as: into.name)
    let isCancelled = hold.isAsked
    hold.release()
    return isCancelled ? problems + 1 : problems
  }
}

/// One of the two words behind `cp`.
struct CopyEnd {
  /// As it was written.
  var text: String
  /// Nil: outside.
  var instance: String?
  /// Inside: from the root. Outside: as any program takes it.
  var path: String

  /// Reads a word.
  init(_ word: String) throws(Diagnostic) {
    text = word
    path = word
    if word.isEmpty { throw Diagnostic("cannot copy from or to a path that is empty") }
    if word == "-" {
      throw Diagnostic("cannot copy from or to -: it is no file", hint: "snug exec INSTANCE -- cat PATH writes one out")
    }
    // A colon behind a slash is part of a name.
    guard let colon = word.prefix(while: { $0 != "/" }).firstIndex(of: ":") else { return }
    let name = String(word[..<colon])
    let inside = String(word[word.index(after: colon)...])
    if name.isEmpty {
      throw Diagnostic(
        "cannot copy from or to \(word): no instance is named before the colon", hint: "snug ps lists them")
    }
    instance = name
    if inside.hasPrefix("/") {
      path = inside
    } else if inside == "~" || inside.hasPrefix("~/") {
      path = HostProbe.read().home + inside.dropFirst()
    } else {
      throw Diagnostic(
        "cannot tell where \(inside.isEmpty ? "nothing" : inside) is in \(name): a path inside begins with / or ~/",
        hint: "a file outside with a colon in its name: ./\(word)")
    }
  }

  /// What it is called by its last part; nil where that is a directory's content.
  private var name: FileName? { FileName(String(path.split(separator: "/").last ?? "")) }

  /// What the path leads to, O_PATH.
  func open() throws(Diagnostic) -> Int32 { try open(path) }

  private func open(_ path: String) throws(Diagnostic) -> Int32 {
    if let instance { return try openInside(path, instance, connect(to: instance)) }
    let file = Int32(csnug_open(path, true, true))
    if file < 0 { throw Diagnostic("cannot open \(path): \(errorText(-file))") }
    return file
  }

  /// The directory that a copy goes into, and what it is called there; nil: only what is in it is copied.
  func openTarget(of source: CopyEnd) throws(Diagnostic) -> (directory: Copier.Place, name: FileName?) {
    if let found = try? open(path) {
      if isDirectory(found) { return (Copier.Place(found, path: text), source.name) }
      _ = csnug_close(found)
    }
    guard let name, !path.hasSuffix("/") else {
      throw Diagnostic("cannot write \(text): no directory is there", hint: "without the last / it is made, or a file")
    }
    let parent = String(decoding: path.utf8.dropLast(name.text.utf8.count), as: UTF8.self)
    let directory = try open(parent.isEmpty ? "." : parent)
    if !isDirectory(directory) {
      _ = csnug_close(directory)
      throw Diagnostic("cannot write \(text): Not a directory")
    }
    return (Copier.Place(directory, path: instance.map { "\($0):\(parent)" } ?? parent), name)
  }
}

private func isDirectory(_ file: Int32) -> Bool {
  var status = csnug_statx()
  return csnug_statx(file, "", false, &status) == 0 && FileStatus(status).type == .directory
}
