extension EscapeRow {
  /// Processes, credentials, descriptors.
  static let processes: [EscapeRow] = [
    EscapeRow(44, .critical, "the executable of PID 1 is out of reach", attempts: ["init-program"]),
    EscapeRow(
      45, .critical, "so are its memory, its descriptors and those of commands",
      attempts: ["init-memory", "init-descriptors", "init-trace"],
      tests: ["nobody inside can open a leader while commands start", "a command reaches neither PID 1 nor its leader"]),
    EscapeRow(
      46, .high, "a set-uid copy does nothing", tests: ["a set-uid copy refuses to do anything"],
      walls: ["refused at its first instruction", "no part is made to run set-uid"]),
    EscapeRow(
      47, .critical, "a record that was forged is believed by nobody",
      tests: [
        "an instance that was forged inside is sent nothing",
        "a directory that is reached or owned by others is refused",
        "a socket on which another user listens is not trusted",
      ], walls: ["owner of the directory", "credentials of the peer", "pid namespace of the peer"]),
    EscapeRow(
      48, .critical, "a command is under the locks of the app",
      tests: ["a command is under exactly the locks of the app", "a command reaches neither PID 1 nor its leader"],
      walls: ["copy of PID 1 after its last lock", "filters are in no file"]),
    EscapeRow(49, .medium, "no capability in any set", attempts: ["capabilities"]),
    EscapeRow(
      50, .high, "ids are read strictly",
      tests: [
        "a profile that is wrong is refused once, at its line",
        "the user inside is one of three, and always the caller outside",
      ],
      walls: ["words in place of numbers", "a map of one id"]),
    EscapeRow(
      51, .medium, "groups cannot be dropped to gain access",
      tests: ["maps say exactly one line", "whoever calls, the program finds the same clean process"],
      walls: ["setgroups denied", "self-check"]),
    EscapeRow(
      52, .critical, "a set-uid program gains nothing", attempts: ["set-id-honoured"],
      tests: ["a set-uid program gains nothing inside"]),
    EscapeRow(
      53, .high, "variables of loaders stay outside", attempts: ["loader-variables"],
      tests: ["the environment is what is set and kept, and nothing else", "the proxy's own box"],
      walls: ["helpers without an environment"]),
    EscapeRow(
      54, .critical, "no helper gets words of the app",
      tests: [
        "the proxy's own box", "the filter's own box",
        "arguments are taken as they are and the environment is what is given",
      ],
      walls: ["environment made of a list", "started before the app"]),
    EscapeRow(
      55, .medium, "of the caller's variables those named arrive", attempts: ["loader-variables", "secret-variable"]),
    EscapeRow(
      56, .medium, "odd environments are harmless",
      tests: ["oddEnvironments", "arguments and variables are as long as the kernel takes"], walls: ["names judged"]),
    EscapeRow(
      57, .high, "no word is read by a shell",
      tests: ["words of the command line are words", "any words survive being written"],
      walls: ["argument vectors alone", "no shell is started"]),
    EscapeRow(
      58, .high, "after -- nothing is an option",
      tests: [
        "after -- nothing is read as an option", "words of the command line are words", "optionsEndAtTheCommand",
      ],
      walls: ["one reader of options", "compared with a second reader"]),
    EscapeRow(
      59, .critical, "a command that looks like an option is a command",
      tests: [
        "words of the command line are words", "a name takes everything behind it as arguments",
        "hostile entries give the same words, or are left alone",
      ], walls: ["one reader of options", "-- before what comes from outside"]),
    EscapeRow(
      60, .critical, "no mark in a desktop entry grants a file",
      tests: [
        "hostile entries are refused, or wrapped word for word", "lines that launchers disagree about are refused",
      ],
      walls: ["read by the specification", "doubtful lines refused"]),
    EscapeRow(
      61, .high, "names of files stay one word",
      tests: ["hostile entries give the same words, or are left alone", "words are shown as the profile says"],
      walls: ["argument vectors alone", "no shell is started"]),
    EscapeRow(
      62, .high, "what is shown has no hidden part",
      tests: ["brokenBytesAreRefusedAtTheirPlace", "no byte of a name steers a terminal"],
      walls: ["refused when read", "one escaper"]),
    EscapeRow(
      63, .medium, "no text from outside steers a terminal",
      tests: ["no byte of a name steers a terminal", "outside text is printed through the escaper"],
      walls: ["one escaper"]),
    EscapeRow(
      64, .high, "adding a hide never widens",
      tests: ["aHideNeverWidens", "addingAHideNeverWidens", "adding a hide gains nothing"],
      walls: ["one rule for all", "held against a second model"]),
    EscapeRow(
      65, .medium, "wider is decided on the compiled plan",
      tests: ["gains and losses are those of each path", "what one way gains the other way loses"],
      walls: ["plans compared"]),
    EscapeRow(
      66, .high, "a hide of a missing name holds or is told",
      tests: ["missingHideBelowAWritableGrantStops", "what is missing follows if-missing"],
      walls: ["the start stops", "lint says so"]),
    EscapeRow(
      67, .low, "a grant is of what was there at the start",
      tests: ["what appears inside is the file that was judged"], walls: ["sources by descriptor"]),
    EscapeRow(
      68, .high, "no profile is taken from the current directory, or from others",
      tests: [
        "what is no file, or not to be trusted, is no profile", "a name that is none says how the command is meant",
      ],
      walls: ["names are not paths", "owner and mode looked at"]),
    EscapeRow(
      69, .medium, "a pid that is used again is nobody's",
      tests: [
        "a process is known by its start too",
        "an instance whose first process is gone is none, and its launcher keeps the name",
      ],
      walls: ["start time compared", "pid descriptors"]),
    EscapeRow(
      70, .high, "nothing of the app is written where cores go", attempts: ["core-size", "init-memory"]),
    EscapeRow(
      71, .critical, "no process outside can be traced or read",
      attempts: ["process-trace", "process-memory", "process-handle"]),
    EscapeRow(
      72, .low, "too old a kernel is said",
      tests: ["a kernel that is too old is said, and what the profile asks for is explained"], walls: ["looked at"]),
    EscapeRow(73, .medium, "no process outside can be signalled", attempts: ["process-signal"]),
    EscapeRow(
      74, .medium, "signals that the caller ignores are not ignored inside",
      tests: ["whoever calls, the program finds the same clean process"], walls: ["reset in launcher and app"]),
    EscapeRow(
      75, .high, "closed standard descriptors are filled",
      tests: [
        "closed standard descriptors are filled",
        "whatever standard descriptors are closed, the app has three and no file of ours",
      ],
      walls: ["filled first of all", "self-check"]),
    EscapeRow(
      76, .low, "an empty argument vector is an error", tests: ["an empty argument vector ends in words"],
      walls: ["looked at"]),
    EscapeRow(
      77, .low, "descriptor 0 is a descriptor", tests: ["namespaces of others are entered"],
      walls: ["optional, not a number"]),
    EscapeRow(
      78, .medium, "the number of processes can be limited",
      tests: [
        "each greed ends by its own limit, and the environment answers after each",
        "limits of the profile are those of the app, soft and hard",
      ],
      walls: ["cgroup", "resource limit"]),
    EscapeRow(
      79, .high, "nothing outlives a launcher that is killed",
      tests: [
        "kill -9 of the launcher at any moment leaves nothing",
        "a launcher that is gone ends everything in every state",
      ],
      walls: ["parent-death signal", "lifeline looked at", "control socket's end"]),
    EscapeRow(
      80, .medium, "nothing outlives PID 1", tests: ["when PID 1 is killed everything inside is"], walls: ["pid"]),
  ]
}
