extension Rule {
  static let hostProc = Rule(
    "host-proc", .error,
    what: "The host's process table is seen",
    why: """
      Through /proc of the host the app sees every process of yours with its arguments and environment, and gets at \
      their files and memory by /proc/PID/root, fd and mem.
      """,
    example: """
      [[files.op]]
      op = "bind"
      host = "/proc"
      target = "/host-proc"
      """,
    safer: """
      [[files.op]]
      op = "proc"
      target = "/proc"
      """
  ) { subject in
    subject.kernelTree("/proc", "the host's processes", hint: "an op = \"proc\" shows those of the sandbox")
  }
}
