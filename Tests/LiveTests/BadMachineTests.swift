import Glibc
import TestSupport
import Testing

extension Live {
  /// A caller or a machine that lacks what others have: what can be done without works, what cannot is refused by name.
  @Suite(.serialized) struct BadMachineTests {
    @Test(arguments: ["unset", "", "relative", "/nonexistent", "/usr", "/root", "/tmp", "OPEN", "LINK"])
    func `a runtime directory that is none of the caller's is not used`(value: String) throws {
      let stage = try stage()
      try Stage.shell(
        "cd \(stage.folder); mkdir -p open; chmod 755 open; ln -sfn /tmp link; chown -h \(stage.uid):\(stage.gid) open link"
      )
      let path = value == "OPEN" ? "\(stage.folder)/open" : value == "LINK" ? "\(stage.folder)/link" : value
      let done = try stage.snug(
        [
          "run", "--", "sh", "-c",
          "stat -c '%n %a %u' $XDG_RUNTIME_DIR; ls -A $XDG_RUNTIME_DIR; touch $XDG_RUNTIME_DIR/x",
        ],
        extra: value == "unset" ? [] : ["XDG_RUNTIME_DIR=\(path)"], without: ["XDG_RUNTIME_DIR"])
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      #expect(done.output == "/run/user/\(stage.uid) 700 \(stage.uid)\n")
      try stage.expectRefusal(
        ["run", "--read", "xdg-run/x", "--", "true"], 125,
        """
        snug: cannot read xdg-run/x: XDG_RUNTIME_DIR is not set to a directory of yours with mode 0700
          at --read
        """, extra: value == "unset" ? [] : ["XDG_RUNTIME_DIR=\(path)"], without: ["XDG_RUNTIME_DIR"])
    }

    @Test func `a runtime directory of the caller's is the one whose sockets are meant`() throws {
      let stage = try stage()
      try stage.write("here\n", to: "\(stage.runtime)/file")
      try Stage.shell("chmod 700 \(stage.runtime)")
      let done = try stage.snug(["run", "--read", "xdg-run/file", "--", "sh", "-c", "cat $XDG_RUNTIME_DIR/file"])
      #expect(done.output == "here\n", "\(done.everything)")
      try Stage.shell("rm \(stage.runtime)/file")
    }

    @Test(arguments: ["unset", "", "relative", "/", "/usr", "/nonexistent", "/root"])
    func `a home that is none of the caller's gives way to the password entry`(value: String) throws {
      let stage = try stage()
      let done = try stage.snug(
        ["run", "--", "sh", "-c", "echo $HOME; touch $HOME/x"], extra: value == "unset" ? [] : ["HOME=\(value)"],
        without: ["HOME"])
      // An ordinary tester's own home is not the stage's.
      let home = stage.userName.hasPrefix("snugt") ? stage.home : String(done.output.dropLast())
      #expect(done.status == 0 && done.output == home + "\n", "\(done.everything)")
    }

    @Test func `a working directory that is gone is no trouble until it is asked for`() throws {
      let stage = try stage()
      func run(_ words: String) throws -> Finished {
        try stage.run(
          ["/bin/sh", "-c", "mkdir -p gone; cd gone; rmdir ../gone; exec \(stage.snug) run \(words)"],
          directory: stage.home)
      }
      let plain = try run("-- pwd")
      #expect(plain.status == 0 && plain.output == "\(stage.home)\n", "\(plain.everything)")
      for (option, path) in [("--read", "."), ("--write", "x")] {
        let asked = try run("\(option) \(path) -- true")
        #expect(asked.status == 125 && asked.output == "", "\(asked.everything)")
        #expect(
          asked.errors == "snug: \(option): cannot resolve \(path): the working directory is gone\n  at \(option)\n")
      }
      let project = try run("-p project -- true")
      #expect(project.status == 125, "\(project.everything)")
      expectOneMessage(project.errors)
      #expect(project.errors.hasPrefix("snug: cannot write .: the directory it is started in is gone\n"))
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["/", "/usr", "/etc", "/var", "HOME"])
    func `here is never the home, what holds it, or the system`(directory: String) throws {
      let stage = try stage()
      let path = directory == "HOME" ? stage.home : directory
      let done = try stage.snug(["run", "-p", "project", "--", "true"], directory: path)
      #expect(done.status == 125 && done.output == "", "\(done.everything)")
      #expect(done.errors.hasPrefix("snug: cannot write .: the directory it is started in is "), "\(done.errors)")
      #expect(done.errors.hasSuffix("  hint: start it in the directory of one project\n"))
      expectOneMessage(done.errors)
      #expect(stage.leftovers() == [])
    }

    @Test func `messages for a closed standard error go nowhere and harm nothing`() throws {
      let stage = try stage()
      let before = try stage.traces()
      for closed in ["2", "12", "012"] {
        let done = try stage.snug(["run", "--", "no-such-program"], caller: .init(closed: closed))
        #expect(done.status == 127 && done.everything.contains("snug:") == false, "\(done.everything)")
      }
      let app = try stage.snug(["run", "--", "sh", "-c", "cat; echo said; exit 4"], caller: .init(closed: "02"))
      #expect(app.status == 4 && app.output == "said\n", "\(app.everything)")
      #expect(try stage.traces() == before)
    }

    // MARK: - What an administrator forbids

    @Test(arguments: ["max_user_namespaces", "max_net_namespaces", "max_mnt_namespaces", "max_pid_namespaces"])
    func `a forbidden kind of namespace is named with the least change`(limit: String) throws {
      let stage = try stage()
      try stage.expectRefusal(
        ["run", "--", "true"], 125,
        """
        snug: cannot make the sandbox's namespaces: user.\(limit) is 0
          hint: as root: sysctl -w user.\(limit)=15000; a line in /etc/sysctl.d keeps it
        """, caller: .init(forbidden: limit))
      let doctor = try stage.snug(["doctor"], caller: .init(forbidden: limit))
      #expect(doctor.status == 1 && doctor.output.contains("user.\(limit) is 0"), "\(doctor.everything)")
      #expect(doctor.output.contains("remedy: as root: sysctl -w user.\(limit)=15000;"))
      // The plan needs no namespace.
      #expect(try stage.snug(["plan", "default"], caller: .init(forbidden: limit)).status == 0)
      // What a start would make on the host is not made for one that never was.
      try stage.setProfiles([("never-started", "version = 1\n[files]\nhome = \"private\"\n")])
      let before = try stage.traces()
      #expect(
        try stage.snug(["run", "-p", "never-started", "--", "true"], caller: .init(forbidden: limit)).status == 125)
      #expect(try stage.traces() == before)
    }

    @Test func `what the profile does not use may be forbidden`() throws {
      let stage = try stage()
      let caller = Stage.Caller(forbidden: "max_net_namespaces")
      let done = try stage.snug(["run", "--network", "host", "--", "true"], caller: caller)
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      // The positive control for all of them: a limit that nothing here hangs on.
      let control = try stage.snug(["run", "--", "true"], caller: .init(forbidden: "max_inotify_instances"))
      #expect(control.status == 0 && control.errors == "", "\(control.everything)")
    }

    @Test func `a limit of open files that is too low is named with what it must be`() throws {
      let stage = try stage()
      let done = try stage.run(["/bin/sh", "-c", "ulimit -n 20; exec \(stage.snug) run -- true"])
      #expect(done.status == 125 && done.output == "", "\(done.everything)")
      expectOneMessage(done.errors)
      #expect(done.errors.contains("hard limit of open files is 20"), "\(done.errors)")
      #expect(done.errors.contains("\n  hint: raise the hard limit of open files: ulimit -Hn\n"))
      #expect(stage.leftovers() == [])
    }

    @Test func `a start that fails tells the status descriptor the same`() throws {
      let stage = try stage()
      let cases: [([String], Stage.Caller, Int32, String)] = [
        (["--", "nothing"], .plain, 127, "cannot run nothing: it is not found inside"),
        (["-p", "nosuch", "true"], .plain, 125, "no profile is called \\\"nosuch\\\""),
        (["--share-network-with", "x", "--", "true"], .plain, 125, "no instance named x is running"),
        (
          ["--", "true"], .init(forbidden: "max_user_namespaces"), 125,
          "cannot make the sandbox's namespaces: user.max_user_namespaces is 0"
        ),
      ]
      for (words, caller, status, message) in cases {
        let done = try stage.snug(["run", "--status-fd", "1"] + words, caller: caller)
        #expect(done.status == status, "\(done.everything)")
        let record = "{\"event\":\"failed\",\"status\":\(status),\"message\":\"\(message)\",\"origin\":"
        #expect(done.output.hasPrefix(record) && done.output.split(separator: "\n").count == 1, "\(done.everything)")
        #expect(done.errors.hasPrefix("snug: \(message.replacing("\\", with: ""))"))
      }
    }

    /// `snug` as the user where root has laid an empty file system on a directory of the machine's.
    private func without(_ directory: String, _ words: [String], _ stage: Stage) throws -> Finished {
      let line = "mount -t tmpfs none \(directory) && exec \"$0\" \"$@\""
      let user = [stage.probe, "awkward", String(stage.uid), String(stage.gid), String(stage.gid)]
      let plain = ["022", "-", "0", "default", stage.home, stage.snug]
      return try stage.run(
        ["/usr/bin/unshare", "-m", "/bin/sh", "-c", line] + user + plain + words, caller: .init(asRoot: true))
    }

    @Test func `a machine without devices or proc is told so`() throws {
      let stage = try stage()
      guard geteuid() == 0 else { return skip("only root can take /dev and /proc away") }
      let control = try without("/mnt", ["run", "--", "true"], stage)
      #expect(control.status == 0 && control.errors == "", "the positive control: \(control.everything)")
      let device = try without("/dev", ["run", "--", "true"], stage)
      #expect(device.status == 125 && device.output == "", "\(device.everything)")
      expectOneMessage(device.errors)
      #expect(
        device.errors.hasPrefix("snug: cannot make the devices in /dev: open /dev/null: No such file or directory\n"))
      #expect(device.errors.hasSuffix("\n  hint: this machine has no such device node of its own\n"))
      for (words, status) in [(["run", "--", "true"], 125), (["plan", "default"], 1), (["list"], 1)] {
        let proc = try without("/proc", words, stage)
        #expect(proc.status == Int32(status) && proc.output == "", "\(proc.everything)")
        #expect(proc.errors == "snug: cannot read /proc/self: No such file or directory\n  hint: mount proc on /proc\n")
      }
      let covered = try without("/proc/fs", ["run", "--", "true"], stage)
      #expect(covered.status == 125 && covered.output == "", "\(covered.everything)")
      expectOneMessage(covered.errors)
      #expect(covered.errors.hasPrefix("snug: cannot mount proc on /proc: Operation not permitted\n"))
      #expect(covered.errors.contains("\n  hint: the host's /proc is partly covered"))
      #expect(stage.leftovers() == [])
    }

    @Test func `a set-uid copy refuses to do anything`() throws {
      let stage = try stage()
      guard geteuid() == 0 else { return skip("only root can make a set-uid file of another user") }
      let copy = "\(stage.folder)/setuid-snug"
      try Stage.shell("cp \(stage.snug) \(copy); chmod 4755 \(copy)")
      for words in [["run", "--", "id"], ["list"], ["--version"], ["doctor"]] {
        let done = try stage.run([copy] + words)
        #expect(done.status == 125 && done.output == "", "\(done.everything)")
        #expect(done.errors.hasPrefix("snug: refuses to run set-uid"), "\(done.errors)")
        expectOneMessage(done.errors)
      }
      try Stage.shell("rm \(copy)")
    }
  }
}
