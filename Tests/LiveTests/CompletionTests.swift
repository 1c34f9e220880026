import TestSupport
import Testing

extension Live {
  /// The completion scripts in the shells they are for, with what this executable answers.
  @Suite(.serialized) struct CompletionTests {
    /// Words behind `snug`, what must be offered for the last one, and what must not.
    private static let lines: [(words: [String], offered: [String], not: [String])] = [
      (["ru"], ["run"], ["lint"]), (["help", "sec"], ["seccomp"], []),
      (["run", "--net"], ["--network"], []), (["run", "--network", ""], ["none", "host", "private"], []),
      (["run", "gi"], ["git"], []), (["run", "-p", "gi"], ["git"], []), (["run", "--", "mkdi"], ["mkdir"], []),
      (["run", "-p", "git", "mkdi"], ["mkdir"], []), (["run", "git", "--ho"], [], ["--home"]),
      (["run", "git", "no"], ["notes.txt"], []), (["run", "--read", "no"], ["notes.txt"], []),
      (["plan", "gi"], ["git"], []), (["plan", "git", "--ho"], ["--home"], ["--status-fd"]),
      (["plan", "git", "--status"], [], ["--status-fd"]), (["explain", "git", "no"], ["notes.txt"], []),
      (["show", "./no"], ["notes.toml"], []), (["diff", "git", "gi"], ["git"], []),
      (["lint", "--explain", "useless-g"], ["useless-grant"], []), (["lint", "--format", "sa"], ["sarif"], ["text"]),
      (["seccomp", "ne"], ["nested"], ["none"]), (["override", "git", "--ke"], ["--keep-env"], []),
      (["plan", "$(touch"], ["$(touch owned)"], []), (["stop", "comp"], ["completed-1"], ["completed.txt"]),
      (["exec", "comp"], ["completed-1"], []), (["exec", "completed-1", "mkdi"], ["mkdir"], ["completed-1"]),
      (["exec", "completed-1", "--", "mkdi"], ["mkdir"], []), (["exec", "x", "ls", "--status"], [], ["--status-fd"]),
      (["exec", "--ti"], ["--time"], []),
      (["desktop", "ins"], ["install"], ["git"]),
      (["desktop", "install", "gi"], ["git"], ["install"]), (["desktop", "install", "--sh"], ["--shim"], []),
      (["cp", "comp"], ["completed.txt", "completed-1"], ["git"]),
      (["cp", "completed.txt", "comp"], ["completed-1"], []), (["run", "--name", "comp"], [], ["completed-1"]),
    ]

    private func check(_ shell: String, _ command: (_ folder: String, _ words: [String]) -> [String]) throws {
      guard try spawn(["/bin/sh", "-c", "command -v \(shell)"]).status == 0 else {
        return skip("\(shell) is not installed")
      }
      let stage = try stage()
      let work = "\(stage.home)/completion"
      try stage.write("", to: "\(work)/notes.txt")
      try stage.write("", to: "\(work)/notes.toml")
      try stage.write("", to: "\(work)/completed.txt")
      try stage.profile("$(touch owned)", "")
      let instance = try stage.start([stage.snug, "run", "--name", "completed-1", "--", "cat"])
      #expect(eventually { (try? stage.snug(["ps", "--names"]).output) == "completed-1\n" })
      defer { try? stage.remove(work, "\(stage.home)/.config", "\(stage.home)/.local", "\(stage.home)/.cache") }
      // Of the user's own: the checkout may lie where only the tester can read.
      let folder = "\(stage.folder)/completions"
      try Stage.shell("cp -r '\(checkout)/share/completions' '\(stage.folder)/'; chmod -R a+rX '\(folder)'")
      let bin = stage.snug.split(separator: "/").dropLast().joined(separator: "/")
      for line in Self.lines {
        let done = try stage.run(
          command(folder, line.words), directory: work, extra: ["PATH=/\(bin):/usr/bin:/bin", "TERM=dumb"])
        let offered = Set(done.output.split(separator: "\n").map { plain($0) })
        for word in line.offered { #expect(offered.contains(word), "\(shell) \(line.words): \(done.everything)") }
        for word in line.not { #expect(!offered.contains(word), "\(shell) \(line.words): \(done.everything)") }
        #expect(done.errors == "", "\(shell) \(line.words): \(done.errors)")
      }
      let ended = instance.finish()
      #expect(ended.status == 0, "\(ended.everything)")
      #expect(try spawn(["/usr/bin/find", stage.home, "-name", "owned"]).output == "")
      #expect(stage.leftovers() == [])
    }

    /// A candidate without its description, its quoting, the directory it stands in and a colon that goes on behind it.
    private func plain(_ line: Substring) -> String {
      var word = line.prefix { $0 != "\t" && $0 != "\r" }.filter { $0 != "\\" }
      if word.hasSuffix(":") { word.removeLast() }
      return word.hasPrefix("./") ? String(word.dropFirst(2)) : word
    }

    /// The words as one line, quoted as a person has to.
    private func line(_ words: [String]) -> String {
      words.map { $0.replacing("$", with: "\\$").replacing("(", with: "\\(") }.joined(separator: " ")
    }

    @Test func `bash completes`() throws {
      let script = """
        . "$1/snug.bash"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _snug snug
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      try check("bash") { ["/bin/bash", "-c", script, "bash", $0, "snug"] + $1 }
      // readline ends words at "=".
      try check("bash") { folder, words in
        var words = words
        if words.count == 3, words[1].hasPrefix("--"), words[1] != "--" { words.insert("=", at: 2) }
        return ["/bin/bash", "-c", script, "bash", folder, "snug"] + words
      }
    }

    @Test func `fish completes`() throws {
      let script = "source $argv[1]/snug.fish; complete -C $argv[2]"
      try check("fish") { ["/usr/bin/fish", "--no-config", "-c", script, $0, line(["snug"] + $1)] }
    }

    @Test func `zsh completes`() throws {
      let capture = "\(checkout)/Tests/LiveTests/capture.zsh"
      let script = try spawn(["/bin/cat", capture]).output
      #expect(script != "")
      try check("zsh") {
        ["/usr/bin/zsh", "-f", "-c", script, "zsh", $0, line(["snug"] + $1)]
      }
    }
  }
}
