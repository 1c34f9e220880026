import Glibc

/// How a started command ended and what it said.
package struct Finished: Sendable {
  /// Exit code, or 128 and the signal.
  package var status: Int32
  package var output: String
  package var errors: String
  /// Both, for the message of a failing test.
  package var everything: String { "status \(status)\n--- output\n\(output)--- errors\n\(errors)" }
}

/// A command that runs, with pipes to its standard streams. Ended by pid, never by name.
package final class Running {
  package let pid: pid_t
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private var collected: [UInt8] = []
  private var complaints: [UInt8] = []
  private var ended: Int32?

  /// Starts a command with exactly this environment. `descriptors`: what it gets besides 0, 1 and 2, by the number that
  /// it has there.
  package init(_ argv: [String], environment: [String] = [], descriptors: [Int32: Int32] = [:]) throws {
    var pipes = [Int32](repeating: -1, count: 6)
    for index in 0..<3
    where pipes.withUnsafeMutableBufferPointer({ pipe2(($0.baseAddress.unsafelyUnwrapped) + index * 2, O_CLOEXEC) })
      != 0
    {
      throw SpawnError(what: "pipe", code: errno)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pipes[0], 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[3], 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[5], 2)
    // Out of the way first: one number may be what another one is to become.
    let passed = descriptors.mapValues { fcntl($0, F_DUPFD_CLOEXEC, 400) }
    defer { for copy in passed.values { Glibc.close(copy) } }
    for (number, copy) in passed { posix_spawn_file_actions_adddup2(&actions, copy, number) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // A group of its own: a signal that a test sends to it reaches nothing of the test runner's.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    var child: pid_t = 0
    let result = posix_spawn(&child, argv[0], &actions, &attributes, &words, &variables)
    for word in words + variables { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    for index in [0, 3, 5] { Glibc.close(pipes[index]) }
    if result != 0 { throw SpawnError(what: argv[0], code: result) }
    pid = child
    input = pipes[1]
    output = pipes[2]
    errors = pipes[4]
  }

  /// Sends bytes to its standard input.
  package func send(_ bytes: [UInt8]) { _ = Glibc.write(input, bytes, bytes.count) }

  /// Ends its standard input.
  package func closeInput() {
    if input >= 0 { Glibc.close(input) }
    input = -1
  }

  /// Sends a signal to that process.
  package func signal(_ number: Int32) { Glibc.kill(pid, number) }

  /// Reads until its output holds a text; false after `seconds` or at the end.
  package func waitFor(_ text: String, seconds: Int = 20) -> Bool {
    let end = now() + seconds * 1000
    while !String(decoding: collected, as: UTF8.self).contains(text) {
      if now() > end || !readSome(until: end) { return String(decoding: collected, as: UTF8.self).contains(text) }
    }
    return true
  }

  /// Reads until its complaints hold a text; false after `seconds` or at the end.
  package func waitForErrors(_ text: String, seconds: Int = 20) -> Bool {
    let end = now() + seconds * 1000
    while !String(decoding: complaints, as: UTF8.self).contains(text) {
      if now() > end || !readSome(until: end) { return String(decoding: complaints, as: UTF8.self).contains(text) }
    }
    return true
  }

  /// What it has said so far.
  package var outputSoFar: String { String(decoding: collected, as: UTF8.self) }
  /// The same of standard error.
  package var errorsSoFar: String { String(decoding: complaints, as: UTF8.self) }

  /// Waits for its end and that of its output; kills it after `seconds`, which shows as status 137.
  package func finish(seconds: Int = 60) -> Finished {
    closeInput()
    let end = now() + seconds * 1000
    while readSome(until: end) {}
    while ended == nil {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid {
        ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      } else if now() > end {
        kill(pid, SIGKILL)
      }
      if ended == nil { usleep(500) }
    }
    Glibc.close(output)
    Glibc.close(errors)
    return Finished(
      status: ended ?? -1, output: String(decoding: collected, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  private var open: (output: Bool, errors: Bool) = (true, true)

  private func readSome(until end: Int) -> Bool {
    guard open.output || open.errors else { return false }
    var list = [
      pollfd(fd: open.output ? output : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: open.errors ? errors : -1, events: Int16(POLLIN), revents: 0),
    ]
    let left = end - now()
    if left <= 0 { return false }
    if poll(&list, 2, Int32(min(left, 200))) < 0 { return errno == EINTR }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    if list[0].revents != 0 {
      let count = read(output, &chunk, chunk.count)
      if count <= 0 { open.output = false } else { collected += chunk[..<count] }
    }
    if list[1].revents != 0 {
      let count = read(errors, &chunk, chunk.count)
      if count <= 0 { open.errors = false } else { complaints += chunk[..<count] }
    }
    return true
  }

  private func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

/// A command that could not be started.
package struct SpawnError: Error {
  package var what: String
  package var code: Int32

  /// Makes an error.
  package init(what: String, code: Int32) {
    self.what = what
    self.code = code
  }
}

/// Starts a command, gives it `input`, waits for its end.
package func spawn(
  _ argv: [String], environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], input: String = "",
  seconds: Int = 60
) throws -> Finished {
  let running = try Running(argv, environment: environment)
  running.send(Array(input.utf8))
  return running.finish(seconds: seconds)
}
