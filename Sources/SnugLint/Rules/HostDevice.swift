extension Rule {
  static let hostDevice = Rule(
    "host-device", .hint,
    what: "A device of the machine by its node",
    why: """
      No wall stands between the app and the driver, and drivers are where many holes are found. The keys of \
      [devices] give what a kind of device needs, and no more. Where a node has to be, say so.
      """,
    example: """
      [devices]
      nodes = ["/dev/kvm"]
      """,
    safer: """
      [devices]
      nodes = ["/dev/null"]
      """
  ) { subject in
    subject.devices { !isRawDevice($0) && !harmlessDevices.contains($0) }.findings {
      Finding("the app drives \($1) itself", at: $0, hint: "where it has to, write # snug: allow host-device and why")
    }
  }
}

/// What every sandbox has of its own.
private let harmlessDevices: Set<String> = [
  "/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero",
]
