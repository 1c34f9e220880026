import SnugProfile

/// What stands before the commands in `snug.1`.
let commandManualOpening: [Block] = [
  .text(
    """
    Snug runs a program that is already installed inside a box that a profile describes, see `snug-profile`(5). The \
    program sees the system and what the profile grants, and nothing else of the caller's: no home, no keys, no network, \
    no other processes. No set-uid helper, no daemon and no root are needed.
    """),
  .text(
    """
    NAME is the name of a profile, which is looked for in the directories under FILES. A word with a slash is a file. A \
    bare word is never looked up in the current directory.
    """),
  .text("Every command takes `-h` and `--help`; `snug --version` prints the version."),
]

/// What stands behind them.
let commandManualClosing: [Block] = [
  .section("SIGNALS"),
  .text(
    """
    SIGTERM and SIGHUP to `snug run` end the program in order: it is sent `process.cancel-signal` and has \
    `process.stop-wait` to end. Every other signal that can be caught is passed on. A second SIGINT within two seconds \
    ends everything at once. On a terminal of its own (see `process.terminal` in `snug-profile`(5)) the keys are the \
    program's: ctrl-C reaches it alone, and where that ends it, `snug run` ends by SIGINT, too. When Snug itself is killed, the kernel ends everything inside.
    """),
  .section("JSON"),
  .text(
    """
    Keys are stable; new ones may be added. `snug plan --json` is one object with `version`, `namespaces`, `ops`, \
    `skipped`, `seccomp`, `landlock`, `environment`, `bus`, `process`, `command` and `not-enforced`. The other commands \
    print an array of objects:
    """),
  .items([
    ("list", [.text("`name`, `file`, `summary`, `command`, `problem`.")]),
    ("diff", [.text("`change` (gain, loss or neutral), `area`, `text`, `origin`.")]),
    ("lint", [.text("`file`, `line`, `column`, `level`, `rule`, `message`, `hint`.")]),
    (
      "ps",
      [
        .text(
          """
          `instance`, `profile`, `app-id`, `pid`, `started` (RFC 3339, UTC), `detached`, `kept`, `paused`, \
          `memory-bytes`, `not-enforced`.
          """)
      ]
    ),
    (
      "desktop list",
      [.text("`id`, `path`, `profile`, `state` (boxed, could be or cannot), `reason`.")]
    ),
    (
      "desktop check",
      [
        .text(
          """
          `id`, `path`, `profile`, `state` (way around), `reason`, `kind` (entry, autostart, service, handler or shim).
          """)
      ]
    ),
    ("doctor", [.text("`check`, `ok`, `detail`, `remedy`.")]),
  ]),
  .text("`--status-fd` writes one object a line, `started` and `ended`, or only `failed`:"),
  .code(
    """
    {"event":"started","instance":"","app-id":"","pid":0,"app-pid":0,
     "namespaces":{"user":0},"not-enforced":[]}
    {"event":"ended","status":0,"signal":null,"user-ms":0,"system-ms":0,
     "wall-ms":0,"peak-bytes":0,"limit":null}
    {"event":"failed","status":125,"message":"","origin":null}
    """),
  .text("Pids are those of the host; `pid` is the first process inside."),
  .section("ENVIRONMENT"),
  .items([
    ("SNUG_PROFILE_PATH", [.text("See FILES. What is not absolute is passed over.")]),
    (
      "WAYLAND_DISPLAY, DISPLAY, XAUTHORITY",
      [.text("The compositor, and the X server with its cookies, to which `[desktop]` of a profile may give a way.")]
    ),
    (
      "SNUG_SCREEN",
      [
        .text(
          "Size of the screen of an X server of the app's own, such as `1280x800`. Xephyr alone takes one: Xwayland is "
            + "used only where there is no Xephyr, or no `DISPLAY` for it.")
      ]
    ),
    (
      "HOME, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR",
      [
        .text("Where `~` and the `xdg-` names of a profile lead.")
      ]
    ),
    (
      "LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES",
      [
        .text(
          """
          Listening sockets that a service manager hands to `snug run` itself: they are passed on at their numbers, and \
          the program gets the variables with its own pid in them. Meant for another process they are not passed on.
          """)
      ]
    ),
    (
      "NOTIFY_SOCKET",
      [
        .text(
          """
          The service manager's socket. With `--keep-env NOTIFY_SOCKET` it is put into the box alone, as \
          `/run/snug/notify`. A systemd unit needs `NotifyAccess=all`: the program is not the unit's main process.
          """)
      ]
    ),
    (
      "XDG_DATA_DIRS, XDG_CONFIG_DIRS, XDG_STATE_HOME, XDG_CURRENT_DESKTOP",
      [.text("Where `snug desktop` looks for entries, and where it keeps what it replaces.")]
    ),
    ("NO_COLOR", [.text("Output is not coloured where it is set. It never is where it does not go to a terminal.")]),
    ("VISUAL, EDITOR", [.text("The editor of `snug override --edit`.")]),
    (
      "SNUG_LANDLOCK_ABI",
      [
        .text("Believe in this landlock ABI at most, to imitate an older kernel. It never raises what the kernel has.")
      ]
    ),
  ]),
  .section("FILES"),
  .text("Profiles are files `NAME.toml`, looked for in this order:"),
  .items([
    ("$SNUG_PROFILE_PATH", [.text("Directories, with colons between them.")]),
    ("$XDG_CONFIG_HOME/snug/profiles", [.text("The caller's own, `~/.config/snug/profiles` where nothing is set.")]),
    ("/etc/snug/profiles", [.text("The machine's.")]),
    ("PREFIX/share/snug/profiles", [.text("Those that came with Snug.")]),
  ]),
  .text(
    """
    A profile is refused where it belongs to another than the caller or root, where everybody may write it, or a group \
    that is not the caller's primary one.
    """),
  .items([
    (
      "$XDG_DATA_HOME/snug/homes/NAME",
      [.text("The private home of a profile with `files.home = \"private\"`; see `snug home`.")]
    ),
    (
      "$XDG_RUNTIME_DIR/snug/INSTANCE",
      [
        .text(
          """
          What is known of an instance that runs; below `/run/user/UID` where the variable is not set. The directory \
          `snug` has to be the caller's own, mode 0700, or it is refused. What a killed launcher leaves there, `snug ps` \
          takes away.
          """)
      ]
    ),
    (
      "$XDG_DATA_HOME/applications, $XDG_DATA_HOME/dbus-1/services, $XDG_CONFIG_HOME/autostart, ~/.local/bin",
      [
        .text(
          """
          What `snug desktop install` writes. Its entries and services have a key `X-Snug-Profile`, and `X-Snug-Source` \
          names the file that was wrapped. A file of yours that has the place is kept in `$XDG_STATE_HOME/snug/desktop`. \
          `X-Snug-Sum` tells whether you have changed what was written: that is kept there too, as `NAME.edited`.
          """)
      ]
    ),
    ("PREFIX/share/snug/schema/snug-profile.schema.json", [.text("The format for editors, see `snug-profile`(5).")]),
  ]),
  .section("EXIT STATUS"),
  .text("Of `snug run`:"),
  .items([
    ("N", [.text("The program's own status.")]),
    ("128+N", [.text("Signal N ended the program.")]),
    ("125", [.text("Snug could not set up the box. The program was not started.")]),
    ("126", [.text("The program was found but cannot be executed.")]),
    ("127", [.text("The program was not found.")]),
  ]),
  .text("Of every other command:"),
  .items([
    ("0", [.text("Done.")]),
    (
      "1",
      [
        .text(
          """
          Refused, or found something: `lint` with errors, `diff --fail-on widen` with a gain, a claim of `[assert]` that \
          does not hold under `check`, a way around that `desktop check` finds, something that `doctor` misses.
          """)
      ]
    ),
    ("2", [.text("The command line is wrong.")]),
  ]),
  .section("EXAMPLES"),
  .text("A stranger's program, with the current directory to read:"),
  .code("snug run --read . -- ./stranger"),
  .text("A build in a project, with the network:"),
  .code("snug run -p project --network host -- make"),
  .text("A box that stays for many short commands, with files in and out:"),
  .code(
    """
    snug run --detach --keep --name box -p project
    snug cp ./input box:/tmp/input
    snug exec box -- sort -o /tmp/output /tmp/input
    snug cp box:/tmp/output .
    snug stop box
    """),
  .text("The editor in the menu, boxed, with what opens files in it:"),
  .code(
    """
    snug desktop install mousepad
    snug desktop check
    """),
  .text("What a change of a profile lets in, for a build service:"),
  .code("snug diff git:HEAD:notes.toml ./notes.toml --fail-on widen"),
  .section("SEE ALSO"),
  .text("`snug-bwrap`(1), `snug-profile`(5), `snug-lint`(7), `namespaces`(7), `landlock`(7), `seccomp`(2)"),
]
