extension Rule {
  static let refusedGrant = Rule(
    .refusedGrant,
    what: "A grant that is never given: the whole machine, the host's processes or devices, a place on /proc",
    why: """
      With the host's /proc or /dev the app reaches other processes and the disks themselves, and a mount onto \
      /proc takes away its masks (CVE-2019-16884).
      """,
    example: """
      [files]
      read = ["/proc"]
      """,
    safer: """
      [files]
      read = ["/srv"]
      """)
}
