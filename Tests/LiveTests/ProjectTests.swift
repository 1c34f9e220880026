import TestSupport
import Testing

extension Live {
  /// A build in the current directory, as the shipped profile `project` allows it: that directory and nothing else.
  @Suite(.serialized) struct ProjectTests {
    private let project: String
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      project = "\(stage.home)/src/hello"
      try stage.remove("\(stage.home)/src", stage.homes)
      try stage.write("#include <stdio.h>\nint main(void) { puts(\"built inside\"); }\n", to: "\(project)/hello.c")
      try stage.write("hello: hello.c\n\t$(CC) -o $@ $<\n", to: "\(project)/Makefile")
      try populateHome()
    }

    /// What a person keeps at home: names of all kinds.
    private func populateHome() throws {
      try stage.outside(
        shell: """
          cd ~; umask 022; mkdir -p .ssh .config/app .cache/app Documents/deep/er '.odd dir' .gnupg
          for file in .bashrc .ssh/id .ssh/config .config/app/token .cache/app/x Documents/letter Documents/deep/er/x \
            '.odd dir/new
          line' .gnupg/secring .netrc; do echo secret > "$file"; done
          chmod 700 .ssh .gnupg; chmod 600 .ssh/id; ln -sf .ssh/id key; ln -sfn Documents papers
          mkfifo -m 600 pipe || true
          """)
    }

    /// Attempts on every name of the home but the project's.
    private func attempts() throws -> [(words: [String], path: String)] {
      let paths = try Stage.shell(
        "find \(stage.home) -mindepth 1 \\( -path \(stage.home)/src -o "
          + "-path \(stage.home)/.local \\) -prune -o -type f "
          + "-printf 'f%p\\0' -o -type d -printf 'd%p\\0' -o -type l -printf 'f%p\\0'"
      ).split(separator: "\0").map(String.init)
      return paths.flatMap { entry -> [(words: [String], path: String)] in
        let path = String(entry.dropFirst())
        let words =
          entry.hasPrefix("d")
          ? [
            ["list", path], ["create", path + "/new"], ["mkdir", path + "/new"], ["rename", path, project + "/taken"],
          ]
          : [
            ["read", path], ["write", path], ["truncate", path], ["chmod", path], ["unlink", path],
            ["rename", path, project + "/taken"], ["link", path, project + "/linked"],
          ]
        return words.map { ($0, path) }
      }
    }

    @Test func `make builds while no file of the home can be read, made or changed`() throws {
      let built = try stage.snug(["run", "-p", "project", "--", "make"], directory: project)
      #expect(built.status == 0, "\(built.everything)")
      #expect(try stage.outside(shell: "./hello", directory: project) == "built inside\n")

      let attempts = try attempts()
      #expect(attempts.count > 60, "the home is populated")
      let words = ["try"] + attempts.map(\.words).joined(separator: [","])
      let control = try stage.outside(
        ["try"]
          + attempts.filter { $0.words[0] == "read" || $0.words[0] == "list" }.map(\.words).joined(separator: [","]))
      // The link to a directory.
      let worked = [": ok", ": EISDIR"]
      let works = control.output.split(separator: "\n").allSatisfy { line in worked.contains { line.hasSuffix($0) } }
      #expect(works, "\(control.everything)")
      let before = try stage.fingerprint([stage.home], except: ["\(stage.home)/.local", "\(stage.home)/src"])
      let inside = try stage.inside("project", [], words, directory: project)
      let lines = inside.output.split(separator: "\n").map(String.init)
      #expect(lines.count == attempts.count, "\(inside.everything)")
      for (line, attempt) in zip(lines, attempts) {
        // Two mounts are told apart before the name is looked up.
        let wanted = attempt.words[0] == "rename" ? [": ENOENT", ": EXDEV"] : [": ENOENT"]
        #expect(wanted.contains { line.hasSuffix($0) }, "\(attempt.words): \(line)")
      }

      // Names that the real home has can be made in the private one. They stay there.
      let made = try stage.inside(
        shell: "mkdir ~/.ssh && echo mine > ~/.bashrc && echo mine > ~/.ssh/id && echo mine > ~/new && cat ~/.bashrc",
        "project", directory: project)
      #expect(made.output == "mine\n", "\(made.everything)")
      #expect(try stage.fingerprint([stage.home], except: ["\(stage.home)/.local", "\(stage.home)/src"]) == before)
      #expect(try Stage.shell("cat \(stage.homes)/project/.ssh/id") == "mine\n")
      let taken = try Stage.shell("ls -A \(project)").split(separator: "\n")
      #expect(taken == ["Makefile", "hello", "hello.c"])
      // The control of the fingerprint: it sees a change.
      try stage.outside(shell: "chmod 640 ~/.netrc")
      #expect(try stage.fingerprint([stage.home], except: ["\(stage.home)/.local", "\(stage.home)/src"]) != before)
      #expect(stage.leftovers() == [])
    }

    @Test func `git commits inside and the commit is there outside`() throws {
      let line = "git init -q . && git add . && git -c user.name=A -c user.email=a@b commit -qm inside && git status -s"
      let done = try stage.inside(shell: line, "project", directory: project)
      #expect(done.status == 0 && done.output == "", "\(done.everything)")
      #expect(try stage.outside(shell: "git log --format=%s; git fsck 2>&1", directory: project).hasPrefix("inside\n"))
    }

    @Test func `a virtual environment made inside runs inside and outside`() throws {
      guard try stage.run(["/usr/bin/python3", "-c", "import ensurepip"]).status == 0 else {
        return skip("python3-venv is not installed")
      }
      let line =
        "python3 -m venv v && v/bin/python -c 'import sys; print(sys.prefix)' && v/bin/pip --version >/dev/null"
      let done = try stage.inside(shell: line, "project", directory: project)
      #expect(done.output == "\(project)/v\n", "\(done.everything)")
      #expect(try stage.outside(shell: "v/bin/python -c 'print(1 + 1)'", directory: project) == "2\n")
    }

    @Test func `a tree of 20,000 small files made inside is whole outside`() throws {
      let script = """
        import os
        os.makedirs('node_modules/.bin')
        for package in range(200):
          folder = f'node_modules/@scope{package % 7}/package-{package}/lib'
          os.makedirs(folder)
          for file in range(100):
            with open(f'{folder}/{file}.js', 'w') as out: out.write(f'module.exports = {package * file}\\n' * 3)
          os.symlink(f'../@scope{package % 7}/package-{package}/lib/0.js', f'node_modules/.bin/p{package}')
          os.chmod(f'{folder}/0.js', 0o755)
        """
      try stage.write(script, to: "\(project)/tree.py")
      let count =
        "find node_modules -type f | wc -l; find node_modules -xtype f | wc -l; "
        + "find node_modules -type f -print0 | sort -z | xargs -0 cat | sha256sum"
      let inside = try stage.inside(shell: "python3 tree.py && \(count)", "project", directory: project)
      let read = try stage.outside(shell: count, directory: project)
      #expect(inside.output == read, "\(inside.everything)")
      #expect(read.hasPrefix("20000\n20200\n"), "\(read)")
      try stage.remove("\(project)/node_modules")
    }

    @Test(arguments: ["~", "/", "/usr", "/tmp"])
    func `the home and the system are no project`(place: String) throws {
      let directory = place == "~" ? stage.home : place
      let before = try stage.fingerprint([stage.home], except: ["\(stage.home)/.local", "\(stage.home)/src"])
      let done = try stage.snug(["run", "-p", "project", "--", "true"], directory: directory)
      #expect(done.status == 125, "\(done.everything)")
      #expect(done.errors.contains(" .") && done.errors.contains("project.toml"), "\(done.errors)")
      #expect(try stage.fingerprint([stage.home], except: ["\(stage.home)/.local", "\(stage.home)/src"]) == before)
    }

    @Test func `a profile of one's own extends the shipped git by a folder`() throws {
      try stage.outside(shell: "mkdir -p ~/shared; echo template > ~/shared/file; git init -q . ", directory: project)
      let line = "cat \(stage.home)/shared/file; git status --short | head -1"
      let shipped = try stage.inside(shell: line, "git", directory: project)
      #expect(shipped.output == "?? Makefile\n" && shipped.errors.contains("No such file"), "\(shipped.everything)")
      try stage.profile("git", "extends = [\"git\"]\n[files]\nread = [\"~/shared\"]\n")
      let own = try stage.inside(shell: line, "git", directory: project)
      #expect(own.output == "template\n?? Makefile\n", "\(own.everything)")
      let program = try stage.snug(["run", "git", "status", "--short"], directory: project)
      #expect(program.output.contains("?? hello.c"), "\(program.everything)")
      try stage.remove("\(stage.home)/.config/snug", "\(stage.home)/shared")
    }

    @Test(arguments: ["$HOME", "$HOME/", "/", "$HOME/..", "$HOME/Documents/..", "$HOME/loop", "$HOME/up"])
    func `a download folder that is the home grants nothing`(value: String) throws {
      let folders = "\(stage.home)/.config/user-dirs.dirs"
      try stage.profile("load", "extends = [\"default\"]\n[files]\nwrite = [\"xdg-download\"]\n")
      try stage.profile(
        "load-skip",
        "extends = [\"default\"]\n[files]\nwrite = [{ path = \"xdg-download\", if-missing = \"skip\" }]\n")
      try stage.write("XDG_DOWNLOAD_DIR=\"\(value)\"\n", to: folders)
      try stage.outside(shell: "ln -sfn . ~/loop; ln -sfn .. ~/up")
      let fails = try stage.inside(shell: "true", "load")
      #expect(fails.status == 125 && fails.errors.contains("xdg-download"), "\(fails.everything)")
      let skips = try stage.inside(shell: "ls -A ~; cat ~/.bashrc; echo x > ~/made", "load-skip")
      #expect(skips.output == "" && skips.errors.contains(".bashrc"), "\(skips.everything)")
      #expect(try Stage.shell("ls -A \(stage.home)").split(separator: "\n").contains("made") == false)
      // The control: a folder of its own is granted.
      try stage.write("XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n", to: folders)
      try stage.outside(shell: "mkdir -p ~/Downloads")
      let granted = try stage.inside(shell: "echo x > ~/Downloads/made; ls -A ~", "load")
      #expect(granted.output == "Downloads\n", "\(granted.everything)")
      #expect(try stage.outside(shell: "cat ~/Downloads/made; rm -r ~/Downloads") == "x\n")
      try stage.remove("\(stage.home)/.config/snug", folders)
    }

    @Test func `a home whose name is a link is no project either`() throws {
      let link = "\(stage.folder)/home-link"
      try Stage.shell("ln -sfn \(stage.home) \(link)")
      defer { _ = try? Stage.shell("rm -f \(link)") }
      for directory in [stage.home, link] {
        let done = try stage.snug(
          ["run", "-p", "project", "--", "ls", "-A"], directory: directory, extra: ["HOME=\(link)"])
        #expect(done.status == 125 && done.output == "", "\(done.everything)")
      }
      // The control: below it a project is one.
      let below = try stage.snug(["run", "-p", "project", "--", "ls"], directory: project, extra: ["HOME=\(link)"])
      #expect(below.output == "Makefile\nhello.c\n", "\(below.everything)")
    }
  }
}
