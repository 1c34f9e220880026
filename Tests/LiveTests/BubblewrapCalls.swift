import Glibc
import TestSupport
import Testing

extension Stage {
  /// A root that runs what Debian installs, and the probe at `/probe`.
  var smallRoot: [String] {
    [
      "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink",
      "usr/lib64", "/lib64", "--ro-bind", probe, "/probe",
    ]
  }

  /// Starts `bwrap` with words, as the user, and goes on.
  func startBwrap(
    _ words: [String], _ descriptors: [Int32: OpenFile] = [:], caller: Caller = .plain, directory: String? = nil,
    extra: [String] = [], without: [String] = [], executable: String? = nil
  ) throws -> Running {
    try withExtendedLifetime(descriptors) {
      try start(
        [executable ?? bwrap] + words, caller: caller, directory: directory, extra: extra, without: without,
        descriptors: descriptors.mapValues(\.number))
    }
  }

  /// `bwrap` with words, as the user, to its end.
  func bwrap(
    _ words: [String], _ descriptors: [Int32: OpenFile] = [:], caller: Caller = .plain, directory: String? = nil,
    extra: [String] = [], without: [String] = [], executable: String? = nil
  ) throws -> Finished {
    try startBwrap(
      words, descriptors, caller: caller, directory: directory, extra: extra, without: without, executable: executable
    ).finish()
  }

  /// The same with `smallRoot` before the words.
  func box(
    _ words: [String], _ descriptors: [Int32: OpenFile] = [:], caller: Caller = .plain, directory: String? = nil,
    extra: [String] = [], without: [String] = []
  ) throws -> Finished {
    try bwrap(
      smallRoot + words, descriptors, caller: caller, directory: directory, extra: extra, without: without)
  }
}
