extension Rule {
  static let hostSys = Rule(
    "host-sys", .warning,
    what: "The host's hardware and kernel settings are seen",
    why: """
      /sys names disks, serial numbers and devices. What in it is writable by you the app can switch, and programs \
      started by root follow what they find there.
      """,
    example: """
      [files]
      read = ["/sys"]
      """,
    safer: """
      [files]
      read = ["/srv"]
      """
  ) { subject in
    subject.kernelTree("/sys", "the host's hardware and kernel settings", hint: "grant the one directory that it needs")
  }
}
