import SnugProfile

/// The second line of every shim begins so; what follows is the profile's name.
public let shimMark = "# snug-shim "

/// Where `snug desktop install --shim` writes programs that start a profile in place of the program of that name.
public func shimDirectory(_ host: Host) -> String { joined(host.home, ".local/bin") }

/// The profile that a file is a shim for; nil for every other file.
public func shimProfile(_ bytes: [UInt8]) -> String? {
  // A shim is a few lines; programs are long.
  guard bytes.count < 4096, bytes.starts(with: "#!/bin/sh\n".utf8) else { return nil }
  let line = bytes.dropFirst("#!/bin/sh\n".utf8.count).prefix { $0 != 0x0A }
  guard line.starts(with: shimMark.utf8) else { return nil }
  return String(validating: line.dropFirst(shimMark.utf8.count), as: UTF8.self)
}

/// Whether a path leads to a shim. Only one directory is looked into: a start pays for reading no other program.
public func isShim(_ path: String, on host: Host) -> Bool {
  let directory = shimDirectory(host)
  guard path.utf8.starts(with: (directory + "/").utf8) else { return false }
  return host.read(path).flatMap(shimProfile) != nil
}
