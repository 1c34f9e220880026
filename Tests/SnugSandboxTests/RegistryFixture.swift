import CSnug
import Glibc
import SnugPlan
import SnugProfile
import Synchronization
import TestSupport
import Testing

@testable import SnugSandbox

/// A runtime directory of a test's own, 0700, that goes with all that is in it.
final class RuntimeFolder: @unchecked Sendable {
  let path: String

  init() throws {
    var name = Array(("/tmp/snug-registry-" + String(repeating: "X", count: 6)).utf8CString)
    let made = name.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
    try #require(made != nil)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  static func remove(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    for name in names(in: path) ?? [] { remove(path + "/" + name) }
    rmdir(path)
  }

  /// The caller with this runtime directory.
  var host: Host { HostProbe.read(environment: [("XDG_RUNTIME_DIR", Array(path.utf8))]) }

  func open() throws -> Registry { try #require(try Registry.open(host)) }

  /// Names in the registry's directory.
  var kept: [String] { (names(in: path + "/snug") ?? []).sorted() }
}

extension Claim {
  /// What the kernel does when the launcher is killed.
  func die() { for descriptor in descriptors.dropLast() { csnug_close(descriptor) } }

  /// Shows this process as the instance's first one.
  func publishOwn(profile: String = "test", pid: Int32 = getpid()) throws {
    try publish(Entry(name, profile: profile, appID: "snug.test", pid: pid))
  }
}

/// What a step throws as a diagnostic; nil where it throws none.
func refusal(_ body: () throws -> Void) -> Diagnostic? {
  do { try body() } catch let error as Diagnostic { return error } catch {
    Issue.record("\(error)")
  }
  return nil
}

/// Runs bodies on threads of their own, which the kernel interleaves as it likes, and waits for their end.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  final class Work: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void
    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.index, self.body) = (index, body) }
  }
  var threads: [pthread_t] = []
  for index in 0..<count {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(index, body)).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let work = Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue()
        work.body(work.index)
        return nil
      }, work)
    if result == 0 { threads.append(thread) } else { Issue.record("no thread: \(result)") }
  }
  for thread in threads { pthread_join(thread, nil) }
}

/// What threads found wrong, for the test that started them.
final class Findings: Sendable {
  private let found = Mutex<[String]>([])
  func add(_ text: String) { found.withLock { $0.append(text) } }
  var all: [String] { found.withLock { $0 } }
}
