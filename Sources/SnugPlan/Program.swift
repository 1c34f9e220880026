import SnugProfile

extension Draft {
  /// The argv: what the command line names, else `command`, else the first of `programs` that is seen inside.
  mutating func command(_ line: ProgramRequest, workingDirectory: String) throws(CompileError) -> [[UInt8]] {
    if let words = line.command, let name = words.first {
      return [try program(name, workingDirectory, nil)] + words.dropFirst() + line.arguments
    }
    do {
      if let command = profile.command, let name = command.value.first {
        let words = command.value.dropFirst().map { Array($0.utf8) }
        return [try program(Array(name.utf8), workingDirectory, command.origin)] + words + line.arguments
      }
      return [try firstProgram(workingDirectory)] + line.arguments
    } catch  where !line.needsProgram && (line.arguments.isEmpty || profile.namesProgram) {
      // Only the plan is asked for: it is one without a command.
      let names = profile.programs.map({ $0.value }).joined(separator: ", ")
      if let program = profile.command?.value.first {
        skip(program, "program not found", at: profile.command?.origin ?? .defaults)
      }
      if !names.isEmpty { skip(names, "program not found", at: profile.programs.first?.origin ?? .defaults) }
      return []
    }
  }

  private mutating func firstProgram(_ directory: String) throws(CompileError) -> [UInt8] {
    guard let first = profile.programs.first else {
      throw CompileError(
        .setUp,
        [
          Diagnostic(
            "profile \"\(profile.name)\" names no program", .missingProgram,
            hint: "snug run -p \(profile.name) -- COMMAND runs one in it")
        ])
    }
    for name in profile.programs {
      if case .found(let path) = find(name.value, from: directory) { return Array(path.utf8) }
    }
    if profile.programs.count == 1 { return try program(Array(first.value.utf8), directory, first.origin) }
    let names = profile.programs.map({ $0.value }).joined(separator: ", ")
    throw CompileError(
      .notFound, [Diagnostic("cannot run any of \(names): none is found inside", .missingProgram, at: first.origin)])
  }

  private mutating func program(_ name: [UInt8], _ directory: String, _ origin: Origin?) throws(CompileError) -> [UInt8]
  {
    if name.isEmpty {
      throw CompileError(.notFound, [Diagnostic("cannot run \"\": the name is empty", .missingProgram, at: origin)])
    }
    guard let text = validText(name) else {
      throw CompileError(
        .notFound, [Diagnostic("cannot run \(escaped(name)): its name is not UTF-8", .missingProgram, at: origin)])
    }
    switch find(text, from: directory) {
    case .found(let path): return Array(path.utf8)
    case .unusable(let why):
      let hint = why == reason(13) ? "the file is not marked as a program: chmod +x" : nil
      throw CompileError(
        .notExecutable, [Diagnostic("cannot run \(text): \(why)", .missingProgram, at: origin, hint: hint)])
    case .absent:
      throw CompileError(
        .notFound,
        [Diagnostic("cannot run \(text): it is not found inside", .missingProgram, at: origin, hint: onHost(text))])
    }
  }

  private enum Lookup {
    case found(String)
    case unusable(String)
    case absent
  }

  /// As execvp(3) would find it inside.
  private mutating func find(_ name: String, from directory: String) -> Lookup {
    if name.isEmpty { return .absent }
    if name.utf8.contains(UInt8(ascii: "/")) { return judge(cleaned(name, from: directory), isNamed: true) }
    let path = environment["PATH"].flatMap { validText($0.value) } ?? ""
    var worst = Lookup.absent
    for entry in path.utf8.split(separator: UInt8(ascii: ":")) {
      let found = judge(joined(cleaned(String(Substring(entry)), from: directory), name), isNamed: false)
      if case .found = found { return found }
      if case .unusable = found { worst = found }
    }
    return worst
  }

  private mutating func judge(_ path: String, isNamed: Bool) -> Lookup {
    let place = resolve(path)
    switch place.state {
    case .host(let real, .file):
      // It would start Snug in the box, which would start it again.
      if isShim(real, on: host) || isShim(path, on: host) {
        return isNamed ? .unusable("it is a shim, which starts snug") : .absent
      }
      return host.isExecutable(real) ? .found(path) : .unusable(reason(13))
    case .made(.file):
      if case .file(let file) = tree[place.path]?.op, file.mode & 0o111 != 0 { return .found(path) }
      return .unusable(reason(13))
    case .host(_, let type), .made(let type):
      return isNamed ? .unusable("it is a \(type.rawValue)") : .absent
    case .masked, .free, .closed: return .absent
    }
  }

  /// Where the caller would find a program that the sandbox does not show.
  private func onHost(_ name: String) -> String? {
    var places: [String] = []
    if name.utf8.contains(UInt8(ascii: "/")) {
      places = host.workingDirectory.map { [cleaned(name, from: $0)] } ?? []
    } else {
      places = (host.variable("PATH") ?? "").utf8.split(separator: UInt8(ascii: ":")).map {
        joined(String(Substring($0)), name)
      }
    }
    for path in places {
      if case .exists(let real, .file, _, _) = host.look(path), host.isExecutable(real) {
        return "this machine has it at \(path), which the profile does not show: --read \(path)"
      }
    }
    return nil
  }
}

extension Profile {
  /// Whether it says what is run where the command line does not.
  fileprivate var namesProgram: Bool { command != nil || !programs.isEmpty }
}
