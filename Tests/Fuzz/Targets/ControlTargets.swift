#if DEBUG
  @testable import SnugPlan
  @testable import SnugProfile
  @testable import SnugSandbox
  @testable import SnugStart

  private let jsonPieces = [
    "{", "}", "[", "]", "\"", ":", ",", "\\u0000", "\\ud800", "\\", "null", "true", "-", "1e5", "0", "\0", "é",
    "\u{202E}", "18446744073709551616", "-9223372036854775808", "\"hex\":", "\"words\":", "\"version\":1",
  ]

  let controlTargets = [
    FuzzTarget(
      "control", claim: "a request or an answer comes back as it was read; what is none is refused",
      seeds: ([
        ControlRequest.ping, .stop(now: true), .signal(15), .cancel(2), .end(limit: "output"), .open("/a \u{e4}"),
        .job(foreground: true),
        .exec(
          ExecRequest(
            words: [Array("sh".utf8), [0xff, 1]], environment: [Array("A=b".utf8)],
            limits: CommandLimits(time: 5, memory: .max, processes: 9, output: 1))),
      ].map { $0.json.line }
        + [
          ControlReply.done, .started(pid: 5), .stopped(signal: 20), .error(message: "no", hint: "so", status: 125),
          .ended(
            CommandEnd(
              end: .killed(signal: 9), userMilliseconds: 1, systemMilliseconds: 2, wallMilliseconds: 3, peakBytes: 4,
              limit: "time")),
        ].map { $0.json.line }).map { Array($0.utf8) }, pieces: jsonPieces, judge: judgeControl),
    FuzzTarget(
      "wire", claim: "a command or a report between launcher and PID 1 comes back as it was read",
      seeds: [
        CommandRequest(words: [Array("sh".utf8), [0xff]], environment: [Array("A=b".utf8)], addressSpace: 1 << 30)
          .encoded,
        SetupError(step: .placeOps, op: 3, cause: KernelError("open", "/home/ü", code: 13)).encoded,
      ], pieces: ["\0", "1\0", "0\0", "-1\0", "waits=1", "terminal", "99999999999999999999\0", "+1\0"],
      judge: judgeWire),
    FuzzTarget(
      "registry", claim: "an entry of another process comes back as it was read; what is none is refused in safe text",
      seeds: [
        Array(
          """
          {"version":1,"instance":"fuzz","profile":"a","app-id":"b","pid":5,"pid-start":9,"launcher":6,\
          "launcher-start":8,"started":"2026-11-21T14:46:49Z","detached":true,"kept":false,"single":false,\
          "paused":false,"not-enforced":["landlock"]}
          """.utf8)
      ], pieces: jsonPieces + ["2000-02-30T00:00:00Z", "\"pid\":-1"], judge: judgeEntry),
    FuzzTarget(
      "json", claim: "what is written is read back the same, on one line, without unsafe text",
      seeds: [
        "{\"a\":[1,-2,null,true,{\"b\":\"c\\n\\u00e4\\ud83d\\ude00\"}],\"d\":{}}", "[[[[[]]]]]", "\"\\u202e\"",
      ].map { Array($0.utf8) }, pieces: jsonPieces, judge: judgeJSON),
    FuzzTarget(
      "status", claim: "a status record is one line of JSON that says the same, whatever the message",
      seeds: [Array("cannot bind /opt/app on /app\0x.toml".utf8)],
      pieces: ["\n", "\"", "\\", "\0", "\u{1b}", "é", "\u{2028}"],
      judge: judgeStatus),
  ]

  private func judgeControl(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let json = try? JSON(parsing: bytes) else { return .refused }
    let request = try? ControlRequest(json)
    let reply = try? ControlReply(json)
    if request == nil, reply == nil { return .refused }
    var complaints: [String?] = []
    if let request {
      let again = (try? JSON(parsing: request.json.line.utf8)).flatMap { try? ControlRequest($0) }
      complaints.append(unless(again == request, "a request is another one: \(request)"))
      if case .exec(let exec) = request {
        complaints.append(
          unless(exec.words.allSatisfy { !$0.contains(0) } && exec.words.first?.isEmpty == false, "words"))
      }
    }
    if let reply {
      let again = (try? JSON(parsing: reply.json.line.utf8)).flatMap { try? ControlReply($0) }
      complaints.append(unless(again == reply, "an answer is another one: \(reply)"))
    }
    return complaints.compactMap { $0 }.first.map { .broken($0) } ?? .taken
  }

  private func judgeWire(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    if let error = SetupError(encoded: bytes) {
      return verdict(unless(SetupError(encoded: error.encoded) == error, "a report is another one"))
    }
    guard let request = CommandRequest(encoded: bytes) else { return .refused }
    return verdict(
      unless(CommandRequest(encoded: request.encoded) == request, "a command is another one"),
      unless((request.words + request.environment).allSatisfy { !$0.contains(0) }, "a zero byte"))
  }

  private func judgeEntry(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let name = try? InstanceName("fuzz") else { return .broken("no name") }
    do throws(Diagnostic) {
      let entry = try Entry(parsing: bytes, of: name)
      let again = try? Entry(parsing: Array(entry.json.line.utf8), of: name)
      return verdict(
        unless(again == entry, "another one"), unless(entry.first.pid > 0 && entry.launcher.pid > 0, "a pid of 0"))
    } catch {
      return unsafeText(error.text).map { .broken($0) } ?? .refused
    }
  }

  private func judgeJSON(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    do throws(JSONError) {
      let value = try JSON(parsing: bytes)
      return verdict(
        unless((try? JSON(parsing: value.line.utf8)) == value, "another one on one line"),
        unless((try? JSON(parsing: value.pretty.utf8)) == value, "another one on many"),
        unless(!value.line.utf8.contains(UInt8(ascii: "\n")), "more than one line"), unsafeText(value.pretty))
    } catch {
      return (0...bytes.count).contains(error.offset) ? .refused : .broken("an offset of \(error.offset)")
    }
  }

  /// A message, and behind a zero byte the file that it is about.
  private func judgeStatus(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let text = validText(bytes) else { return .refused }
    let parts = text.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let origin = parts.count == 2 ? Origin(file: parts[1], line: 3, column: 4) : nil
    let record = StatusRecord.failed(status: 125, Diagnostic(parts[0], at: origin))
    guard record.hasSuffix("\n"), let json = try? JSON(parsing: record.utf8) else {
      return .broken("no JSON: \(record)")
    }
    return verdict(
      unless(record.utf8.count { $0 == UInt8(ascii: "\n") } == 1, "more than one line"),
      unless(json["message"]?.text.map { Array($0.utf8) } == Array(parts[0].utf8), "another message"),
      unless(json["origin"]?["file"]?.text.map { Array($0.utf8) } == origin.map { Array($0.file.utf8) }, "another file")
    )
  }
#endif
