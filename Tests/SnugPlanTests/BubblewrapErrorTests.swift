import Testing

@testable import SnugPlan

/// A command line and the error that it ends with; without an error the usage.
private let errors: [(line: String, error: String?)] = [
  ("--ro-bind / /", nil), ("--uid 5", nil), ("--hostname x", nil), ("--as-pid-1", nil), ("--", nil),
  ("-", "Unknown option -"), ("-h", "Unknown option -h"), ("--foo=bar", "Unknown option --foo=bar"),
  ("--bind=/ x", "Unknown option --bind=/"),

  // Missing arguments; those with more than one word are told with one given.
  ("--args", "--args takes an argument"), ("--argv0", "--argv0 takes one argument"),
  ("--userns", "--userns takes an argument"), ("--userns2", "--userns2 takes an argument"),
  ("--pidns", "--pidns takes an argument"), ("--uid", "--uid takes an argument"),
  ("--gid", "--gid takes an argument"), ("--hostname", "--hostname takes an argument"),
  ("--chdir", "--chdir takes one argument"), ("--setenv a", "--setenv takes two arguments"),
  ("--unsetenv", "--unsetenv takes an argument"), ("--lock-file", "--lock-file takes an argument"),
  ("--sync-fd", "--sync-fd takes an argument"), ("--bind a", "--bind takes two arguments"),
  ("--bind-try a", "--bind-try takes two arguments"), ("--dev-bind a", "--dev-bind takes two arguments"),
  ("--dev-bind-try a", "--dev-bind-try takes two arguments"), ("--ro-bind a", "--ro-bind takes two arguments"),
  ("--ro-bind-try a", "--ro-bind-try takes two arguments"), ("--bind-fd 3", "--bind-fd takes two arguments"),
  ("--ro-bind-fd 3", "--bind-fd takes two arguments"), ("--remount-ro", "--remount-ro takes one argument"),
  ("--overlay-src", BubblewrapParser.strayOverlaySource), ("--overlay a b", "--overlay takes three arguments"),
  ("--tmp-overlay", "--tmp-overlay takes an argument"), ("--ro-overlay", "--ro-overlay takes an argument"),
  ("--exec-label", "--exec-label takes an argument"), ("--file-label", "--file-label takes an argument"),
  ("--proc", "--proc takes an argument"), ("--dev", "--dev takes an argument"),
  ("--tmpfs", "--tmpfs takes an argument"), ("--mqueue", "--mqueue takes an argument"),
  ("--dir", "--dir takes an argument"), ("--file 3", "--file takes two arguments"),
  ("--bind-data 3", "--bind-data takes two arguments"), ("--ro-bind-data 3", "--ro-bind-data takes two arguments"),
  ("--symlink a", "--symlink takes two arguments"), ("--seccomp", "--seccomp takes an argument"),
  ("--add-seccomp-fd", "--add-seccomp-fd takes an argument"), ("--block-fd", "--block-fd takes an argument"),
  ("--userns-block-fd", "--userns-block-fd takes an argument"), ("--info-fd", "--info-fd takes an argument"),
  ("--json-status-fd", "--json-status-fd takes an argument"), ("--cap-add", "--cap-add takes an argument"),
  ("--cap-drop", "--cap-drop takes an argument"), ("--perms", "--perms takes an argument"),
  ("--size", "--size takes an argument"), ("--chmod 700", "--chmod takes two arguments"),

  // Numbers and names.
  ("--uid -1", "Invalid uid: -1"), ("--uid 2147483648", "Invalid uid: 2147483648"), ("--uid x", "Invalid uid: x"),
  ("--uid 4294967297", "Invalid uid: 4294967297"), ("--gid 1x", "Invalid gid: 1x"),
  ("--gid 99999999999999999999", "Invalid gid: 99999999999999999999"), ("--args x", "Invalid fd: x"),
  ("--sync-fd 4294967296", "Invalid fd: 4294967296"), ("--bind-data 3x /a", "Invalid fd: 3x"),
  ("--bind-fd -1 /a", "Invalid fd: -1"), ("--ro-bind-fd x /a", "Invalid fd: x"), ("--file x /a", "Invalid fd: x"),
  ("--ro-bind-data x /a", "Invalid fd: x"), ("--seccomp 0x3", "Invalid fd: 0x3"),
  ("--add-seccomp-fd x", "Invalid fd: x"), ("--userns x", "Invalid fd: x"),
  ("--perms 08 --dir /x", "--perms takes an octal argument <= 07777"),
  ("--perms 10000", "--perms takes an octal argument <= 07777"),
  ("--perms -1", "--perms takes an octal argument <= 07777"),
  ("--perms 0o755", "--perms takes an octal argument <= 07777"),
  ("--chmod 9 /x", "--chmod takes an octal argument <= 07777"),
  ("--chmod -1 /x", "--chmod takes an octal argument <= 07777"),
  ("--size 0", "--size takes a non-zero number of bytes"), ("--size -1", "--size takes a non-zero number of bytes"),
  ("--size +1", "--size takes a non-zero number of bytes"), ("--size 1k", "--size takes a non-zero number of bytes"),
  ("--size 0x", "--size takes a non-zero number of bytes"), ("--size 09", "--size takes a non-zero number of bytes"),
  ("--size 99999999999999999999", "--size takes a non-zero number of bytes"),
  ("--size 9223372036854775808", "--size (for tmpfs) is limited to 9223372036854775807"),
  ("--size 18446744073709551615", "--size (for tmpfs) is limited to 9223372036854775807"),
  ("--cap-add foo", "unknown cap: foo"), ("--cap-drop chown", "unknown cap: chown"),
  ("--cap-add 64", "unknown cap: 64"),
  ("--setenv a=b x", "setenv failed"), ("--unsetenv a=b", "unsetenv failed"),
  ("--exec-label x", "labeling not supported on this system"),
  ("--file-label x", "labeling not supported on this system"),

  // Modifiers.
  ("--perms 0700 --perms", "--perms takes an argument"),
  ("--perms 0700 --perms 9", "--perms given twice for the same action"),
  ("--size 5 --size", "--size takes an argument"), ("--size 5 --size 0", "--size given twice for the same action"),
  ("--perms 0700 --size 5 --perms 1", "--perms given twice for the same action"),
  ("--perms 0700 --ro-bind / /", "--perms must be followed by an option that creates a file"),
  ("--perms 0700 --chmod 0700 /x", "--perms must be followed by an option that creates a file"),
  ("--perms 0700 --unshare-pid --dir /x", "--perms must be followed by an option that creates a file"),
  ("--perms 0700 --overlay-src a", "--perms must be followed by an option that creates a file"),
  ("--size 5 --bind / /", "--size must be followed by --tmpfs"),
  ("--size 5 --dir /x", "--size must be followed by --tmpfs"),
  ("--size 5 --perms 0700 --bind / /", "--perms must be followed by an option that creates a file"),
  ("--overlay-src a true", BubblewrapParser.strayOverlaySource),
  ("--overlay-src a -- true", BubblewrapParser.strayOverlaySource),
  ("--overlay-src a --chdir / true", BubblewrapParser.strayOverlaySource),
  ("--overlay-src a --perms 0700", BubblewrapParser.strayOverlaySource),
  ("--overlay a b c", "--overlay requires at least one --overlay-src"),
  ("--tmp-overlay a", "--tmp-overlay requires at least one --overlay-src"),
  ("--overlay-src a --ro-overlay b", "--ro-overlay requires at least two --overlay-src"),

  // Conflicts, in the order in which they are looked at; those above the command are told without one.
  ("--argv0 a --argv0 b", "--argv0 used multiple times"),
  ("--seccomp 3 --add-seccomp-fd x", "--add-seccomp-fd cannot be combined with --seccomp"),
  ("--add-seccomp-fd 3 --seccomp x", "--seccomp cannot be combined with --add-seccomp-fd"),
  ("--userns-block-fd 3 --userns 3", "--userns-block-fd requires --unshare-user"),
  ("--userns-block-fd 3 --unshare-all", "--userns-block-fd requires --unshare-user"),
  ("--userns-block-fd 3 --unshare-user --userns 3", "--userns-block-fd requires --info-fd"),
  ("--userns 3 --unshare-user --disable-userns", "--userns not compatible --unshare-user"),
  ("--userns 3 --unshare-user-try --unshare-user", "--userns not compatible --unshare-user"),
  ("--userns 0 --unshare-all --disable-userns", "--userns not compatible --unshare-user-try"),
  ("--disable-userns --unshare-all", "--disable-userns requires --unshare-user"),
  (
    "--userns-block-fd 3 --unshare-user --info-fd 4 --disable-userns",
    "--disable-userns is not compatible with  --userns-block-fd"
  ),
  ("--hostname x --as-pid-1 true", "Specifying --hostname requires --unshare-uts"),
  ("--as-pid-1 --lock-file /x true", "Specifying --as-pid-1 requires --unshare-pid"),
  ("--as-pid-1 --unshare-pid --lock-file /x true", "Specifying --as-pid-1 and --lock-file is not permitted"),
]

private func expectRefusal(
  _ words: [String], _ error: String?, caller: BubblewrapCaller = ordinaryCaller, data: [Int32: String] = [:],
  at location: SourceLocation = #_sourceLocation
) {
  let expected = BubblewrapAnswer.refused(error.map { ["bwrap: " + $0] } ?? [], usage: error == nil)
  #expect(parse(words, data: data, caller: caller) == expected, "\(words)", sourceLocation: location)
}

@Suite struct BubblewrapErrorTests {
  @Test(arguments: errors) func message(_ line: String, _ error: String?) {
    expectRefusal(split(line), error)
  }

  @Test func nothingAtAll() { expectRefusal([], nil) }

  @Test func emptyArguments() {
    expectRefusal(["--uid", ""], "Invalid uid: ")
    expectRefusal(["--info-fd", ""], "Invalid fd: ")
    expectRefusal(["--info-fd", " "], "Invalid fd:  ")
    expectRefusal(["--perms", ""], "--perms takes an octal argument <= 07777")
    expectRefusal(["--size", " 5"], "--size takes a non-zero number of bytes")
    expectRefusal(["--cap-add", ""], "unknown cap: ")
    expectRefusal(["--setenv", "", "x"], "setenv failed")
    expectRefusal(["--unsetenv", ""], "unsetenv failed")
  }

  /// Numbers as strtol reads them.
  @Test func numbersMayHaveBlanksAndSigns() {
    #expect(requestOf(["--uid", " \t+7"])?.uid == 7)
    #expect(requestOf(["--info-fd", "-0"])?.infoDescriptor == 0)
    #expect(requestOf(["--perms", " 0700", "--dir", "x"])?.operations == [.directory(target: "x", mode: 0o700)])
  }

  /// Root gets no user namespace unasked, and without one its ids stay.
  @Test func identityOfRoot() {
    expectRefusal(
      split("--uid 5 --hostname x true"), "Specifying --uid requires --unshare-user or --userns", caller: rootCaller)
    expectRefusal(
      split("--gid 5 --hostname x true"), "Specifying --gid requires --unshare-user or --userns", caller: rootCaller)
    expectRefusal(split("--uid 5"), nil, caller: rootCaller)
    expectRefusal(
      split("--uid 5 --unshare-user-try --hostname x true"), "Specifying --hostname requires --unshare-uts",
      caller: rootCaller)
    #expect(requestOf(split("--uid 0 --gid 0"), caller: rootCaller)?.uid == 0)
    #expect(requestOf(split("--uid 5 --unshare-user"), caller: rootCaller)?.uid == 5)
    #expect(requestOf(split("--gid 5 --userns 3"), caller: rootCaller)?.gid == 5)
  }

  /// Those of which the last one counts warn each time, before anything that is wrong with the new argument.
  @Test func lastOneCounts() {
    let options = [
      "--hostname", "--uid", "--gid", "--chdir", "--sync-fd", "--block-fd", "--userns-block-fd", "--info-fd",
      "--json-status-fd", "--userns", "--userns2", "--pidns", "--seccomp", "--exec-label", "--file-label",
    ]
    let caller = BubblewrapCaller(uid: 1000, gid: 1000, supportsLabels: true)
    for option in options {
      let warning = "bwrap: Only the last \(option) option will take effect"
      #expect(
        parse([option, "0", option, "1", option, "2", "-"], caller: caller)
          == .refused([warning, warning, "bwrap: Unknown option -"], usage: false), "\(option)")
      #expect(
        parse([option, "0", option], caller: caller)
          == .refused(["bwrap: \(bubblewrapOptions[option]?.missing ?? "")"], usage: false), "\(option)")
    }
    #expect(
      parse(split("--sync-fd 3 --sync-fd x"))
        == .refused(["bwrap: Only the last --sync-fd option will take effect", "bwrap: Invalid fd: x"], usage: false))
    guard case .run(let request, let warnings) = parse(split("--seccomp 3 --seccomp 4 --chdir /a --chdir /b true"))
    else {
      Issue.record("refused")
      return
    }
    #expect(warnings.count == 2)
    #expect(request.filterDescriptors == [4])
    #expect(request.directory == "/b")
    // The usage comes after them too.
    #expect(
      parse(split("--chdir /a --chdir /b"))
        == .refused(["bwrap: Only the last --chdir option will take effect"], usage: true))
  }

  @Test func levelPrefixHoldsFromWhereItStands() {
    let warning = "bwrap: Only the last --chdir option will take effect"
    #expect(
      parse(split("--chdir a --chdir b --level-prefix --chdir c --nonsense"))
        == .refused([warning, "<4>" + warning, "<3>bwrap: Unknown option --nonsense"], usage: false))
    #expect(
      parse(split("--level-prefix --as-pid-1 true"))
        == .refused(["<3>bwrap: Specifying --as-pid-1 requires --unshare-pid"], usage: false))
  }

  @Test func nothingRawReachesTheTerminal() {
    expectRefusal(["--\u{1b}]52;\n"], "Unknown option --\\x1b]52;\\n")
    expectRefusal(["--info-fd", "\u{202e}"], "Invalid fd: \\u{202e}")
    let odd: [UInt8] = [0x2f, 0xff]
    for words in [["--bind", "/", ""], ["--chdir", ""], ["--symlink", "", "/x"]] {
      let bytes = words.map { $0.isEmpty ? odd : Array($0.utf8) }
      #expect(
        parseBytes(bytes) == .refused(["bwrap: \(words[0]) takes text in UTF-8, not /\\xff"], usage: false))
    }
    #expect(parseBytes([[0x2d, 0xff]]) == .refused(["bwrap: Unknown option -\\xff"], usage: false))
  }
}
