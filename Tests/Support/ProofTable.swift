import Glibc

/// A table of what a proof has found. `share/test --proof` shows all of them, and `share/doc/security.md` holds them.
package struct ProofTable {
  /// Of its file: letters and dashes; the tables stand in the order of their names.
  package let name: String
  package let title: String
  package let header: [String]
  package var rows: [[String]] = []

  package init(_ name: String, title: String, header: [String]) {
    self.name = name
    self.title = title
    self.header = header
  }

  /// As Markdown.
  package var text: String {
    let lines = ([header, header.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    return "### \(title)\n\n" + lines.joined(separator: "\n") + "\n"
  }

  /// Writes it into the directory that `SNUG_PROOF_TABLES` names; without one it is shown.
  package func publish() throws {
    guard let directory = getenv("SNUG_PROOF_TABLES") else { return print(text) }
    let file = String(cString: directory) + "/\(name).md"
    guard let stream = fopen(file, "we") else { throw ProofTableError(path: file, errno: errno) }
    defer { fclose(stream) }
    fputs(text, stream)
  }
}

/// A table that cannot be written.
package struct ProofTableError: Error {
  let path: String
  let errno: Int32
}
