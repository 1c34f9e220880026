import Glibc

/// Compares a text with a file beside the test. A file that is missing is written, and the test fails; with
/// `SNUG_RECORD=1` in the environment every file is rewritten. The review is the diff.
///
/// Returns what is wrong, or nil.
package func compareGolden(_ text: String, _ name: String, beside testFile: String) -> String? {
  let folder = testFile.split(separator: "/").dropLast().joined(separator: "/")
  return compareFile(text, "/\(folder)/Golden/\(name)")
}

/// Compares a text with a file that is made from the sources, in the same way. `path` is from the top of the checkout.
package func compareGenerated(_ text: String, _ path: String) -> String? { compareFile(text, checkout + "/" + path) }

/// The top of the checkout, from the place of this file.
package let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

private func compareFile(_ text: String, _ path: String) -> String? {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  if getenv("SNUG_RECORD") != nil { return write(text, path) }
  guard let wanted = readText(path) else {
    return write(text, path) ?? "\(path) was missing and is written now: look at it"
  }
  if wanted == text { return nil }
  let old = wanted.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  for index in 0..<max(old.count, new.count) {
    let was = index < old.count ? old[index] : "(end)"
    let now = index < new.count ? new[index] : "(end)"
    if was != now { return "\(name) line \(index + 1)\n  golden: \(was)\n  now:    \(now)" }
  }
  return "\(name) differs"
}

private func write(_ text: String, _ path: String) -> String? {
  guard let file = fopen(path, "w") else { return "cannot write \(path)" }
  defer { fclose(file) }
  fputs(text, file)
  return nil
}
