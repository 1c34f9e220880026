/// One change of a profile's text. Paths are the names of a key one by one: `["files", "read"]`.
public enum ProfileEdit: Hashable, Sendable {
  /// Gives a key a value, whether it is there or not.
  case set([String], EditValue)
  /// Puts an item into a list: in its place where the list is sorted, else at the end. The list is made where it is
  /// missing.
  case add([String], EditValue)
  /// Puts another item in place of one, by its index.
  case replaceItem([String], index: Int, EditValue)
  /// Takes an item out of a list, by its index; the list stays, if need be empty.
  case removeItem([String], index: Int)
  /// Takes a key out with its value.
  case remove([String])

  /// The names of the key that it changes.
  var path: [String] {
    switch self {
    case .set(let path, _), .add(let path, _), .replaceItem(let path, _, _), .removeItem(let path, _),
      .remove(let path):
      path
    }
  }
}

/// A value that an edit writes.
public indirect enum EditValue: Hashable, Sendable {
  case text(String)
  case integer(Int64)
  case boolean(Bool)
  case list([EditValue])
  case table([Member])

  /// One name of a table with its value.
  public struct Member: Hashable, Sendable {
    /// The name, once in its table.
    public var name: String
    /// The value.
    public var value: EditValue

    /// Joins the two.
    public init(_ name: String, _ value: EditValue) {
      self.name = name
      self.value = value
    }
  }

  /// As TOML, on one line.
  public var written: String {
    switch self {
    case .text(let text): quoted(text)
    case .integer(let number): String(number)
    case .boolean(let on): String(on)
    case .list(let items): "[" + items.map({ $0.written }).joined(separator: ", ") + "]"
    case .table(let members):
      members.isEmpty
        ? "{}" : "{ " + members.map { "\(showKey($0.name)) = \($0.value.written)" }.joined(separator: ", ") + " }"
    }
  }
}

/// The text of a profile after one change. Everything that is not changed stays byte for byte: comments, blank lines,
/// order, line ends. Comments of what is taken out stay too, on lines of their own.
///
/// The result is read again and has to mean the old profile with that one change, or nothing is changed.
///
/// - Parameters:
///   - bytes: the text as it is; need not be a valid profile, but valid TOML.
///   - file: its name, for messages.
/// - Throws: where the text is no TOML, where the change makes no sense in it (an item of what is no list), and where
///   its layout cannot be changed safely; the hint then says what to write by hand.
public func edited(_ bytes: [UInt8], file: String, _ edit: ProfileEdit) throws(Diagnostic) -> [UInt8] {
  let layout = try Layout(bytes, file: file)
  let old = Meaning(layout)
  let index = layout.index(of: edit)
  guard let wanted = old.applying(edit, at: index, prunedTo: layout.pruneDepth(edit.path)) else {
    throw layout.refusal(edit, "\(edit.path.joined(separator: ".")) is not what can be changed so")
  }
  guard let patches = layout.patches(for: edit, at: index) else { throw layout.refusal(edit) }
  let result = layout.applying(patches)
  // Held against the meaning and not trusted: a wrong guess about a layout must never change what an app may do.
  guard let again = try? Layout(result, file: file), Meaning(again) == wanted else { throw layout.refusal(edit) }
  return result
}

extension Layout {
  fileprivate func refusal(_ edit: ProfileEdit, _ reason: String? = nil) -> Diagnostic {
    let name = edit.path.map(showKey).joined(separator: ".")
    let remedy =
      switch edit {
      case .set(_, let value): "write it by hand: \(name) = \(value.written)"
      case .add(_, let value), .replaceItem(_, _, let value): "write it by hand: add \(value.written) to \(name)"
      case .removeItem, .remove: "take it out of \(name) by hand"
      }
    return Diagnostic(
      "cannot edit \(file): " + (reason ?? "the layout of \(name) is hand-made and cannot be changed safely"),
      at: node(edit.path)?.origin, hint: remedy)
  }
}
