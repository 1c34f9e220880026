#if DEBUG
  @testable import SnugPlan
  @testable import SnugProfile
  @testable import SnugStart

  private let optionWords = [
    "\0", "\0--\0", "--", "-p", "--read", "--read=", "--write", "/x", "--status-fd", "--fd", "3", "-1", "0x1", "--keep",
    "--name", "=", "--help", "-v", "é", "\u{1b}[2J", "a:b", "\\:",
  ]

  let commandLineTargets = [
    FuzzTarget(
      "run-line", claim: "behind the program nothing is an option; words stay as they are",
      seeds: [
        joined(["--read", "/x", "--network=host", "-p", "app", "--", "prog", "--read", "/y"]),
        joined(["--status-fd", "5", "--fd", "7", "--detach", "--name", "n", "firefox", "-v"]),
        joined(["--keep", "--setenv", "A=b", "--home", "none", "name"]),
      ], pieces: optionWords, judge: judgeRun),
    FuzzTarget(
      "exec-line", claim: "behind the program nothing is an option; words stay as they are",
      seeds: [
        joined(["--time", "10s", "box", "--memory=1G", "--", "prog", "--time", "1s"]),
        joined(["box", "--output", "1M", "--processes", "5", "prog", "-h"]),
      ], pieces: optionWords + ["--time", "--memory", "--output", "--processes", "box"], judge: judgeExec),
    FuzzTarget(
      "bwrap-line", claim: "the command is what the words end with; what follows it changes nothing; no unsafe message",
      seeds: [
        joined([
          "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--perms", "0700", "--size", "4096", "--tmpfs",
          "/t", "--setenv", "A", "b", "--uid", "0", "--", "sh", "--bind",
        ]),
        joined([
          "--args", "0", "--overlay-src", "/a", "--overlay-src", "/b", "--ro-overlay", "/c", "--cap-add", "ALL",
          "--seccomp", "3", "--unshare-user", "--info-fd", "4", "--userns-block-fd", "5", "true",
        ]),
        joined(["--level-prefix", "--hostname", "x", "--unshare-uts", "--chdir", "/", "--chdir", "/x", "true"]),
      ],
      pieces: ["\0", "\0\0", "--", "0", "-1", "07777", "99999999999999999999", "/", "é", "\u{1b}[2J", "ALL", "a=b"]
        + bubblewrapOptionGroups.flatMap { $0.options.map { $0.name } },
      judge: judgeBubblewrap),
    FuzzTarget(
      "environment", claim: "set, unset and clear do what a plain list does",
      seeds: [joined(["A=1", "B=2", "odd", "=x", "A=3", "", "sA=4", "uB", "sC=", "c", "sD=1"])],
      pieces: ["\0", "\0s", "\0u", "\0c\0", "=", "A", "B"], judge: judgeEnvironment),
  ]

  private func judgeRun(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let given = words(bytes)
    guard let request = try? RunRequest.parse(given) else { return .refused }
    if request.help { return .taken }
    let isSuffix = given.suffix(request.words.count).elementsEqual(request.words)
    let descriptors = request.passedDescriptors + (request.statusDescriptor.map { [$0] } ?? [])
    var complaint: String?
    if !request.keep {
      let more = ["--read", "/more", "--", "-p"].map { Array($0.utf8) }
      var wanted = request
      wanted.words += more
      // What was a profile's own name stays one.
      complaint = unless((try? RunRequest.parse(given + more)) == wanted, "words behind the program were read")
    }
    return verdict(
      unless(isSuffix, "the words are not the last ones"),
      unless(descriptors.allSatisfy { $0 >= 0 }, "a descriptor below 0"), complaint)
  }

  private func judgeExec(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let given = words(bytes)
    guard let line = try? ExecLine.parse(given) else { return .refused }
    if line.help { return .taken }
    let more = ["--time", "1s", "--", "-h"].map { Array($0.utf8) }
    var wanted = line
    wanted.words += more
    return verdict(
      unless(given.suffix(line.words.count).elementsEqual(line.words), "the words are not the last ones"),
      unless((try? ExecLine.parse(given + more)) == wanted, "words behind the program were read"))
  }

  private func judgeBubblewrap(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let given = words(bytes)
    let data = bytes
    func outcome(_ words: [[UInt8]]) throws(BubblewrapError) -> BubblewrapOutcome {
      try parseBubblewrap(
        words: words, environment: [Array("A=1".utf8)],
        caller: BubblewrapCaller(uid: 1000, gid: 1000, supportsLabels: false)
      ) { descriptor throws(UnreadableDescriptor) in
        if descriptor == 0 { return data }
        throw UnreadableDescriptor(reason: "Bad file descriptor")
      }
    }
    do throws(BubblewrapError) {
      guard case .run(let request, let warnings) = try outcome(given) else { return .taken }
      let more = ["--bind", "/more", "/", "--"].map { Array($0.utf8) }
      var wanted = request
      wanted.command += more
      return verdict(
        unless(!request.command.isEmpty, "no command"),
        unless(given.suffix(request.command.count).elementsEqual(request.command), "the command is not the last words"),
        unless((try? outcome(given + more)) == .run(wanted, warnings: warnings), "words behind the command were read"),
        warnings.compactMap { unsafeText($0.line) }.first)
    } catch {
      if let complaint = error.messages.compactMap({ unsafeText($0.line) }).first { return .broken(complaint) }
      return error.showsUsage || !error.messages.isEmpty ? .refused : .broken("refused without a word")
    }
  }

  /// Entries up to the first empty word, then commands.
  private func judgeEnvironment(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let all = words(bytes)
    let entries = Array(all.prefix { !$0.isEmpty })
    var list = EnvironmentList(entries)
    var model = entries
    func name(_ entry: [UInt8]) -> ArraySlice<UInt8> {
      entry.firstIndex(of: UInt8(ascii: "=")).map { entry[..<$0] } ?? []
    }
    var changes = 0
    for word in all.dropFirst(entries.count) {
      guard let kind = word.first else { continue }
      let rest = Array(word.dropFirst())
      let key = Array(rest.firstIndex(of: UInt8(ascii: "=")).map { rest[..<$0] } ?? rest[...])
      switch kind {
      case UInt8(ascii: "s") where EnvironmentList.isName(key):
        let value = Array(rest.dropFirst(key.count + 1))
        list.set(key, value)
        let entry = key + [UInt8(ascii: "=")] + value
        if let place = model.firstIndex(where: { name($0).elementsEqual(key) }) {
          model[place] = entry
        } else {
          model.append(entry)
        }
      case UInt8(ascii: "u") where EnvironmentList.isName(key):
        list.unset(key)
        model.removeAll { name($0).elementsEqual(key) }
      case UInt8(ascii: "c"):
        list.clear()
        model = []
      default: continue
      }
      changes += 1
    }
    if changes == 0 { return .refused }
    return verdict(unless(list.environment == model, "\(list.environment) is not \(model)"))
  }
#endif
