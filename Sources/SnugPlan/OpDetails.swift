import SnugProfile

extension Op {
  /// The word that stands in `plan`.
  public var name: String {
    switch self {
    case .bind: Bind.name
    case .tmpfs: Tmpfs.name
    case .overlay: Overlay.name
    case .proc: Proc.name
    case .dev: Dev.name
    case .mqueue: Mqueue.name
    case .directory: Directory.name
    case .file: File.name
    case .symlink: Symlink.name
    case .remount: Remount.name
    case .writtenFile: WrittenFile.name
    case .data: DataFile.name
    case .changeMode: ChangeMode.name
    }
  }

  /// What `plan` says about an op besides its name and place: first in words, then as members of its JSON object.
  var details: (text: String, members: [JSON.Member]) {
    switch self {
    case .bind(let op):
      let isElsewhere = !samePath(op.source.path, op.target)
      let from = isElsewhere ? " from " + escaped(op.source.path) : ""
      return (
        op.access.rawValue + from, [.init("host", .text(op.source.path)), .init("access", .text(op.access.rawValue))]
      )
    case .tmpfs(let op):
      let words = [op.access.rawValue, octal(op.mode)] + (op.size.map { [sizeText($0)] } ?? [])
      return (
        words.joined(separator: " "),
        [.init("access", .text(op.access.rawValue)), .init("size", op.size.map { .number($0) } ?? .null)]
          + mode(op.mode)
      )
    case .overlay(let op):
      var words = [op.access.rawValue, "over " + op.lower.map { escaped($0.path) }.joined(separator: ", ")]
      if let upper = op.upper { words.append("kept in " + escaped(upper.path)) }
      if let size = op.size { words.append("thrown away, " + sizeText(size)) }
      return (
        words.joined(separator: " "),
        [
          .init("access", .text(op.access.rawValue)), .init("lower", .texts(op.lower.map({ $0.path }))),
          .init("upper", op.upper.map { .text($0.path) } ?? .null),
          .init("work", op.work.map { .text($0.path) } ?? .null),
          .init("size", op.size.map { .number($0) } ?? .null),
        ]
      )
    case .proc, .mqueue: return ("", [])
    case .dev(let op): return (op.mqueue ? "with mqueue" : "", [.init("mqueue", .boolean(op.mqueue))])
    case .directory(let op): return (octal(op.mode), mode(op.mode))
    case .file(let op):
      return (
        "\(octal(op.mode)) \(sizeText(UInt64(op.content.count)))",
        mode(op.mode) + [.init("length", .integer(op.content.count))]
      )
    case .symlink(let op): return ("-> " + escaped(op.to), [.init("to", .text(op.to))])
    case .remount: return ("read-only", [.init("access", .text("read-only"))])
    case .writtenFile(let op): return ("\(octal(op.mode)) from descriptor \(op.descriptor)", mode(op.mode))
    case .data(let op):
      return (
        "\(op.access.rawValue) \(octal(op.mode)) from descriptor \(op.descriptor)",
        [.init("access", .text(op.access.rawValue))] + mode(op.mode)
      )
    case .changeMode(let op): return (octal(op.mode), mode(op.mode))
    }
  }

  private func mode(_ mode: UInt32) -> [JSON.Member] { [.init("mode", .text(octal(mode)))] }
}

/// `0755`, as chmod(1) takes it.
func octal(_ mode: UInt32) -> String {
  let digits = String(mode, radix: 8)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// Bytes as a person reads them: `64 MiB`, `5.9 GiB`.
public func sizeText(_ bytes: UInt64) -> String {
  for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >> UInt64(shift) > 0 {
    let whole = bytes >> UInt64(shift)
    let tenths = ((bytes & (1 << UInt64(shift) - 1)) * 10) >> UInt64(shift)
    return tenths == 0 ? "\(whole) \(unit)" : "\(whole).\(tenths) \(unit)"
  }
  return "\(bytes) B"
}
