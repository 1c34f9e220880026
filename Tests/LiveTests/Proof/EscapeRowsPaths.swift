extension EscapeRow {
  /// Resolution of paths, and mounts.
  static let paths: [EscapeRow] = [
    EscapeRow(
      1, .critical, "no destination is made outside through a link",
      tests: [
        "a hostile link as a destination leads nowhere outside",
        "a destination behind a hostile link is held by two walls, each alone",
      ], walls: ["resolution", "old-root"]),
    EscapeRow(
      2, .medium, "a link that leads to a place inside is followed there",
      tests: [
        "var run is run, and a directory that may only be searched is enough",
        "a link that leads to a place inside is followed inside",
      ], walls: ["resolution"]),
    EscapeRow(
      3, .critical, "a kept directory that the app made a link is refused",
      tests: ["a private home that has become a link is refused", "an app cannot turn its home into something else"],
      walls: ["no link in a source", "mount point of the home", "lock on the home's own inode"]),
    EscapeRow(
      4, .critical, "so is every directory on the way to it",
      tests: [
        "a private home that has become a link is refused", "links in place of the directories of homes are refused",
      ],
      walls: ["no link in a source", "no link in what is made"]),
    EscapeRow(
      5, .high, "what Snug writes on the host follows no link",
      tests: [
        "nothing is written through what stands there",
        "nothing is written outside through a directory that is exchanged",
      ], walls: ["written beneath a descriptor", "new files alone, then a rename"]),
    EscapeRow(
      7, .high, "taking away a home leaves what it links to",
      tests: ["a hostile tree goes, and nothing outside it", "what is mounted in a home stays, and is told"],
      walls: ["removed by descriptor, no link followed", "no mount entered"]),
    EscapeRow(
      8, .high, "paths of profiles are judged as text",
      tests: [
        "a profile that is wrong is refused once, at its line", "what is not UTF-8 is kept as it is or refused by name",
      ],
      walls: ["refused when read", "resolution"]),
    EscapeRow(
      9, .critical, "a destination that is exchanged at any instant is harmless",
      tests: [
        "a destination that is exchanged for a link is made nowhere outside",
        "a destination behind a hostile link is held by two walls, each alone",
      ], walls: ["resolution", "old-root"]),
    EscapeRow(
      10, .critical, "proc inside is proc, and its masks lie on it",
      tests: [
        "proc and dev of a root that is full of traps are the real ones", "nothing stands in for proc",
        "every difference is refused",
      ], walls: ["type of the file system looked at", "self-check"]),
    EscapeRow(
      11, .critical, "what masks is ours",
      tests: [
        "proc and dev of a root that is full of traps are the real ones",
        "a file that is placed has no name anywhere and cannot be replaced",
      ], walls: ["masks made by us", "device numbers looked at"]),
    EscapeRow(
      13, .critical, "nothing is written to a look-alike of proc",
      tests: ["a map is not written to a file that only looks like proc's", "maps say exactly one line"],
      walls: ["type of the file system looked at", "self-check"]),
    EscapeRow(
      14, .high, "no grant stands in for proc",
      tests: ["nothing stands in for proc", "proc and dev of a root that is full of traps are the real ones"],
      walls: ["refused when compiled", "type of the file system looked at"]),
    EscapeRow(
      15, .medium, "no directory is made outside by a race",
      tests: ["a destination that is exchanged for a link is made nowhere outside"], walls: ["resolution", "old-root"]),
    EscapeRow(
      16, .high, "a hostile /dev of a root is not followed",
      tests: [
        "proc and dev of a root that is full of traps are the real ones",
        "a destination behind a hostile link is held by two walls, each alone",
      ], walls: ["resolution", "old-root"]),
    EscapeRow(
      17, .high, "links in targets divert nothing",
      tests: [
        "a hostile link as a destination leads nowhere outside",
        "a grant at a place behind a hostile link is made nowhere outside",
      ], walls: ["resolution", "old-root"]),
    EscapeRow(
      19, .high, "a start makes nothing in a directory that all may write",
      tests: ["a start touches no directory that everybody may write"],
      walls: ["file systems that are mounted nowhere", "runtime directory of the caller's own"]),
    EscapeRow(
      20, .high, "a directory that another user has made again is refused",
      tests: [
        "a directory that is reached or owned by others is refused",
        "a registry that is not the caller's own is refused",
      ],
      walls: ["owner and mode looked at", "lock held"]),
    EscapeRow(
      21, .medium, "there is no fallback to a shared directory",
      tests: [
        "without the variable the usual place is used, or none",
        "a runtime directory that is none of the caller's is not used",
      ], walls: ["owner and mode looked at"]),
    EscapeRow(
      22, .medium, "what is copied is what was judged",
      tests: [
        "nothing from outside comes out of a tree whose names are exchanged",
        "a file whose name is taken by another is the one that was judged",
      ], walls: ["copied by descriptor"]),
    EscapeRow(
      23, .high, "files that are placed follow no link",
      tests: [
        "a hostile link as a destination leads nowhere outside",
        "a file that is placed has no name anywhere and cannot be replaced",
      ], walls: ["resolution", "old-root"]),
    EscapeRow(
      24, .high, "layers of an overlay are judged once",
      tests: [
        "an overlay whose layers lie within each other is refused with the reason",
        "a hostile link as a destination leads nowhere outside",
      ],
      walls: ["sources by descriptor", "no link in a source"]),
    EscapeRow(
      25, .high, "what is granted for reading cannot be written", attempts: ["write-shown"],
      tests: ["the mount table inside is the plan"]),
    EscapeRow(
      26, .critical, "no remount gives a right back", attempts: ["remount"],
      tests: ["read-only reaches everything below a source"]),
    EscapeRow(
      27, .medium, "no mount is attached before it has its flags",
      tests: ["a whole run makes exactly these calls in this order"],
      walls: ["flags set on the detached mount", "self-check"]),
    EscapeRow(
      28, .low, "mounts below a read-only one are read-only",
      tests: [
        "a thousand more mounts on the host change nothing inside", "read-only reaches everything below a source",
      ],
      walls: ["flags set recursively", "self-check"]),
    EscapeRow(29, .high, "no mount can be taken off what it covers", attempts: ["take-off", "new-mount"]),
    EscapeRow(
      30, .high, "a directory that is moved away outside leads nowhere",
      tests: ["a working directory that is moved out of its grant leads to nothing"],
      walls: ["kernel's own check at the mount", "landlock-files"]),
    EscapeRow(
      31, .critical, "no user namespace shares a root", attempts: ["user-namespace-clone", "clone3-namespace"]),
    EscapeRow(
      32, .high, "set-id bits and device nodes are without effect", attempts: ["set-id-honoured"]),
    EscapeRow(
      33, .medium, "mounts travel neither way",
      tests: [
        "a thousand more mounts on the host change nothing inside",
        "the table as built passes, with what came in below a bind",
      ],
      walls: ["private propagation", "self-check"]),
    EscapeRow(
      34, .critical, "proc leads into no other process",
      attempts: ["process-root", "init-program"],
      tests: ["a command reaches neither PID 1 nor its leader"]),
    EscapeRow(
      35, .critical, "nothing that the caller left open arrives", attempts: ["open-descriptors"],
      tests: ["stray descriptors reach nobody and are held open by nobody"]),
    EscapeRow(
      36, .high, "the caller's working directory does not come along", attempts: ["working-directory"],
      tests: ["host name, umask, niceness and directory are those of the profile"],
      walls: ["looked at after it is entered"]),
    EscapeRow(
      37, .medium, "the working directory is a path inside", attempts: ["working-directory"],
      tests: ["a working directory that is gone is no trouble until it is asked for"]),
    EscapeRow(
      38, .high, "no descriptor of Snug's own arrives", attempts: ["open-descriptors"],
      tests: ["every descriptor of the system layer is born to be closed by exec"]),
    EscapeRow(
      39, .critical, "what was judged is what is shown",
      tests: [
        "what appears inside is the file that was judged",
        "a source that was swapped since the plan was made is refused",
      ],
      walls: ["sources by descriptor", "type and inode judged again"]),
    EscapeRow(
      40, .medium, "a source that is no file blocks nothing and opens no service",
      tests: ["socketsAreGrantedExactly", "a hostile tree goes, and nothing outside it"],
      walls: ["opened as a path alone"]),
    EscapeRow(
      42, .medium, "a source that is gone is told by name",
      tests: ["what is missing follows if-missing", "a source that was swapped since the plan was made is refused"],
      walls: ["closed: the start stops"]),
    EscapeRow(
      43, .medium, "bytes of a mount point confuse nobody",
      tests: ["a name of any kind works wherever a path may stand", "every difference is refused"],
      walls: ["mounts told apart by id"]),
  ]
}
