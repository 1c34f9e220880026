import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// Everything but files: each row is before, after, and the changes.
@Suite struct DiffKeyTests {
  @Test(arguments: keyRows)
  func `keys by what they let the app do`(row: DiffRow) throws {
    let found = lines(try changes(row.before, row.after))
    #expect(found == row.wanted, "\(row.before)\n-> \(row.after)")
  }

  @Test func `a private network is more than none and less than the host's`() throws {
    func mode(_ before: String, _ after: String) throws -> [String] {
      lines(try changes("[network]\nmode = '\(before)'", "[network]\nmode = '\(after)'"))
    }
    let words = "use the network, without this machine's own services"
    #expect(try mode("none", "private").contains("gain network: can now \(words) (was: no network)"))
    #expect(try mode("host", "private") == ["loss network: can now only \(words) (was: this machine's network)"])
  }

  @Test func `the network of the host brings names and certificates`() throws {
    let there = try changes("", "[network]\nmode = 'host'")
    let back = try changes("[network]\nmode = 'host'", "")
    #expect(there.contains { $0.kind == .gain && $0.paths.contains("/etc/ssl") })
    #expect(back.contains { $0.kind == .loss && $0.paths.contains("/etc/ssl") })
    #expect(lines(there).contains("gain network: can now use this machine's network (was: no network)"))
    #expect(lines(back).contains("loss network: no longer has a network (was: this machine's network)"))
    #expect(there.allSatisfy { $0.kind == .gain } && back.allSatisfy { $0.kind == .loss })
  }

  @Test func `filters by the calls they let through`() throws {
    func found(_ before: String, _ after: String) throws -> [String] {
      lines(try changes("[seccomp]\n" + before, "[seccomp]\n" + after))
    }
    let tracing = "perf_event_open, process_vm_readv, process_vm_writev, ptrace"
    let reason = "(tracing: debugging and profiling read and change other processes)"
    #expect(
      try found("", "preset = 'devel'") == ["gain system-calls: may now call \(tracing) \(reason)"])
    #expect(
      try found("preset = 'devel'", "") == ["loss system-calls: may no longer call \(tracing) \(reason)"])
    #expect(try found("", "allow = ['ptrace']") == ["gain system-calls: may now call ptrace \(reason)"])
    #expect(
      try found("", "deny = ['socket']") == [
        "loss system-calls: may no longer call socket (denied: the profile says so)"
      ])
    // The same set by another way.
    #expect(
      try found("preset = 'devel'", "allow = ['perf_event_open', 'process_vm_readv', 'process_vm_writev', 'ptrace']")
        == [])
    #expect(try found("deny = ['ptrace']", "") == [])
    // Refused whole before, for some arguments now.
    #expect(
      try found("deny = ['personality']", "") == [
        "gain system-calls: may now call personality (denied: the profile says so)"
      ])
    let none = try found("preset = 'none'", "preset = 'base'")
    #expect(none.contains("loss system-calls: has a filter: calls that nobody has judged yet are refused"))
    #expect(none.contains("loss system-calls: can no longer run 32-bit programs"))
    #expect(none.allSatisfy { $0.hasPrefix("loss") }, "\(none)")
    #expect(try found("", "multiarch = true").contains { $0.hasPrefix("gain system-calls: can now run 32-bit") })
    // The second wall goes with the preset.
    let nested = try found("", "preset = 'nested'")
    #expect(nested.contains("gain landlock: the second wall around files, landlock, is gone"))
    #expect(nested.allSatisfy { $0.hasPrefix("gain") }, "\(nested)")
  }

  @Test func `what this machine does not enforce is said, not weighed`() throws {
    let found = try changes("[landlock]\nconnect-tcp = [1]", "", landlockABI: 3)
    #expect(
      lines(found) == [
        "gain network: may connect to any TCP port",
        "neutral landlock: no longer asks for landlock.connect-tcp, which this machine cannot enforce",
      ])
  }

  @Test func `a value of the caller's is never printed`() throws {
    let found = try changes(
      "[environment]\nkeep = ['SECRET', 'BYTES']", "[environment]\nset = { SECRET = 'x', LD_PRELOAD = 'y' }")
    #expect(!diffText(found).contains("1234") && !diffJSON(found).contains("1234") && found.count == 3)
  }

  @Test func `text and JSON are escaped and say the same`() throws {
    let found = try changes("", "[environment]\nset = { A = \"\\u001b[31m\\u202e\" }")
    #expect(
      diffText(found) == """
        + environment  finds A = "\\x1b[31m\\u{202e}"  # /profiles/test.toml:3

        1 gain

        """)
    #expect(
      diffJSON(found) == """
        [
          {
            "change": "gain",
            "area": "environment",
            "text": "finds A = \\"\\u001b[31m\\u202e\\"",
            "origin": {"file": "/profiles/test.toml", "line": 3}
          }
        ]

        """)
    #expect(diffText([]) == "nothing differs\n" && diffJSON([]) == "[]\n")
    #expect(diffText(found, isColoured: true).hasPrefix("\u{1b}[32m+ environment"))
  }
}

private let keyRows: [DiffRow] = [
  // Devices and windows.
  DiffRow("", "[devices]\nnodes = ['/dev/kvm']", ["gain devices: can now use the device /dev/kvm"]),
  DiffRow("[devices]\ngpu = true\ncamera = true", "[devices]\ngpu = true", ["loss devices: can no longer use cameras"]),
  DiffRow(
    "", "[desktop]\nx11 = true",
    [
      "gain windows: can now watch and steer all windows through X11",
      "loss system-calls: may no longer call shmget (segments: an X server takes the number of a System V segment for one of its own namespace: it would show another program's)",
    ]),
  DiffRow(
    "[desktop]\nx11 = true", "[desktop]\nx11 = 'isolated'",
    [
      "loss windows: no longer reaches other windows through X11"
    ]
  ),
  DiffRow(
    "[desktop]\nx11 = 'isolated'", "[desktop]\nx11 = 'untrusted'",
    [
      "gain windows: can now show windows on your X server, which does not trust it"
    ]
  ),
  DiffRow(
    "[desktop]\nx11 = true", "[desktop]\nx11 = 'untrusted'",
    [
      "loss windows: no longer steers other windows through X11"
    ]
  ),
  DiffRow("", "[desktop]\nwayland = true", ["gain windows: can now show windows through Wayland"]),
  DiffRow("[desktop]\naudio = 'playback'", "[desktop]\naudio = true", ["gain windows: can now play and record sound"]),
  DiffRow("[desktop]\naudio = true", "[desktop]\naudio = 'playback'", ["loss windows: can no longer record sound"]),
  DiffRow("", "[desktop]\nssh-agent = true", ["gain identity: can now use the keys that your SSH agent holds"]),
  DiffRow(
    "[process]\nterminal = 'none'", "[process]\nterminal = 'shared'",
    [
      "gain windows: has the terminal it is run from, not one of its own"
    ]
  ),
  // Buses.
  DiffRow(
    "", "[bus.session]\ntalk = ['org.a.B']",
    [
      "gain bus: can now reach the session bus, filtered", "gain bus: can now talk to org.a.B on the session bus",
    ]
  ),
  DiffRow(
    "[bus.session]\ntalk = ['org.a.*']", "[bus.session]\ntalk = ['org.a.B', 'org.a']",
    [
      "loss bus: can no longer talk to org.a.* on the session bus"
    ]
  ),
  DiffRow(
    "[bus.session]\nown = ['org.a.B']", "[bus.session]\nsee = ['org.a.B']\ntalk = ['org.a.B']",
    [
      "loss bus: can no longer own org.a.B on the session bus"
    ]
  ),
  DiffRow(
    "[bus.session]\nsee = ['org.a.B']", "[bus.session]\ntalk = ['org.ab.C', 'org.a.B']",
    [
      "gain bus: can now talk to org.ab.C on the session bus", "gain bus: can now talk to org.a.B on the session bus",
    ]
  ),
  DiffRow(
    "[bus.session]\ntalk = ['org.t.T']\n[bus.session.call]\n'org.a.B' = ['x.Y.*']",
    "[bus.session]\ntalk = ['org.t.T']\n[bus.session.call]\n'org.a.B' = ['x.Z.*']\n'org.t.T' = ['x.Y.*']",
    [
      "gain bus: can now call org.a.B x.Z.* on the session bus",
      "loss bus: can no longer call org.a.B x.Y.* on the session bus",
    ]
  ),
  DiffRow(
    "[bus.system]\nlog = true", "[bus.system]", ["neutral bus: calls that the system bus refuses are no longer shown"]),
  // Network.
  DiffRow(
    "[landlock]\nconnect-tcp = [80, 443]", "[landlock]\nconnect-tcp = [443, 22, 25]",
    [
      "gain network: may now connect to TCP ports 22, 25", "loss network: may no longer connect to TCP port 80",
    ]
  ),
  DiffRow("[landlock]\nconnect-tcp = []", "", ["gain network: may connect to any TCP port"]),
  DiffRow("", "[landlock]\nconnect-tcp = []", ["loss network: may connect only to no TCP port"]),
  // Environment.
  DiffRow("", "[environment]\nkeep = ['SECRET', 'LANG']", ["gain environment: sees your LANG, SECRET"]),
  DiffRow(
    "[environment]\nset = { A = 'x' }", "[environment]\nset = { A = 'y' }",
    [
      "neutral environment: finds A = \"y\" (was: A = \"x\")"
    ]
  ),
  DiffRow(
    "[environment]\nset = { SECRET = 'x' }", "[environment]\nkeep = ['SECRET']",
    [
      "gain environment: sees your SECRET (was: SECRET = \"x\")"
    ]
  ),
  DiffRow(
    "[environment]\nkeep = ['SECRET']", "[environment]\nset = { SECRET = 'x' }",
    [
      "loss environment: finds SECRET = \"x\" instead of your SECRET"
    ]
  ),
  DiffRow(
    "[environment]\nset = { A = 'x' }", "[environment]\nset = { A = 'x' }\nunset = ['A']",
    [
      "loss environment: no longer finds A"
    ]
  ),
  DiffRow(
    "", "[environment]\nset = { LD_PRELOAD = '/x' }",
    [
      "gain environment: finds LD_PRELOAD = \"/x\": it chooses code that programs run, which cannot be weighed"
    ]
  ),
  DiffRow(
    "", "[environment]\nset = { PATH = '/x' }",
    [
      "gain environment: finds PATH = \"/x\" "
        + "(was: PATH = \"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\"): "
        + "it chooses code that programs run, which cannot be weighed"
    ]
  ),
  // Landlock and what may be missing.
  DiffRow("", "[landlock]\nfiles = false", ["gain landlock: the second wall around files, landlock, is gone"]),
  DiffRow(
    "[landlock]\nscope = ['!signal', '!abstract-unix-socket']", "",
    [
      "loss landlock: can no longer send signals to processes outside (scope signal)",
      "loss landlock: can no longer connect to abstract sockets outside (scope abstract-unix-socket)",
    ]
  ),
  DiffRow(
    "", "optional = ['seccomp.preset', 'landlock.files']",
    [
      "gain system-calls: may start without the protection of seccomp.preset"
    ]
  ),
  DiffRow(
    "", "optional = ['!landlock', 'landlock.files']",
    [
      "loss landlock: does not start without the protection of landlock"
    ]
  ),
  DiffRow(
    "[assert]\nhidden = ['~/.ssh']", "[assert]\nreadable = ['/usr']",
    [
      "gain files: starts even where ~/.ssh is seen",
      "neutral files: what must be readable, writable or reachable before it starts has changed",
    ]
  ),
  DiffRow("", "[assert]\nnetwork = false", ["loss network: does not start where other machines can be reached"]),
  // Identity and lifetime.
  DiffRow(
    "[process]\nuser = 'nobody'", "[process]\nuser = 'root'",
    [
      "gain identity: is root inside, without its powers: some programs then do more than they should (was: nobody)"
    ]
  ),
  DiffRow(
    "", "id = 'org.example.B'",
    [
      "gain identity: is known as org.example.B (was: snug.test): "
        + "what portals have granted under that name cannot be weighed"
    ]
  ),
  DiffRow("", "[process]\nhostname = 'x'", ["neutral identity: the machine is called x (was: snug)"]),
  DiffRow(
    "[process]\numask = 0o077", "[process]\numask = 0o027",
    [
      "gain identity: files it makes are open to more users: umask 0027 (was: 0077)"
    ]
  ),
  DiffRow(
    "", "[process]\numask = 0o077",
    [
      "loss identity: files it makes are open to fewer users: umask 0077 (was: 0022)"
    ]
  ),
  DiffRow(
    "", "[process]\nadopt-wait = 'forever'",
    [
      "gain lifetime: what it leaves running may go on for forever (was: 5s)"
    ]
  ),
  DiffRow("", "[process]\nstop-wait = '1s'", ["loss lifetime: may take only 1s to stop (was: 10s)"]),
  DiffRow("", "[process]\ncancel-signal = 'none'", ["loss lifetime: is ended at once, without being asked"]),
  DiffRow("", "[process]\ncancel-signal = 'INT'", ["neutral lifetime: is asked to stop by signal INT (was: TERM)"]),
  DiffRow("", "[process]\nsingle = true", ["gain lifetime: a second start hands its arguments to the one that runs"]),
  // Limits: none is above all, sizes and shares of memory are bytes.
  DiffRow(
    "[limits]\nmemory = '50%'", "[limits]\nmemory = '1G'",
    [
      "loss limits: may use less: memory up to 1 GiB (was: 3.9 GiB)"
    ]
  ),
  DiffRow(
    "[limits]\ntasks = 5", "[limits]\ntasks = 6",
    [
      "gain limits: may use more: processes and threads up to 6 (was: 5)"
    ]
  ),
  DiffRow("[limits]\nopen-files = 100", "", ["gain limits: has no limit on open files of a process (was: 100)"]),
  DiffRow("", "[limits]\ncore = '1M'", ["gain limits: may use more: size of a core dump up to 1 MiB (was: 0 B)"]),
  DiffRow(
    "[limits]\ncpu = '90%'", "[limits]\ncpu = '150%'",
    [
      "gain limits: may use more: processor time 150% (was: 90%)"
    ]
  ),
  DiffRow("", "[process]\nnice = -5", ["gain limits: goes before other programs more often: nice -5 (was: 0)"]),
  // Command.
  DiffRow(
    "programs = ['vim']", "programs = ['xterm', 'vim']",
    [
      "gain command: is now for xterm: what it does with what is granted cannot be weighed"
    ]
  ),
  DiffRow(
    "programs = ['vim', 'xterm']", "programs = ['xterm', 'vim']",
    [
      "neutral command: looks for xterm, vim in this order"
    ]
  ),
  DiffRow(
    "command = ['vim', '-Z']", "command = ['vim']",
    [
      "gain command: runs vim (was: vim -Z): what it does with what is granted cannot be weighed"
    ]
  ),
  DiffRow("", "[process]\nworking-directory = '/usr'", ["neutral command: starts in /usr"]),
  DiffRow("summary = 'x'", "summary = 'y'", []),
]
