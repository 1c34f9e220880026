import Glibc
import TestSupport

/// Starts the attempts of Tests/Probe/escape.c inside with layers left out, and outside.
///
/// Layers are left out by the debug executable alone, `TestLayers` in SnugSandbox: it stands beside what is tested.
struct EscapeLayers {
  /// As `Layer` spells them; a name that it does not know ends the executable.
  static let layers = [
    "mounts", "read-only", "nosuid", "nodev", "noexec", "masks", "devices", "landlock-files", "landlock-scope",
    "seccomp", "capabilities", "no-new-privs", "pid", "ipc", "network", "uts", "cgroup", "keyring", "dumpable",
    "terminal", "environment", "limits", "descriptors-launcher", "descriptors-init", "descriptors-exec",
  ]
  /// What keeps destinations inside while the root is made; no attempt of the probe is about them.
  static let buildingLayers = ["resolution", "old-root"]

  /// What came of a start: each attempt's `open` or errno by its name, or why nothing was started.
  enum Outcome {
    case ran([String: String])
    case stopped(String)

    /// Of one attempt; a start that was stopped holds it.
    func result(_ attempt: String) -> String {
      switch self {
      case .ran(let results): results[attempt] ?? "missing"
      case .stopped: "stopped"
      }
    }
  }

  let stage: Stage
  /// The debug executable, where the user can start it.
  let snug: String
  /// What tests put here belongs to the user.
  let folder: String
  private let canaries: Running
  private var words: [String] = []

  init(_ stage: Stage) throws {
    self.stage = stage
    folder = "\(stage.folder)/escape"
    snug = try stage.layeredSnug()
    try Stage.shell("rm -rf \(folder); install -d -o \(stage.uid) -g \(stage.gid) \(folder)")
    try stage.outside(
      shell: """
        cd \(folder); mkdir other shown covered work; for f in other/canary shown/file covered/secret; do echo x > $f; done
        echo x > ~/escape-canary; mkdir -p ~/.local/bin; echo x > ~/.local/bin/escape-tool
        """)
    canaries = try stage.start([stage.probe, "canaries", "\(stage.runtime)/escape-socket"])
    guard canaries.waitFor("ready\n") else { throw Stage.StageError(reason: "no canaries: \(canaries.errorsSoFar)") }
    words = canaries.outputSoFar.split(separator: "\n").map(String.init).filter { $0.contains("=") }
    words += [
      "other=\(folder)/other/canary", "secret=\(stage.home)/escape-canary", "tool=\(stage.home)/.local/bin/escape-tool",
      "shown=\(folder)/shown/file", "hidden=\(folder)/covered/secret", "work=\(folder)/work",
      "registry=\(stage.runtime)/snug",
    ]
  }

  /// Takes everything away that it has made.
  func end() throws {
    _ = canaries.finish()
    try stage.remove(folder, "\(stage.home)/escape-canary", "\(stage.home)/.local/bin/escape-tool")
  }

  /// The caller leaves descriptors open, a key in its session keyring, hostile variables, and a working directory that
  /// is granted to nobody.
  private func run(_ command: [String], off: [String]) throws -> Finished {
    try stage.run(
      [stage.probe, "keyed"] + command, caller: Stage.Caller(open: 10), directory: "\(folder)/other",
      extra: [
        "LD_LIBRARY_PATH=/nonexistent", "GTK_MODULES=canary", "CANARY_TOKEN=secret",
        "SNUG_TEST_LAYERS_OFF=\(off.joined(separator: ","))",
      ])
  }

  /// The attempts inside, without these layers.
  func inside(without off: [String]) throws -> Outcome {
    let done = try run(
      [
        snug, "run", "--read", stage.probe, "--read", "\(folder)/shown", "--read", "\(folder)/covered", "--hide",
        "\(folder)/covered/secret", "--write", "\(folder)/work", "-p", "default", "--", stage.probe, "escape",
      ] + words, off: off)
    return done.output.isEmpty ? .stopped(done.errors) : .ran(results(done.output))
  }

  /// The attempts inside with these layers alone.
  func inside(withOnly layers: [String]) throws -> Outcome {
    try inside(without: (Self.layers + ["self-check"]).filter { !layers.contains($0) })
  }

  /// The attempts outside: the positive control.
  func outside() throws -> [String: String] {
    // A shell above it, as the user's: what stands for PID 1.
    results(try run(["/bin/sh", "-c", "\"$0\" escape \"$@\"; exit $?", stage.probe] + words, off: []).output)
  }

  private func results(_ output: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 2 { found[words[0]] = words[1] }
    }
    return found
  }
}

extension Stage {
  /// The debug executable beside the tests, whose layers can be left out, where the user can start it with the shipped
  /// profiles.
  func layeredSnug() throws -> String {
    let place = "\(folder)/layered"
    try Self.shell(
      "mkdir -p \(place)/bin; ln -sfn ../prefix/share \(place)/share; install -m 755 \(try Self.products())/snug \(place)/bin/snug"
    )
    return "\(place)/bin/snug"
  }
}
