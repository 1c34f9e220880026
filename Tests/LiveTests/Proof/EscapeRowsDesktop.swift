extension EscapeRow {
  /// Other programs, the desktop, proc, devices, networks.
  static let desktop: [EscapeRow] = [
    EscapeRow(105, .critical, "no abstract socket outside is reached", attempts: ["abstract-socket"]),
    EscapeRow(
      106, .critical, "the bus itself is out of reach", attempts: ["path-socket", "abstract-socket"],
      tests: ["the bus itself is out of reach", "its own socket is out of reach"],
      walls: ["a profile that shows it is refused"]),
    EscapeRow(
      107, .critical, "no socket outside is reached by its path", attempts: ["path-socket"],
      tests: ["socketsAreGrantedExactly", "allowed names answer, and nothing else is there"],
      walls: ["a socket in a directory is refused when compiled"]),
    EscapeRow(
      108, .critical, "odd words before the bus's own get nowhere",
      tests: ["the proxy's own box", "allowed names answer, and nothing else is there"],
      walls: ["xdg-dbus-proxy", "the proxy's own box"]),
    EscapeRow(
      109, .high, "a proxy that fails is told", tests: ["a proxy that cannot start is told", "hostileRules"],
      walls: ["the start stops", "the proxy's own box"]),
    EscapeRow(
      110, .high, "a proxy's end ends the bus",
      tests: ["its death ends the app's bus", "a proxy that cannot start is told"],
      walls: ["ready byte awaited", "no second way"]),
    EscapeRow(
      111, .high, "names of buses are no options", tests: ["hostileRules", "theProxysWords"],
      walls: ["names judged", "words by descriptor"]),
    EscapeRow(
      112, .medium, "a bus that is missing is told", tests: ["what is missing is told"], walls: ["the start stops"]),
    EscapeRow(
      113, .high, "no X server unasked", attempts: ["path-socket", "abstract-socket"],
      tests: [
        "the server's abstract socket is reached only where that is granted",
        "an untrusted cookie is another one, and steers nothing",
      ],
      walls: ["cookie"]),
    EscapeRow(
      114, .high, "a helper of X that fails stops the start",
      tests: [
        "what is missing for an own server is told", "a server that lets in without a cookie makes no untrusted one",
      ],
      walls: ["the start stops", "cookie made by us"]),
    EscapeRow(
      115, .medium, "a Wayland compositor knows whose connection it is",
      tests: [
        "the compositor is told who comes, and shows what is for everyone",
        "without contexts the start is refused, unless the profile lets the socket in",
      ],
      walls: ["security context"]),
    EscapeRow(
      116, .medium, "sound is played, nothing recorded",
      tests: ["nobody records", "PipeWire's socket is there only for all of it"], walls: ["filter of the protocol"]),
    EscapeRow(
      117, .medium, "no agent's socket unasked", attempts: ["path-socket"],
      tests: ["the GnuPG agent signs and gives nothing away"]),
    EscapeRow(118, .high, "no process outside is listed", attempts: ["process-listed"]),
    EscapeRow(
      119, .medium, "of proc what shows or steers the host is covered", attempts: ["masked-proc"],
      tests: ["root as the caller finds what it may and nothing else"]),
    EscapeRow(120, .medium, "no tree of cgroups", attempts: ["cgroups"]),
    EscapeRow(121, .medium, "no sysfs", attempts: ["sysfs"]),
    EscapeRow(
      122, .high, "no terminal of the host", attempts: ["terminal-of-host"],
      tests: ["no descriptor and no name inside is the caller's terminal"], walls: ["devpts of its own"]),
    EscapeRow(
      123, .critical, "six harmless nodes and no others", attempts: ["devices"],
      tests: ["every kind at once"]),
    EscapeRow(
      124, .high, "no network but its own", attempts: ["loopback"], tests: ["the program is cut off from the host"]),
    EscapeRow(
      125, .medium, "who connects a network is locked up itself",
      tests: ["pasta has locked itself up, and ends with the launcher"], walls: ["nothing set-uid", "locked up itself"]),
    EscapeRow(
      126, .low, "answers of the kernel are not parsed", tests: ["an own network has loopback, and it is up"],
      walls: ["one ioctl, no netlink"]),
    EscapeRow(
      127, .high, "files of the host's /etc are not written", attempts: ["write-shown"],
      tests: ["the network of the host brings names and certificates"]),
    EscapeRow(128, .low, "the host's name is not seen", attempts: ["host-name"]),
    EscapeRow(129, .low, "other users are not listed", attempts: ["user-list"]),
    EscapeRow(
      130, .low, "modes are those of the plan",
      tests: ["a tmpfs has its size and its mode", "no umask makes a claim less or more than it is"],
      walls: ["set when made"]),
    EscapeRow(
      131, .high, "who connects is told by the kernel",
      tests: [
        "a client that is inside is refused, also one that another has connected",
        "a socket on which another user listens is not trusted",
      ],
      walls: ["credentials of the peer", "pid namespace of the peer"]),
    EscapeRow(
      132, .high, "the control socket is out of reach", attempts: ["control-directory"],
      tests: [
        "the registry is not there for an app that is granted what holds it",
        "a directory that is reached or owned by others is refused",
      ],
      walls: ["credentials of the peer"]),
    EscapeRow(
      133, .medium, "who opens links outside takes no words of the app", tests: ["links are opened outside"],
      walls: ["portal"]),
    EscapeRow(
      134, .low, "directories of apps are the user's alone",
      tests: ["no umask makes a claim less or more than it is"], walls: ["mode when made"]),
    EscapeRow(
      136, .low, "a scope that is not held is told",
      tests: ["a scope is asked for before the app runs, and is believed only when it holds"],
      walls: ["looked at again"]),
    EscapeRow(
      137, .high, "start files and programs of the home are out of reach",
      attempts: ["home-tool", "file-home", "hidden"],
      tests: ["each kind of root shows what it says"]),
    EscapeRow(
      138, .high, "no program outside is asked to run something", attempts: ["path-socket", "abstract-socket"],
      tests: ["a shell in the window sees nothing of the caller's"],
      walls: ["a profile that shows it is refused"]),
    EscapeRow(
      139, .high, "lines that are written are read as the same words",
      tests: ["any words survive being written", "launchers give a wrapped program the same words"],
      walls: ["written by one function", "read back"]),
    EscapeRow(
      140, .low, "values of variables are not in records",
      tests: ["the status records parse and have the keys of the contract"], walls: ["records hold no values"]),
  ]
}
