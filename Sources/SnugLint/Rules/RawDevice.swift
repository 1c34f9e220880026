import SnugPlan

extension Rule {
  static let rawDevice = Rule(
    "raw-device", .error,
    what: "A raw device of the machine, or all of them",
    why: """
      With memory, disks, the keyboard or uinput the app reads and writes past every wall, or types as you. /dev as \
      a whole has all of them.
      """,
    example: """
      [devices]
      nodes = ["/dev/uinput"]
      """,
    safer: """
      [devices]
      nodes = ["/dev/null"]
      """
  ) { subject in
    subject.devices { isRawDevice($0) }.findings {
      Finding(
        "the app drives \($1), past every wall of the sandbox", at: $0,
        hint: "take it out, or use the key of [devices] for what it is for")
    }
  }
}

/// Devices that reach past the sandbox: memory, disks, what is typed and what can type, consoles, buses.
func isRawDevice(_ path: String) -> Bool {
  guard let first = components(path).dropFirst().first.map(String.init) else { return true }
  let whole: Set<String> = [
    "bus", "disk", "hidraw", "input", "kmem", "kmsg", "mapper", "mem", "port", "snapshot", "tty", "uhid", "uinput",
    "vfio",
  ]
  let numbered = ["dm-", "hidraw", "loop", "mmcblk", "nvme", "sd", "sg", "sr", "tty", "vcs", "vd", "zram"]
  if first == "tty" { return false }
  return whole.contains(first)
    || numbered.contains { prefix in
      first.hasPrefix(prefix) && first.utf8.count > prefix.utf8.count
    }
}
