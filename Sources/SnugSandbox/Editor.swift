import CSnug
import Glibc

/// Runs the caller's editor on a file and waits for its end, on the terminal that this process has.
///
/// - Parameters:
///   - command: a line of shell, as `$EDITOR` is one by custom: `code --wait`.
///   - path: given to it as its last word.
///   - environment: what it is started with.
/// - Returns: its exit status, 128+N for signal N, or a failure to start as a negative errno.
public func runEditor(_ command: String, on path: String, environment: [(name: String, value: [UInt8])]) -> Int32 {
  // Ctrl-C and Ctrl-\ belong to the editor while it has the terminal.
  let interrupt = signal(SIGINT, SIG_IGN)
  let quit = signal(SIGQUIT, SIG_IGN)
  defer {
    _ = signal(SIGINT, interrupt)
    _ = signal(SIGQUIT, quit)
  }
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var all = sigset_t()
  unsafe sigfillset(&all)
  // What this process ignores, its child would ignore too.
  unsafe posix_spawnattr_setsigdefault(&attributes, &all)
  unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
  var words = unsafe ["sh", "-c", command + " \"$@\"", command, path].map { unsafe terminated(Array($0.utf8)) } + [nil]
  var variables = unsafe environment.map { unsafe terminated(Array("\($0.name)=".utf8) + $0.value) } + [nil]
  defer {
    unsafe words.forEach { unsafe free($0) }
    unsafe variables.forEach { unsafe free($0) }
  }
  var child: pid_t = 0
  let result = unsafe posix_spawn(&child, "/bin/sh", nil, &attributes, &words, &variables)
  if result != 0 { return -result }
  var ended = csnug_ended()
  _ = unsafe csnug_wait(child, true, false, &ended)
  return ended.how == 0 ? ended.code : 128 + ended.code
}

/// A copy for execve(2), freed by the caller.
private func terminated(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
  unsafe strdup(bytes.map { CChar(bitPattern: $0) } + [0])
}
