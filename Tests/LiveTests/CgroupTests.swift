import Glibc
import TestSupport
import Testing

extension Live {
  /// Instances in a cgroup of their own, where the caller has one to make them in.
  @Suite(.serialized) struct CgroupTests {
    @Test func `an instance is in a group of its own, which goes with it`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      let running = try cgroup.start([
        stage.snug, "run", "--name", "one", "--", "sh", "-c", "echo ready; read line; exit 5",
      ])
      #expect(running.waitFor("ready"))
      let pid = try #require(running.initPID)
      let name = "/snug-one"
      #expect(cgroup.children == ["snug-one"])
      #expect(cgroup.place(of: pid) == name)
      for app in running.appPIDs { #expect(cgroup.place(of: app) == name) }
      #expect(cgroup.place(of: running.pid) == "", "the launcher is not: it would be frozen and killed with it")
      running.send(Array("x\n".utf8))
      #expect(running.finish().status == 5)
      #expect(cgroup.children == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `it can be frozen, thawed, and ended while it is frozen`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      let running = try cgroup.start(
        [stage.snug, "run", "--", "sh", "-c", "echo ready; while read line; do echo $line; done"])
      #expect(running.waitFor("ready"))
      let group = try #require(cgroup.children.first)
      try cgroup.write("1", to: "\(group)/cgroup.freeze")
      #expect(eventually { cgroup.read("\(group)/cgroup.events")?.contains("frozen 1") == true })
      running.send(Array("one\n".utf8))
      usleep(100_000)
      #expect(!running.waitFor("one", seconds: 0))
      try cgroup.write("0", to: "\(group)/cgroup.freeze")
      #expect(running.waitFor("one"), "the positive control")
      try cgroup.write("1", to: "\(group)/cgroup.freeze")
      #expect(eventually { cgroup.read("\(group)/cgroup.events")?.contains("frozen 1") == true })
      // Twice: the second one ends at once, and a frozen app can take no signal.
      running.signal(SIGINT)
      usleep(20_000)
      running.signal(SIGINT)
      #expect(running.finish(seconds: 20).status == 137)
      #expect(cgroup.children == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `a launcher that is killed leaves no process, and the next one takes its directory away`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      let first = try cgroup.start([stage.snug, "run", "--", "sh", "-c", "echo ready; sleep 600"])
      #expect(first.waitFor("ready"))
      let name = try #require(cgroup.children.first)
      let living = try cgroup.start([stage.snug, "run", "--name", "living", "--", "sh", "-c", "echo ready; read line"])
      #expect(living.waitFor("ready"))
      first.signal(SIGKILL)
      #expect(first.finish().status == 137)
      #expect(eventually { cgroup.read("\(name)/cgroup.events")?.contains("populated 0") == true })
      #expect(cgroup.children.contains(name), "nobody was left who could take it away")
      // A directory of the same form that nobody holds, with a process in it, stays what it is.
      try Stage.shell("mkdir '\(cgroup.path)/snug-other'")
      let other = try cgroup.start(["/bin/sh", "-c", "echo ready; read line"], in: "/snug-other")
      #expect(other.waitFor("ready"))
      let next = try cgroup.start([stage.snug, "run", "--", "true"])
      #expect(next.finish().status == 0)
      #expect(Set(cgroup.children) == ["snug-living", "snug-other"])
      for running in [living, other] {
        running.send(Array("x\n".utf8))
        _ = running.finish()
      }
      #expect(try cgroup.start([stage.snug, "run", "--", "true"]).finish().status == 0)
      #expect(cgroup.children == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `a command with limits is in a group of its own in a kept instance, and leaves nothing behind`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      let words = ["run", "--detach", "--keep", "--name", "box", "--read", stage.probe]
      #expect(try cgroup.start([stage.snug] + words).finish().status == 0)
      let box = try Instance(stage, "box")
      defer { _ = try? stage.snug(["stop", "--now", "box"]) }
      #expect(cgroup.place(of: box.initPID) == "/snug-box/inside")
      let plain = try box.begin(["sh", "-c", "echo ready; read line"])
      let limited = try box.begin(
        ["sh", "-c", "echo ready; read line; exit 7"], ["--time", "600s", "--status-fd", "2"])
      #expect(plain.waitFor("ready") && limited.waitFor("ready"))
      let places = box.processes.map { cgroup.place(of: $0) }
      #expect(
        places.sorted { $0 ?? "" < $1 ?? "" }
          == ["command-1", "command-1", "inside", "inside"].map { "/snug-box/\($0)" })
      for running in [plain, limited] { running.send(Array("x\n".utf8)) }
      #expect(plain.finish().status == 0)
      #expect(try box.record(limited.finish())["status"].integer == 7)
      // Of the same session or not, with a leader or without: the group knows them all.
      for script in ["(setsid sleep 600 &)", "(setsid sleep 600 &); exec \(stage.probe) ditch 0"] {
        _ = try box.exec(["sh", "-c", script], ["--time", "600s"])
        #expect(eventually { box.processes.isEmpty }, "\(script): \(box.processes)")
      }
      let late = try box.exec(
        ["sh", "-c", "(setsid sleep 600 &); sleep 600"], ["--time", "200ms", "--status-fd", "2"])
      #expect(try box.record(late)["limit"].text == "time", "\(late.everything)")
      try box.expectRest()
      // The next one takes away what the last one left: until then its directory may be there, empty.
      _ = try box.exec(["true"], ["--time", "600s"])
      let left = (names(in: "\(cgroup.path)/snug-box") ?? []).filter { $0.hasPrefix("command-") }
      #expect(left.count <= 1, "\(left)")
      #expect(try stage.snug(["stop", "box"]).status == 0)
      #expect(eventually { cgroup.children == [] })
      stage.expectNothingLeft()
    }

    @Test func `a set-up that fails leaves no directory`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      let text = "[assert]\nhidden = [\"/usr\"]"
      try stage.profile("claims", text)
      let done = try cgroup.start([stage.snug, "run", "-p", "claims", "--", "true"]).finish()
      #expect(done.status == 125, "\(done.everything)")
      let check = try cgroup.start([stage.snug, "check", "default"]).finish()
      #expect(check.status == 0, "\(check.everything)")
      #expect(cgroup.children == [])
    }

    @Test func `many at once do not take each other's directories away`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      // A left directory keeps every one of them sweeping; each instance is looked for in a group of its own.
      let script = """
        for i in 1 2 3 4 5 6 7 8 9 10; do
          mkdir $TREE/snug-left-$1-$i
          $SNUG run --name many-$1-$i-x -- sleep 600 &
          until cat $TREE/snug-many-$1-$i-x*/cgroup.procs 2>/dev/null | grep -q .; do
            kill -0 $! 2>/dev/null || { echo lost; break; }
          done
          kill $!
          wait $!
          echo done
        done 2>/dev/null
        """
      let runs = try (0..<4).map {
        try cgroup.start(
          ["/bin/sh", "-c", script, "sh", String($0)], extra: ["SNUG=\(stage.snug)", "TREE=\(cgroup.path)"])
      }
      for run in runs { #expect(run.finish().output == String(repeating: "done\n", count: 10)) }
      #expect(try cgroup.start([stage.snug, "run", "--", "true"]).finish().status == 0)
      #expect(cgroup.children == [])
    }

    @Test func `limits that the tree cannot hold stop the start, unless they are optional`() throws {
      let stage = try stage()
      guard let cgroup = try DelegatedCgroup(stage) else { return skip("no cgroup version 2, or not root") }
      try stage.profile("big", "[limits]\nmemory = \"4G\"")
      try stage.profile("meant", "optional = [\"limits.memory\"]\n[limits]\nmemory = \"4G\"")
      let place = "\(stage.home)/.config/snug/profiles/big.toml"
      let none = "no systemd user manager: no socket \(stage.runtime)/systemd/private, and "
      // Nothing is delegated; then something is that has no controller.
      let bare = try stage.snug(["run", "-p", "big", "--", "true"])
      #expect(bare.status == 125)
      #expect(bare.errors.hasPrefix("snug: cannot limit memory to 4G: \(none)the cgroup "), "\(bare.errors)")
      #expect(bare.errors.contains(" is not delegated to you\n  at \(place):3:10\n"), "\(bare.errors)")
      #expect(bare.errors.contains("  hint: list \"limits.memory\" in optional to go on without it"))
      let tree = try cgroup.start([stage.snug, "run", "-p", "big", "--", "true"]).finish()
      #expect(tree.status == 125)
      #expect(tree.errors.contains("\(none)the cgroup \(cgroup.path) has no memory controller\n"), "\(tree.errors)")
      let plan = try stage.snug(["plan", "big"])
      #expect(plan.status == 1 && plan.errors.contains("cannot limit memory to 4G"), "\(plan.everything)")
      for start in [try cgroup.start([stage.snug, "run", "-v", "--status-fd", "1", "-p", "meant", "--", "true"])] {
        let done = start.finish()
        #expect(done.status == 0, "\(done.everything)")
        #expect(done.errors.contains("snug: not enforced on this machine: limits.memory\n"))
        #expect(done.output.contains("\"not-enforced\":[\"limits.memory\"]"), "\(done.output)")
      }
      #expect(cgroup.children == [])
    }
  }
}
