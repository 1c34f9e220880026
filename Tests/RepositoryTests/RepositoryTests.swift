import Glibc
import Testing

/// Rules of the house that a tool can check: layout, imports, words, formatting.
@Suite struct RepositoryTests {
  @Test func formatterFindsNothing() {
    let result = output("cd '\(repository)' && swift format lint -r --strict Sources Tests Package.swift 2>&1")
    #expect(result.status == 0, "\(result.text)")
  }

  /// Arrows point one way: only what touches the kernel imports it, and nothing imports Foundation.
  @Test func importsFollowTheLayers() {
    let kernel: Set = ["CSnug", "Glibc", "CSeccomp", "CCap", "CDBus"]
    let mayTouchKernel: Set = ["SnugSandbox", "SnugStart", "snug", "snug-bus", "snug-launcher"]
    let modulesOf: [String: Set<String>] = [
      "SnugProfile": ["CTOML"], "SnugPlan": ["SnugProfile"], "SnugLint": ["SnugProfile", "SnugPlan"],
      "SnugDesktop": ["SnugProfile", "SnugPlan"], "SnugDocs": ["SnugProfile", "SnugPlan", "SnugLint"],
    ]
    let files = swiftFiles("Sources")
    #expect(!files.isEmpty)
    for file in files {
      let target = String(file.path.split(separator: "/")[1])
      for module in importedModules(file.lines) {
        #expect(!module.hasPrefix("Foundation"), "\(file.path) imports \(module)")
        if kernel.contains(module) { #expect(mayTouchKernel.contains(target), "\(file.path) imports \(module)") }
        if let allowed = modulesOf[target] { #expect(allowed.contains(module), "\(file.path) imports \(module)") }
      }
    }
  }

  @Test func noForbiddenWords() {
    // In pieces, or this file would be found.
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "try" + "!", "as" + "!"]
    let files = swiftFiles("Sources") + swiftFiles("Tests") + cFiles
    for file in files {
      for (index, line) in file.lines.enumerated() {
        for word in words { #expect(!holds(line, word), "\(file.path):\(index + 1) holds \(word)") }
      }
    }
  }

  @Test func filesAreShort() {
    for file in swiftFiles("Sources") + swiftFiles("Tests") + cFiles {
      #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test func headerHasNoSystemIncludes() {
    let header = cFiles.first { $0.path == "Sources/CSnug/include/csnug.h" }
    let includes = (header?.lines ?? []).filter { $0.hasPrefix("#include") }
    #expect(
      includes.allSatisfy { ["<stdbool.h>", "<stddef.h>", "<stdint.h>"].contains($0.dropFirst(9)) }, "\(includes)")
    #expect(header != nil)
  }

  @Test(.enabled(if: isMustWork || output("git -C '\(repository)' ls-files").status == 0, "not a git checkout"))
  func buildProductsAreNotTracked() {
    let tracked = output("git -C '\(repository)' ls-files")
    #expect(tracked.status == 0, "\(tracked.text)")
    for path in tracked.text.split(separator: "\n") {
      let parts = path.split(separator: "/")
      #expect(parts.last != "Package.resolved" && parts.first?.hasPrefix(".build") == false, "\(path) is tracked")
    }
  }

  /// A clean clone may lie anywhere: nothing names the directory that this one lies in.
  @Test(.enabled(if: isMustWork || output("git -C '\(repository)' ls-files").status == 0, "not a git checkout"))
  func nothingNamesThisCheckout() {
    let found = output("git -C '\(repository)' grep -nIF -e '\(repository)'")
    #expect(found.text == "")
  }

  @Test func notApplicableRowsHaveReasons() {
    let lines = (try? read("Tests/not-applicable")) ?? []
    #expect(!lines.isEmpty)
    var rows: Set<Substring> = []
    for line in lines where !line.isEmpty && !line.hasPrefix("#") {
      let parts = line.split(separator: "|", maxSplits: 1).map { $0.trimmed }
      #expect(parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty, "\(line)")
      #expect(rows.insert(parts[0]).inserted, "\(parts[0]) twice")
    }
  }

  @Test(arguments: [
    "share/try", "share/test", "share/fuzz", "share/bench", "share/install", "share/record-order", ".ci/run",
  ])
  func scriptsParseAndMayBeRun(_ script: String) {
    #expect(access("\(repository)/\(script)", X_OK) == 0)
    let result = output("bash -n '\(repository)/\(script)' 2>&1")
    #expect(result.status == 0, "\(result.text)")
  }
}

/// `bwrap` is a name that others have taken before: what stands there is never replaced, and it can be left out.
@Suite struct InstallTests {
  @Test func bwrapIsALinkThatGivesWay() {
    let result = output(
      """
      set -eu
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      cp /bin/true "$folder/true"
      install() { '\(repository)/share/install' --executable "$folder/true" "$@" >"$folder/said" 2>&1; }
      install --prefix "$folder/usual"
      readlink "$folder/usual/bin/bwrap"
      grep -c "installed: $folder/usual/bin/bwrap -> snug" "$folder/said"
      install --prefix "$folder/usual" --no-bwrap
      [ -L "$folder/usual/bin/bwrap" ] || echo taken away
      ls "$folder/usual/share/man/man1/snug-bwrap.1" >/dev/null && echo manual
      mkdir -p "$folder/other/bin"
      echo mine >"$folder/other/bin/bwrap"
      install --prefix "$folder/other" || echo refused
      grep -o 'another bwrap stands there' "$folder/said"
      [ -e "$folder/other/bin/snug" ] || echo nothing installed
      install --prefix "$folder/other" --no-bwrap
      cat "$folder/other/bin/bwrap"
      """)
    #expect(
      result.text
        == "snug\n1\ntaken away\nmanual\nrefused\nanother bwrap stands there\nnothing installed\nmine\n")
    #expect(result.status == 0)
  }
}

private let isMustWork = getenv("SNUG_MUST_WORK").map { String(cString: $0) } == "1"

/// The top of the checkout, from the place of this file.
private let repository = String(#filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" })

private struct SourceFile {
  /// From the top of the checkout.
  let path: String
  let lines: [Substring]
}

private let cFiles = listed("Sources", ["c", "cpp", "h"])

private func swiftFiles(_ folder: String) -> [SourceFile] { listed(folder, ["swift"]) }

private func listed(_ folder: String, _ extensions: [String]) -> [SourceFile] {
  let names = extensions.map { "-name '*.\($0)'" }.joined(separator: " -o ")
  let paths = output("cd '\(repository)' && find \(folder) -type f \\( \(names) \\)").text.split(separator: "\n")
  return paths.sorted().map { SourceFile(path: String($0), lines: (try? read(String($0))) ?? []) }
}

private struct CannotRead: Error {}

private func read(_ path: String) throws -> [Substring] {
  let result = output("cat '\(repository)/\(path)'")
  guard result.status == 0 else { throw CannotRead() }
  return result.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
}

private func importedModules(_ lines: [Substring]) -> [String] {
  lines.compactMap { line in
    var words = line.split(separator: " ")[...]
    while let word = words.first, word.hasPrefix("@") || ["public", "internal", "private"].contains(word) {
      words = words.dropFirst()
    }
    guard words.first == "import", let module = words.dropFirst().first else { return nil }
    return String(module.prefix { $0 != "." })
  }
}

/// Whether `word` stands in `line` and is no part of a longer word.
private func holds(_ line: Substring, _ word: String) -> Bool {
  var rest = line
  while let range = rest.firstRange(of: word) {
    let before = rest[..<range.lowerBound].last
    let after = rest[range.upperBound...].first
    let isWhole = before.map { !$0.isLetter } ?? true && (word.last?.isLetter == false || !(after?.isLetter ?? false))
    if isWhole && !(word.last == "!" && after == "=") { return true }
    rest = rest[range.upperBound...]
  }
  return false
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// What a shell command prints, and its exit status.
private func output(_ command: String) -> (text: String, status: Int32) {
  guard let pipe = popen(command, "r") else { return ("cannot start \(command)", -1) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&part, 1, part.count, pipe)
    if count == 0 { break }
    bytes += part[..<count]
  }
  return (String(decoding: bytes, as: UTF8.self), pclose(pipe))
}
