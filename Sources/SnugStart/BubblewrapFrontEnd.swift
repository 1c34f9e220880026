import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// The words behind `snug bwrap`, or behind the name `bwrap`; nil for every other command.
package func bubblewrapArguments(_ words: [[UInt8]]) -> [[UInt8]]? {
  let name = Array("bwrap".utf8)
  guard let first = words.first else { return nil }
  if first.split(separator: UInt8(ascii: "/")).last.map(Array.init) == name { return Array(words.dropFirst()) }
  return words.count > 1 && words[1] == name ? Array(words.dropFirst(2)) : nil
}

/// `snug bwrap`: from argv to the exit status. No Foundation and no ArgumentParser on this path.
package func bubblewrapCommand(_ words: [[UInt8]]) -> Int32 {
  // SIGCHLD. Who ignores or blocks it loses exit statuses, and callers leave it so behind.
  csnug_reset_signal(17)
  let environment = readEnvironment()
  // No label is set anywhere: one that is asked for is refused on every system, never forgotten.
  let caller = BubblewrapCaller(uid: csnug_geteuid(), gid: csnug_getegid(), supportsLabels: false)
  do throws(BubblewrapError) {
    switch try parseBubblewrap(words: words, environment: environment, caller: caller, readDescriptor: readData) {
    case .help(let warnings):
      tell(warnings)
      answer(bubblewrapHelp)
      return 0
    case .version(let warnings):
      tell(warnings)
      answer(bubblewrapVersionText(snug: snugVersion))
      return 0
    case .run(let request, let warnings):
      tell(warnings)
      return run(request, caller)
    }
  } catch {
    tell(error.messages)
    if error.showsUsage { say(bubblewrapHelp) }
    return 1
  }
}

private func run(_ request: BubblewrapRequest, _ caller: BubblewrapCaller) -> Int32 {
  do throws(BubblewrapFailure) {
    let plan = try compile(request, for: BubblewrapProbe.read())
    guard let policy = plan.bubblewrap else { return 1 }
    return try BubblewrapSandbox(plan, policy, callerUID: caller.uid, callerGID: caller.gid).run()
  } catch {
    say(error.line(usesLevelPrefix: request.usesLevelPrefix))
    return 1
  }
}

private func tell(_ messages: [BubblewrapMessage]) {
  for message in messages { say(message.line + "\n") }
}

private func readEnvironment() -> [[UInt8]] {
  var entries: [[UInt8]] = []
  while let pointer = csnug_environment_entry(Int32(entries.count)) {
    entries.append(Array(UnsafeRawBufferPointer(start: pointer, count: csnug_length(pointer))))
  }
  return entries
}

/// What a descriptor gives, to its end; it is closed then.
private func readData(_ number: Int32) throws(UnreadableDescriptor) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = csnug_read(number, &buffer, buffer.count)
    if count < 0 { throw UnreadableDescriptor(reason: errorText(Int32(-count))) }
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  _ = csnug_close(number)
  return bytes
}
