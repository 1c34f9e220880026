import TestSupport
import Testing

extension Live {
  /// The tutorial by hand, as its reader would: every file it writes, every command it shows, every line they print.
  @Suite(.serialized) struct TutorialTests {
    private enum Step {
      case file(path: String, text: String)
      case command(line: String, output: [String])
    }

    /// `console` blocks hold commands behind `$ ` and their output, `toml PATH` blocks are files.
    private func steps(_ text: String) -> [Step] {
      var steps: [Step] = []
      var block: (info: [Substring], lines: [String])?
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        guard line.hasPrefix("```") else {
          block?.lines.append(String(line))
          continue
        }
        guard let (info, lines) = block else {
          block = (line.dropFirst(3).split(separator: " "), [])
          continue
        }
        block = nil
        if info.first == "toml", info.count == 2 {
          steps.append(.file(path: String(info[1]), text: lines.joined(separator: "\n") + "\n"))
        } else if info == ["console"] {
          for line in lines {
            if line.hasPrefix("$ ") {
              steps.append(.command(line: String(line.dropFirst(2)), output: []))
            } else if case .command(let command, let output)? = steps.popLast() {
              steps.append(.command(line: command, output: output + [line]))
            }
          }
        }
      }
      return steps
    }

    /// Whether a text says what is expected, wherever its lines end: long ones are wrapped, and the length of the home's
    /// path decides where. `...` stands for anything.
    private func says(_ text: String, _ expected: String) -> Bool {
      let pieces = words(expected).split(separator: "...", omittingEmptySubsequences: false)
      var rest = Substring(words(text))
      guard let first = pieces.first, let last = pieces.last else { return false }
      if pieces.count == 1 { return rest == first }
      guard rest.hasPrefix(first) else { return false }
      rest.removeFirst(first.count)
      for piece in pieces.dropFirst().dropLast() {
        guard let found = rest.firstRange(of: piece) else { return false }
        rest = rest[found.upperBound...]
      }
      return rest.hasSuffix(last)
    }

    private func words(_ text: String) -> String {
      text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
    }

    @Test func `the comparison can tell lines apart`() {
      #expect(says("a\n  b c", "a b\nc") && says("a 1 c 2 d", "a ... c ... d") && says("", ""))
      #expect(!says("a b", "a") && !says("a", "a b") && !says("x 41 z", "x ... y") && !says("b c", "a ... c"))
    }

    @Test func `the tutorial says what happens`() throws {
      let stage = try stage()
      guard try spawn(["/bin/sh", "-c", "command -v vim"]).status == 0 else { return skip("vim is not installed") }
      let bin = "/" + stage.snug.split(separator: "/").dropLast().joined(separator: "/")
      let made = ["notes", ".ssh", "step1.toml", "step2.toml", ".config", ".viminfo"].map { "\(stage.home)/\($0)" }
      for path in made { try stage.remove(path) }
      defer { for path in made { try? stage.remove(path) } }
      var commands = 0
      for step in steps(try spawn(["/bin/cat", "\(checkout)/share/doc/tutorial.md"]).output) {
        switch step {
        case .file(let path, let text): try stage.write(text, to: path.replacing("~", with: stage.home))
        case .command(let line, let output):
          commands += 1
          let done = try stage.run(["/bin/sh", "-c", "exec 2>&1; \(line)"], extra: ["PATH=\(bin):/usr/bin:/bin"])
          let printed = done.output.replacing(stage.home, with: "/home/you")
          #expect(says(printed, output.joined(separator: "\n")), "\(line)\n\(done.everything)")
        }
      }
      #expect(commands >= 20)
      #expect(stage.leftovers() == [])
    }
  }
}
