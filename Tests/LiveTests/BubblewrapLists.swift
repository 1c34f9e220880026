import TestSupport

/// A list of bubblewrap's options as a caller may write it, and who calls.
struct ArgumentList {
  var words: [String] = []
  var caller = Stage.Caller.plain
  var directory: String
  /// Descriptors that the list names, 20 and on; each is a file of the fixture.
  var descriptors = 0

  /// Where targets stand inside.
  private let base: String
  private let source: String
  /// The probe inside.
  private let program: String
  private var numbers: Numbers

  /// The list of a seed. `folder`: the fixture, with `source` and `place`, a file and directories in the former.
  init(seed: UInt64, folder: String, probe: String) {
    numbers = Numbers(state: seed)
    source = "\(folder)/source"
    directory = "/"
    let showsHost = numbers.isOneIn(3)
    base = showsHost ? "\(folder)/place" : "/t"
    program = showsHost ? probe : "/probe"
    setCaller(showsHost: showsHost, folder)
    if showsHost {
      words = [numbers.pick(caller.asRoot ? ["--ro-bind"] : ["--ro-bind", "--bind", "--dev-bind"]), "/", "/"]
    } else {
      words += numbers.pick([
        [], ["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib64", "/lib64"], ["--ro-bind", "/etc", "/etc"],
      ])
      words += ["--ro-bind", probe, "/probe"]
    }
    let ownsProcesses = numbers.isOneIn(3)
    if ownsProcesses { words += ["--unshare-pid"] }
    if ownsProcesses || !showsHost { words += ["--proc", "/proc"] }
    for _ in 0..<Int.random(in: 0...8, using: &numbers) { addOperation() }
    for _ in 0..<Int.random(in: 0...5, using: &numbers) { addOther() }
    if showsHost { words += ["--chdir", numbers.pick(["/", "/usr", source])] }
    words += [program, "report"]
  }

  private mutating func setCaller(showsHost: Bool, _ folder: String) {
    directory = numbers.pick(["/", "/usr/share", folder, "/tmp"])
    caller = Stage.Caller(
      umask: numbers.pick(["022", "077", "000", "027"]), open: numbers.pick([0, 0, 3]),
      signals: numbers.pick(["default", "default", "deaf", "blocked"]), asRoot: numbers.isOneIn(8))
  }

  private mutating func nextDescriptor() -> String {
    descriptors += 1
    return String(19 + descriptors)
  }

  private mutating func mode() -> [String] {
    numbers.isOneIn(2) ? ["--perms", numbers.pick(["0700", "0755", "1777", "0640", "0711", "0"])] : []
  }

  private mutating func addOperation() {
    let place = "\(base)/\(numbers.pick(["a", "b", "a/c", "d/e/f", "g"]))"
    switch Int.random(in: 0..<18, using: &numbers) {
    case 0: words += mode() + ["--tmpfs", place]
    case 1: words += ["--size", "1048576"] + mode() + ["--tmpfs", place]
    case 2: words += mode() + ["--dir", place]
    // Never the same text twice: 0.8.0 refuses that, newer ones do not.
    case 3: words += ["--symlink", "../x\(words.count)", "\(base)/\(numbers.pick(["link", "d/link"]))"]
    case 4: words += ["--bind", source, place]
    case 5: words += ["--ro-bind", source, place]
    case 6: words += [numbers.pick(["--bind-try", "--ro-bind-try", "--dev-bind-try"]), "\(source)/missing", place]
    case 7: words += ["--dev-bind", "/dev/null", "\(base)/null"]
    case 8:
      words += [numbers.pick(["--bind", "--ro-bind"]), "\(source)/file", "\(base)/\(numbers.pick(["f", "d/f"]))"]
    case 9: words += mode() + ["--file", nextDescriptor(), "\(base)/\(numbers.pick(["w", "d/w"]))"]
    case 10: words += mode() + ["--bind-data", nextDescriptor(), "\(base)/\(numbers.pick(["x", "f"]))"]
    case 11: words += mode() + ["--ro-bind-data", nextDescriptor(), "\(base)/\(numbers.pick(["y", "f"]))"]
    case 12: words += ["--dev", numbers.pick(["/dev", "\(base)/dev"])]
    case 13: words += ["--remount-ro", numbers.pick([place, place, base])]
    case 14: words += ["--chmod", numbers.pick(["0711", "0500", "0777"]), place]
    case 15: words += ["--unshare-ipc", "--mqueue", "\(base)/mq\(words.count)"]
    case 16: words += ["--ro-bind", "/usr", place]
    default: words += ["--bind", "\(source)/directory", "\(place)/more"]
    }
  }

  private mutating func addOther() {
    switch Int.random(in: 0..<18, using: &numbers) {
    case 0: words += ["--unshare-all"]
    case 1: words += ["--unshare-all", "--share-net"]
    case 2: words += ["--unshare-user"]
    case 3: words += [numbers.pick(["--unshare-ipc", "--unshare-net", "--unshare-cgroup-try", "--unshare-user-try"])]
    case 4: words += ["--unshare-uts", "--hostname", numbers.pick(["box", "a.b", "x"])]
    case 5: words += ["--unshare-user", "--uid", numbers.pick(["0", "5", "1000", "65534"])]
    case 6: words += ["--unshare-user", "--gid", numbers.pick(["0", "7", "100"])]
    case 7: words += ["--setenv", numbers.pick(["A", "HOME", "PWD", "PATH"]), numbers.pick(["", "b c", "/usr"])]
    case 8: words += ["--unsetenv", numbers.pick(["HOME", "LANG", "NOT_THERE"])]
    case 9: words += ["--clearenv"]
    case 10: words += ["--chdir", numbers.pick(["/", base, "/proc", "/not-there"])]
    case 11: words += [numbers.pick(["--cap-add", "--cap-drop"]), numbers.pick(["ALL", "CAP_NET_RAW", "cap_chown"])]
    case 12: words += ["--cap-add", "CAP_KILL", "--cap-add", "CAP_SYS_PTRACE"]
    case 13: words += ["--new-session"]
    case 14: words += ["--die-with-parent"]
    case 15: words += ["--unshare-pid", "--as-pid-1"]
    case 16: words += ["--unshare-user", "--disable-userns"]
    default: words += ["--lock-file", program]
    }
  }
}

extension Numbers {
  fileprivate mutating func isOneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  fileprivate mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &self)]
  }
}
