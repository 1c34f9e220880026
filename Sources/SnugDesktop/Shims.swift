import SnugPlan

/// A program that starts another one of the same name in its box.
public func shimText(_ program: String, _ wrapping: Wrapping) -> [UInt8] {
  var words = [shellQuoted(wrapping.executable), "run"]
  if let command = wrapping.command, lastName(command) == program {
    words.append(shellQuoted(wrapping.profile))
  } else {
    words += ["-p", shellQuoted(wrapping.profile), "--", shellQuoted(program)]
  }
  return Array("#!/bin/sh\n\(shimMark)\(wrapping.profile)\nexec \(words.joined(separator: " ")) \"$@\"\n".utf8)
}

/// A word for sh(1): plain where that is possible.
private func shellQuoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || "/._-+".utf8.contains(byte)
  }
  if isPlain, !text.isEmpty { return text }
  return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
