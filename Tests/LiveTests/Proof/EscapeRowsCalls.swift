extension EscapeRow {
  /// System calls and what else of the kernel can be reached.
  static let calls: [EscapeRow] = [
    EscapeRow(
      81, .critical, "nothing is typed on the caller's terminal", attempts: ["push-input"],
      tests: ["nothing can be typed on the caller's terminal", "the terminal is held by two layers, each alone"],
      walls: ["terminal"]),
    EscapeRow(
      82, .critical, "not with high bits in the request either", attempts: ["push-input-high"],
      tests: ["the terminal is held by two layers, each alone"], walls: ["terminal"]),
    EscapeRow(
      83, .high, "nothing is pasted on a console", attempts: ["paste"],
      tests: ["no descriptor and no name inside is the caller's terminal"], walls: ["terminal"]),
    EscapeRow(84, .medium, "nor is the console or the line discipline taken", attempts: ["take-console"]),
    EscapeRow(
      85, .critical, "every call up to 600 has the answer of its preset",
      tests: ["every call from 0 to 600 is answered as recorded", "everyNumberIsAnsweredAsTheTablesSay"],
      walls: ["seccomp", "self-check"]),
    EscapeRow(86, .critical, "clone3 is absent", attempts: ["clone3", "clone3-namespace"]),
    EscapeRow(
      87, .critical, "no other entry gets past the filter", attempts: ["other-entry"],
      tests: ["every call from 0 to 600 is answered as recorded", "deniedCallsAreRefusedOnEveryInterface"]),
    EscapeRow(
      88, .high, "every rule is in the program",
      tests: [
        "everyRuleIsInTheProgram", "everyNumberIsAnsweredAsTheTablesSay", "programsOfPresetsAreThoseOfTheLibrary",
      ],
      walls: ["tables of our own", "compared with libseccomp"]),
    EscapeRow(
      89, .medium, "socketcall is judged",
      tests: ["every call from 0 to 600 is answered as recorded", "socketFamiliesAndPersonality"],
      walls: ["seccomp"]),
    EscapeRow(
      90, .critical, "no user namespace can be made",
      attempts: ["user-namespace", "user-namespace-clone", "clone3-namespace"]),
    EscapeRow(91, .high, "no key of the caller's is found", attempts: ["keys"]),
    EscapeRow(92, .high, "io_uring is absent", attempts: ["io-uring"]),
    EscapeRow(
      93, .high, "rare and dangerous calls are refused", attempts: ["userfaultfd", "perf-event", "file-handle"],
      tests: ["every call from 0 to 600 is answered as recorded"]),
    EscapeRow(94, .medium, "personality stays", attempts: ["personality"]),
    EscapeRow(95, .medium, "nobody looks across processes", attempts: ["kcmp", "take-descriptor", "process-memory"]),
    EscapeRow(96, .low, "old modes of the processor are refused", attempts: ["modify-ldt"]),
    EscapeRow(
      97, .high, "rare socket families are absent", attempts: ["vsock"], tests: ["socketFamiliesAndPersonality"]),
    EscapeRow(
      98, .high, "the filter is loaded, on the one thread there is", attempts: ["unfiltered"],
      tests: ["a good status passes and each changed field is refused by name"]),
    EscapeRow(99, .medium, "segments and queues of others are not there", attempts: ["shared-memory", "queue"]),
    EscapeRow(100, .low, "the clock is left alone", attempts: ["clock"]),
    EscapeRow(
      101, .high, "a lesser landlock is said or stops the start",
      tests: [
        "what this kernel lacks is said everywhere", "a protection that may not go stops the start",
        "believedLandlockIsNeverHigher",
      ],
      walls: ["looked at when compiled", "the ruleset is made or the start stops"]),
    EscapeRow(
      102, .medium, "what landlock does not guard the mounts hold",
      attempts: ["path-socket"], tests: ["file rules are a second wall behind the mounts"]),
    EscapeRow(103, .medium, "no file moves to where it may be written", attempts: ["hard-link"]),
  ]
}
