import SnugProfile

/// The text of a starter profile: what runs today as lines, what a person may want to add as comments beside them.
///
/// - Parameters:
///   - name: the profile's name.
///   - program: what is known of the program.
///   - context: for paths, which are named as a profile should name them.
public func starterText(_ name: String, _ program: ProgramTraits, _ context: PathContext) -> String {
  let sections = [
    top(name, program), files(name, program, context), desktop(program), network(program), whenSomethingIsMissing(name),
  ]
  return sections.filter { !$0.isEmpty }.joined(separator: "\n")
}

private func top(_ name: String, _ program: ProgramTraits) -> String {
  var out = """
    # A starter by `snug new`. `snug plan \(escaped(name))` shows what it gives, `snug run \(escaped(name))` tries it.
    version = 1

    """
  if let id = program.id { out += "# What portals and the desktop know it by.\nid = \(quoted(id))\n" }
  out += "summary = \(quoted(summary(program)))\n"
  if program.hasWindows {
    out += "# Fonts and language. Every other thing that a desktop program needs is asked for below.\n"
    out += "extends = [\"desktop\"]\n"
  } else {
    out += "# What a program needs to know of its terminal, and the language.\nextends = [\"terminal\"]\n"
  }
  guard program.path != nil else {
    return out
      + "# No program was found when this was written: put its name here.\n# programs = [\(quoted(program.name))]\n"
  }
  if let interpreter = program.interpreter {
    out += "# A script for \(escaped(interpreter)): what it uses could not be told from its libraries.\n"
  }
  return out + "programs = [\(quoted(program.isInSystem ? program.name : program.path ?? program.name))]\n"
}

private func summary(_ program: ProgramTraits) -> String {
  let text = program.entry?.comment ?? program.entry?.name ?? ""
  let line = text.split(whereSeparator: { $0.isNewline }).first.map(String.init) ?? ""
  let isPlain = !line.isEmpty && line.utf8.count <= 200 && escaped(line) == line
  return isPlain ? line : "\(escaped(program.name)) with nothing of yours but what is written here"
}

private func files(_ name: String, _ program: ProgramTraits, _ context: PathContext) -> String {
  var out = "[files]\n"
  if program.hasWindows {
    out += "# A home of its own, kept from run to run. Yours is not there.\nhome = \"private\"\n"
  } else {
    out += """
      # An empty home that is gone afterwards; "private" is kept from run to run.
      home = "temporary"

      """
  }
  if let place = program.placeToShow {
    out += "# The program itself: it stands outside of what the system shows.\n"
    out += "read = [\(quoted(context.portable(place)))]\n"
  }
  if !program.state.isEmpty {
    out += "# Files of its own in your home, which it does not see. To go on with them, take the # away:\n"
    out += "# write = [\(program.state.map(quoted).joined(separator: ", "))]\n"
  }
  let folders = program.folders.map(quoted).joined(separator: ", ")
  if !folders.isEmpty, program.placeToShow == nil {
    out += "# Folders it may be for, to look at; what it may change and delete belongs in write.\n"
    out += "# read = [\(folders)]\n"
  } else if !folders.isEmpty {
    out += "# Folders it may be for, to be added to read above, or to write: \(folders)\n"
  }
  if program.entry?.takesFiles == true {
    let run = "snug run --read FILE \(escaped(name)) FILE"
    out += "# It opens files from the menu. Until Snug passes them on by itself: \(run)\n"
    out += "# arguments = \"read\"\n"
  }
  return out
}

private func desktop(_ program: ProgramTraits) -> String {
  guard program.hasWindows else { return "" }
  var out = "[desktop]\n# A window. With plain X11 it can see what you type into others.\n"
  out +=
    program.hasDisplay
    ? "# snug: allow x11-access no other window is to be had yet\nx11 = true\n"
    : "# No X server was found when this was written.\n# x11 = true\n"
  var later: [String] = []
  if program.traits.contains(.wayland) { later.append("# wayland = true") }
  if program.traits.contains(.sound) || program.isForSound { later.append("# audio = \"playback\"") }
  if program.traits.contains(.bus) { later.append("# notifications = true") }
  if !later.isEmpty {
    out += "# It can use these, which this version of Snug does not give yet:\n" + later.map { $0 + "\n" }.joined()
  }
  if program.traits.contains(.graphics) { out += "\n# Nor the graphics card:\n# [devices]\n# gpu = true\n" }
  return out
}

private func network(_ program: ProgramTraits) -> String {
  if program.isForNetwork {
    return
      "[network]\n# What it is for. \"none\" takes it away.\n# snug: allow host-network what it is for\nmode = \"host\"\n"
  }
  let reason = program.traits.contains(.network) ? "It can use the network" : "Nothing says that it needs the network"
  return "[network]\n# \(reason). \"host\" gives it yours.\nmode = \"none\"\n"
}

private func whenSomethingIsMissing(_ name: String) -> String {
  """
  # When something is missing, try one at a time:
  #   a file or folder     read or write in [files]; snug run --read PATH \(escaped(name)) tries it first
  #   a variable           keep = ["NAME"] in [environment]
  #   a debugger           preset = "devel" in [seccomp]
  #   a browser's sandbox  preset = "nested" in [seccomp]

  """
}

extension ProgramTraits {
  /// Whether it is a desktop program.
  var hasWindows: Bool { traits.contains(.windows) || (entry.map { !$0.isTerminal } ?? false) }

  fileprivate var isForNetwork: Bool {
    entry?.categories.contains { ["Network", "WebBrowser", "Email", "Chat", "InstantMessaging"].contains($0) } ?? false
  }

  fileprivate var isForSound: Bool {
    entry?.categories.contains { ["Audio", "AudioVideo", "Video", "Player"].contains($0) } ?? false
  }

  /// Whether the name alone finds it inside.
  fileprivate var isInSystem: Bool {
    guard let path else { return false }
    return Draft.searchPath.split(separator: ":").contains { "\($0)/\(name)" == path }
  }

  /// What has to be shown so that it is found: nothing where it is part of the system, its folder in /opt, else its file.
  fileprivate var placeToShow: String? {
    guard let real, !["/usr", "/bin", "/sbin", "/lib", "/lib64"].contains(where: { isPath(real, atOrBelow: $0) }) else {
      return nil
    }
    let parts = real.split(separator: "/")
    return parts.first == "opt" && parts.count > 2 ? "/opt/\(parts[1])" : real
  }

  /// The caller's folders that fit its kind, sorted.
  fileprivate var folders: [String] {
    let categories = Set(entry?.categories ?? [])
    let types = Set((entry?.types ?? []).compactMap { $0.split(separator: "/").first.map(String.init) })
    var found: Set<String> = []
    if !categories.isDisjoint(with: ["Audio", "AudioVideo", "Music"]) || types.contains("audio") {
      found.insert("xdg-music")
    }
    if !categories.isDisjoint(with: ["AudioVideo", "Video"]) || types.contains("video") { found.insert("xdg-videos") }
    if categories.contains("Graphics") || types.contains("image") { found.insert("xdg-pictures") }
    if !categories.isDisjoint(with: ["Office", "TextEditor", "WordProcessor"]) { found.insert("xdg-documents") }
    if !categories.isDisjoint(with: ["WebBrowser", "FileTransfer", "Email", "P2P"]) { found.insert("xdg-download") }
    return found.intersection(directories).sorted()
  }
}
