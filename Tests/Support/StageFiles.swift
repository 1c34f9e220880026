import Glibc

/// What tests about files need of the stage.
extension Stage {
  /// Writes a profile into the user's own folder; returns its name.
  @discardableResult
  package func profile(_ name: String, _ text: String) throws -> String {
    try write("version = 1\n\(text)\n", to: "\(home)/.config/snug/profiles/\(name).toml")
    return name
  }

  /// Runs a line of shell as the user, outside: makes fixtures that belong to the user. Its output; fails where it does.
  @discardableResult
  package func outside(shell line: String, directory: String? = nil) throws -> String {
    let done = try run(["/bin/sh", "-ec", line], directory: directory)
    if done.status != 0 { throw StageError(reason: "\(line): \(done.everything)") }
    return done.output
  }

  /// Runs a command as the user, outside; its output. Fails where it fails. For words that a shell would change.
  @discardableResult
  package func outside(argv: [String]) throws -> String {
    let done = try run(["/usr/bin/env"] + argv)
    if done.status != 0 { throw StageError(reason: "\(argv): \(done.everything)") }
    return done.output
  }

  /// Runs a command as the user on a host with more mounts: `count` of them below a folder. Takes root.
  package func run(_ argv: [String], mounts: (folder: String, count: Int), descriptors: [Int32: Int32] = [:]) throws
    -> Finished
  {
    let wrapper = [probe, "mounts", mounts.folder, String(mounts.count), probe, "awkward", String(uid), String(gid)]
    let running = try Running(
      wrapper + [String(gid), "022", "-", "0", "default", home] + argv, environment: environment,
      descriptors: descriptors)
    return running.finish()
  }

  /// Whether the tests run as root, and the user is one that was made for them.
  package var isRoot: Bool { geteuid() == 0 }

  /// Runs a line of shell inside.
  package func inside(
    shell line: String, _ profile: String = "default", _ options: [String] = [], directory: String? = nil,
    extra: [String] = []
  ) throws -> Finished {
    try snug(["run"] + options + ["-p", profile, "--", "sh", "-c", line], directory: directory, extra: extra)
  }

  /// Everything about the trees below `paths` that a change would change: names, types, modes, owners, sizes, times of
  /// change, texts of links, content. Paths below `except` are left out.
  package func fingerprint(_ paths: [String], except: [String] = []) throws -> [String] {
    let left = except.map { "-path '\($0)' -prune -o" }.joined(separator: " ")
    let trees = paths.map { "'\($0)'" }.joined(separator: " ")
    // What appears in a directory changes its times; those of the excepted paths' parents do not count.
    let times = except.isEmpty ? " %C@" : ""
    return try Self.shell(
      "find \(trees) \(left) -printf '%p %y %m %U %G \(times) %l\\n' | sort; "
        + "find \(trees) \(left) -type f -print0 | sort -z | xargs -0r sha256sum"
    ).split(separator: "\n").map(String.init)
  }

  /// Takes away what a test made for the user.
  package func remove(_ paths: String...) throws {
    for path in paths { try Self.shell("rm -rf '\(path)'") }
  }

  /// The folder of the private homes.
  package var homes: String { "\(home)/.local/share/snug/homes" }
}
