import SnugProfile

extension Questioner {
  /// What would grant a host file least. Each is tried: compiled with the rest of the profile and looked for in the tree
  /// that comes out; links, `hide` and what stands at the place all take part.
  func remedies(_ kind: Grant.Kind, _ path: String, _ real: String, _ type: FileType) -> [String] {
    let aim = kind == .read ? "To show it" : "To let the app change it"
    if type == .characterDevice, isAtOrBelow(path, "/dev") {
      return ["\(aim): nodes = [\(quoted(path))] under [devices]."]
    }
    for name in [path] + (samePath(path, real) ? [] : [real]) {
      let isFileEnough = grants(kind, name, real, inFile: true)
      let isOptionEnough = grants(kind, name, real, inFile: false)
      let option = "snug run --\(kind.rawValue) \(escaped(commandLineWord(host.tilde(name))))"
      if isFileEnough {
        let line = "\(kind.rawValue) = [\(quoted(host.tilde(name)))] under [files]"
        return ["\(aim): \(line)" + (isOptionEnough ? ", or \(option)." : ".")]
      }
      if isOptionEnough {
        let same = grantsOfTop(name)
        let move = same.isEmpty ? "" : "take it out of \(same) and put it into \(kind.rawValue) under [files], or "
        return ["\(aim): \(move)\(option)."]
      }
    }
    return lifting(kind, path, real, aim) ?? [refusal(kind, path)]
  }

  /// The lists of the top file in which this very path stands, with their lines.
  private func grantsOfTop(_ name: String) -> String {
    profile.files.grants.filter { grant in
      grant.layer == topLayer && grant.kind != .hide && grant.path.absolute.map { samePath($0, name) } == true
    }.map { $0.kind.rawValue + sourceText([$0.origin], [:]) }.joined(separator: " and ")
  }

  /// The layer of the profile's own file; options of the command line are the next one.
  private var topLayer: Int { profile.layers.count - 1 }

  /// Whether one more entry is enough.
  private func grants(_ kind: Grant.Kind, _ name: String, _ real: String, inFile: Bool) -> Bool {
    isReached(real, with(kind, name, inFile: inFile), kind)
  }

  private func with(_ kind: Grant.Kind, _ name: String, inFile: Bool, without hides: [Grant] = []) -> Profile {
    var changed = profile
    changed.files.grants.removeAll { hides.contains($0) }
    let path = PathValue(written: host.tilde(name), meaning: .absolute(name))
    let origin = Origin.option("--\(kind.rawValue)")
    changed.files.grants.append(
      Grant(kind: kind, path: path, layer: inFile ? topLayer : topLayer + 1, origin: origin))
    return changed
  }

  private func isReached(_ real: String, _ changed: Profile, _ kind: Grant.Kind) -> Bool {
    guard let plan = try? compile(changed, for: host, ProgramRequest(needsProgram: false)) else { return false }
    var tree = FinalTree(plan, changed, host)
    let places = tree.places(of: real)
    return kind == .read ? !places.isEmpty : places.contains(where: { $0.isKeptWritable })
  }

  /// A `hide` on the very path is lifted by taking it out alone; below it a longer grant would have been enough.
  private func lifting(_ kind: Grant.Kind, _ path: String, _ real: String, _ aim: String) -> [String]? {
    let hides = profile.files.grants.filter { grant in
      guard grant.kind == .hide, let hidden = grant.path.absolute else { return false }
      return [hidden, host.real(hidden) ?? hidden].contains { isAtOrBelow(path, $0) || isAtOrBelow(real, $0) }
    }
    if hides.isEmpty { return nil }
    for name in [path] + (samePath(path, real) ? [] : [real]) {
      guard isReached(real, with(kind, name, inFile: true, without: hides), kind) else { continue }
      let steps = hides.map { hide in
        if hide.origin.line == 0 { return "leave out \(escaped(hide.origin.file)) \(escaped(hide.path.written))" }
        if hide.layer == topLayer {
          return "take \(quoted(hide.path.written)) out of hide" + sourceText([hide.origin], [:])
        }
        return "hide = [\(quoted("!" + hide.path.written))] under [files]"
      }
      let grant = "\(kind.rawValue) = [\(quoted(host.tilde(name)))] under [files]"
      return ["\(aim): \(steps.joined(separator: " and ")), and \(grant)."]
    }
    return nil
  }

  /// Why no line grants it.
  private func refusal(_ kind: Grant.Kind, _ path: String) -> String {
    let changed = with(kind, path, inFile: false)
    do throws(CompileError) {
      _ = try compile(changed, for: host, ProgramRequest(needsProgram: false))
    } catch {
      let own = error.diagnostics.first { $0.origin == .option("--\(kind.rawValue)") } ?? error.diagnostics.first
      if let own { return "No line grants it: \(escaped(own.message))." }
    }
    return "No entry of read or write grants it: what stands in its place comes from [[files.op]]."
  }
}

/// A path as `--read` takes it, quoted for a shell where that is needed.
func commandLineWord(_ path: String) -> String {
  let word = path.replacing(":", with: "\\:")
  let isPlain = word.utf8.allSatisfy { byte in
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte >= 0x80
      || "/._-+,@%~".utf8.contains(byte)
  }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
