import Glibc

/// Where live tests play: an ordinary user of their own, and copies of the executables and profiles that this user can
/// read. Made once a run, taken away at its end.
///
/// Started as root a user is made; started as an ordinary user that one is used, with a home of the stage's own.
package final class Stage: @unchecked Sendable {
  /// The one stage of this run; the reason where it cannot be made.
  package static let shared: Result<Stage, StageError> = {
    do { return .success(try Stage()) } catch let error as StageError { return .failure(error) } catch {
      return .failure(StageError(reason: "\(error)"))
    }
  }()

  /// Why there is no stage.
  package struct StageError: Error, CustomStringConvertible {
    package var reason: String
    package init(reason: String) { self.reason = reason }
    package var description: String { reason }
  }

  package let uid: UInt32
  package let gid: UInt32
  package let userName: String
  /// The user's home, empty but for what tests put there.
  package let home: String
  /// `snug` as it is released where SNUG_EXECUTABLE names it, else the debug build beside the tests.
  package let snug: String
  /// The same under the name of a link to it: bubblewrap's command line.
  package let bwrap: String
  /// What speaks D-Bus for it.
  package let snugBus: String
  /// The probe, see Tests/Probe. By the C compiler alone and static: what SwiftPM links needs libraries that no sandbox
  /// shows, and some show none at all.
  package let probe: String
  /// The shipped profiles.
  package let profiles: String
  /// A runtime directory of the user, 0700.
  package let runtime: String
  /// The user's processes before the first test.
  private var earlier: Set<String> = []
  /// Everything above stands below it.
  package let folder: String

  private init() throws {
    let root = geteuid() == 0
    folder = "/var/tmp/snug-stage-\(getpid())"
    let products = try Self.products()
    userName = root ? "snugt\(getpid() % 100000)" : String(cString: getenv("USER") ?? strdup("user"))
    home = "\(folder)/home"
    snug = "\(folder)/prefix/bin/snug"
    bwrap = "\(folder)/prefix/bin/bwrap"
    snugBus = "\(folder)/prefix/libexec/snug/snug-bus"
    probe = "\(folder)/probe"
    profiles = "\(folder)/prefix/share/snug/profiles"
    runtime = "\(folder)/runtime"
    let executable = getenv("SNUG_EXECUTABLE").map { String(cString: $0) } ?? "\(products)/snug"
    // Beside it where it was built, or where it is installed.
    let places = ["\(executable)-bus", "\(parent(parent(executable)))/libexec/snug/snug-bus", "\(products)/snug-bus"]
    let bus = places.first { access($0, X_OK) == 0 } ?? "\(products)/snug-bus"
    // What a launcher hands every other command to; a debug build has them all in itself.
    let commandPlaces = ["\(executable)-commands", "\(parent(parent(executable)))/libexec/snug/snug-commands"]
    let commands = commandPlaces.first { access($0, X_OK) == 0 }
    let source = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    try Self.shell(
      "umask 022; rm -rf \(folder); mkdir -p \(folder)/prefix/bin \(folder)/prefix/libexec/snug \(profiles)")
    try Self.shell(
      "cp \(executable) \(snug); cp \(bus) \(snugBus); "
        + "ln -s snug \(bwrap); cp /\(source)/profiles/*.toml \(profiles)/; "
        + "cc -O1 -static -o \(probe) /\(source)/Tests/Probe/*.c; chmod 755 \(snug) \(probe); chmod -R a+rX \(folder)")
    if let commands {
      try Self.shell("install -m 755 \(commands) \(folder)/prefix/libexec/snug/snug-commands")
    }
    if root {
      try Self.shell("useradd -d \(home) -m -s /bin/sh \(userName)")
      let ids = try Self.shell("id -u \(userName); id -g \(userName)").split(separator: "\n").compactMap { UInt32($0) }
      guard ids.count == 2 else { throw StageError(reason: "useradd made no user") }
      (uid, gid) = (ids[0], ids[1])
    } else {
      (uid, gid) = (getuid(), getgid())
      try Self.shell("mkdir -p \(home)")
    }
    try Self.shell("mkdir -p \(runtime); chmod 700 \(runtime) \(home); chown \(uid):\(gid) \(runtime) \(home)")
    // An ordinary tester has a shell, and this run itself.
    earlier = Set(processes())
    Self.leftover = (root ? userName : nil, folder)
    atexit { Stage.tearDown() }
  }

  nonisolated(unsafe) private static var leftover: (user: String?, folder: String)?

  private static func tearDown() {
    guard let leftover else { return }
    if let user = leftover.user { _ = try? shell("userdel \(user) 2>/dev/null || true") }
    _ = try? shell("rm -rf \(leftover.folder)")
  }

  /// Where the built executables lie: beside the test bundle.
  package static func products() throws -> String {
    if let folder = getenv("SNUG_PRODUCTS") { return String(cString: folder) }
    let source = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let beside = "/" + own.split(separator: "/").dropLast().joined(separator: "/")
    for folder in [beside, "\(source)/.build/debug"] where access("\(folder)/snug", X_OK) == 0 { return folder }
    throw StageError(reason: "snug is not built: run swift build --build-tests")
  }

  /// Runs a line of shell as the tests' own user; its output. Fails where the line fails.
  @discardableResult
  package static func shell(_ line: String) throws -> String {
    let done = try spawn(["/bin/sh", "-ec", line])
    if done.status != 0 { throw StageError(reason: "\(line): \(done.everything)") }
    return done.output
  }

  // MARK: - The user's commands

  /// What a caller may look like.
  package struct Caller: Sendable {
    package var groups: [UInt32] = []
    package var umask = "022"
    /// Standard descriptors that are closed, as digits.
    package var closed = "-"
    /// Descriptors left open besides.
    package var open = 0
    /// `default`, `ignored`, `deaf` (ignored but for SIGCHLD) or `blocked`.
    package var signals = "default"
    /// A limit of /proc/sys/user, such as `max_user_namespaces`, that is 0 for this caller.
    package var forbidden: String?
    /// Started as root where the tests are root; else as the user.
    package var asRoot = false

    /// An unremarkable caller.
    package static let plain = Caller()
    /// Everything awkward at once.
    package static let awkward = Caller(groups: [4, 24, 27], umask: "077", open: 50, signals: "ignored")

    /// Makes a caller.
    package init(
      groups: [UInt32] = [], umask: String = "022", closed: String = "-", open: Int = 0, signals: String = "default",
      forbidden: String? = nil, asRoot: Bool = false
    ) {
      self.groups = groups
      self.umask = umask
      self.closed = closed
      self.open = open
      self.signals = signals
      self.forbidden = forbidden
      self.asRoot = asRoot
    }
  }

  /// The user's environment.
  package var environment: [String] {
    [
      "HOME=\(home)", "USER=\(userName)", "PATH=/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR=\(runtime)",
      "TERM=dumb",
      "LANG=C.UTF-8",
    ]
  }

  /// Starts a command as the user.
  package func start(
    _ argv: [String], caller: Caller = .plain, directory: String? = nil, extra: [String] = [], without: [String] = [],
    descriptors: [Int32: Int32] = [:]
  ) throws -> Running {
    let (words, variables) = command(argv, caller, directory, extra, without)
    return try Running(words, environment: variables, descriptors: descriptors)
  }

  /// Starts a command as the user on a terminal of its own.
  package func startOnTerminal(_ argv: [String], extra: [String] = []) throws -> OnTerminal {
    let (words, variables) = command(argv, .plain, nil, extra, [])
    return try OnTerminal(words, environment: variables)
  }

  private func command(
    _ argv: [String], _ caller: Caller, _ directory: String?, _ extra: [String], _ without: [String]
  ) -> (words: [String], environment: [String]) {
    let groups = (caller.groups.isEmpty ? [gid] : caller.groups).map(String.init).joined(separator: ",")
    let ids = caller.asRoot ? ["0", "0"] : [String(uid), String(gid)]
    let wrapper =
      (caller.forbidden.map { [probe, "limited", $0] } ?? []) + [probe, "awkward"] + ids + [
        groups, caller.umask, caller.closed, String(caller.open), caller.signals,
      ]
      + [directory ?? home]
    let variables = environment.filter { line in
      !(without + extra).contains { line.split(separator: "=").first == $0.split(separator: "=").first }
    }
    return (wrapper + argv, variables + extra)
  }

  /// Runs a command as the user to its end.
  package func run(
    _ argv: [String], caller: Caller = .plain, directory: String? = nil, extra: [String] = [], without: [String] = [],
    input: String = "", seconds: Int = 60, descriptors: [Int32: Int32] = [:]
  ) throws -> Finished {
    let running = try start(
      argv, caller: caller, directory: directory, extra: extra, without: without, descriptors: descriptors)
    if !input.isEmpty { running.send(Array(input.utf8)) }
    return running.finish(seconds: seconds)
  }

  /// `snug` with arguments, as the user.
  package func snug(
    _ words: [String], caller: Caller = .plain, directory: String? = nil, extra: [String] = [], without: [String] = [],
    input: String = "", seconds: Int = 60
  ) throws -> Finished {
    try run(
      [snug] + words, caller: caller, directory: directory, extra: extra, without: without, input: input,
      seconds: seconds)
  }

  /// The probe inside: `snug run OPTIONS --read PROBE -p PROFILE -- PROBE WORDS`.
  package func inside(
    _ profile: String = "default", _ options: [String] = [], _ words: [String], caller: Caller = .plain,
    directory: String? = nil, seconds: Int = 60
  ) throws -> Finished {
    try snug(
      ["run", "--read", probe] + options + ["-p", profile, "--", probe] + words, caller: caller, directory: directory,
      seconds: seconds)
  }

  /// The probe outside: the positive control.
  package func outside(_ words: [String], directory: String? = nil) throws -> Finished {
    try run([probe] + words, directory: directory)
  }

  /// Writes a file of the user's, making its folders.
  package func write(_ text: String, to path: String, mode: String = "644") throws {
    let parent = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    // What is new above it is the user's too, or programs could make nothing beside it.
    try Self.shell(
      """
      test -d '\(parent)' && exit
      mkdir -p '\(parent)'; d='\(parent)'
      case $d in '\(home)'/*) while [ "$d" != '\(home)' ]; do chown \(uid):\(gid) "$d"; d=$(dirname "$d"); done;; esac
      """)
    guard let file = fopen(path, "w") else { throw StageError(reason: "cannot write \(path)") }
    fputs(text, file)
    fclose(file)
    try Self.shell("chmod \(mode) '\(path)'; chown -R \(uid):\(gid) '\(parent)'")
  }

  /// Pids of the user's processes that live, zombies included: a zombie is somebody's who does not wait. But not one that
  /// is left to the machine's own PID 1, which reaps in its own time.
  package func processes() -> [String] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      var facts = stat()
      guard Int32(name) != nil, stat("/proc/\(name)", &facts) == 0 else { continue }
      // A process that hides from tracing belongs to root in /proc: its status file still names the user.
      guard let file = fopen("/proc/\(name)/status", "r") else { continue }
      defer { fclose(file) }
      var text = [CChar](repeating: 0, count: 4096)
      let count = fread(&text, 1, text.count - 1, file)
      let status = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let isWithInit = status.contains("\nState:\tZ") && status.contains("\nPPid:\t1\n")
      if !earlier.contains(name), !isWithInit, status.contains("\nUid:\t\(uid)\t") { found.append(name) }
    }
    return found
  }

  /// Waits until none of the user's processes is left; what is left after `seconds`.
  package func leftovers(seconds: Int = 3) -> [String] {
    for _ in 0..<(seconds * 20) {
      if processes().isEmpty { return [] }
      usleep(50_000)
    }
    return processes()
  }
}

/// The directory that holds a file.
private func parent(_ path: String) -> String {
  let names = path.split(separator: "/").dropLast().joined(separator: "/")
  return (path.hasPrefix("/") ? "/" : "") + (names.isEmpty && !path.hasPrefix("/") ? "." : names)
}
