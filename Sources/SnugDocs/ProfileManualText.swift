import SnugProfile

/// What stands before the keys in `snug-profile.5`.
let profileManualOpening: [Block] = [
  .section("DESCRIPTION"),
  .text(
    """
    A profile is a TOML file that says what one app may see, change and reach. Its name is that of the file without \
    `.toml`. An unknown key, a wrong type and an unknown version are errors, told with file, line and column.
    """),
  .code(
    """
    version  = 1
    summary  = "Editor for my notes"
    extends  = ["terminal"]
    programs = ["vim"]

    [files]
    write = ["~/notes"]
    read  = [{ path = "~/.vimrc", if-missing = "skip" }]
    hide  = ["~/notes/private"]
    """),
  .text("`snug new` writes one to begin with, `snug lint` tells what is wrong or dangerous in it."),
  .section("PATHS"),
  .text(
    """
    A path is absolute, or begins with `~` (the caller's home), with a name for a directory of the caller, or with `.` \
    (the directory the command is started in; refused where that is the home, above it, or a system directory). A \
    component `..` is refused; variables and patterns are not expanded.
    """),
  .text("The names: " + xdgNames.map { "`\($0)`" }.joined(separator: ", ") + "."),
  .text(
    """
    A name that is not set, or that leads to the home or above it, counts as missing. In `[files]` a path is a string, \
    or a table `{ path, at, if-missing }`: `at` is where it stands inside, and `if-missing` says what to do where it is \
    not there when the plan is made.
    """),
  .items([
    ("fail", [.text("The start is refused. This is the default of profiles that you write.")]),
    (
      "skip",
      [.text("It is left out, and stands in the plan as skipped. This is the default of profiles that Snug ships.")]
    ),
    ("create", [.text("A directory is made, mode 0700.")]),
  ]),
  .section("LAYERS"),
  .text(
    """
    The defaults are the lowest layer. Then come the profiles of `extends`, depth first and from left to right, each \
    once at its first place; then the file itself; then the options of the command line. Later layers win.
    """),
  .text(
    """
    A single value is replaced. A list is appended to: items are the same when they name the same thing, the later form \
    stands, and `"!item"` takes out what stands before it. Tables are merged key by key, and `NAME = false` in place of \
    a table takes it out whole. `version`, `id` and `summary` are not inherited.
    """),
  .text(
    """
    A profile that extends its own name extends the next file of that name in the search order: so a file of yours with \
    `extends = ["git"]`, called `git.toml`, changes the shipped one and keeps getting its upgrades. `snug override` writes such \
    files, `snug show` prints what came out with the place of each value.
    """),
  .section("DECIDING ABOUT A PATH"),
  .text(
    """
    `files.root`, then `files.home`, are the lowest layers. The rule with the longest matching path decides; on the same \
    path `hide`, then the later layer, then read before write. A `hide` also takes away what earlier layers granted at or \
    below it. On the same path only `"!path"` lifts it; below it a later, longer grant does.
    """),
  .text(
    """
    Rules hold for a path as it is written and for where its links lead: what is hidden under one name is hidden under \
    all. Adding a `hide` never widens. Nothing is ever made on the host for a `hide`.
    """),
]

/// What stands before the keys of `[files]`.
let filesOpening: [Block] = [
  .items([
    (
      "root = \"system\"",
      [
        .text(
          """
          `/usr` with its merged names and a small `/etc`, read-only; a proc and a dev of the box's own; empty `/tmp`, \
          `/var/tmp`, `/run` and XDG_RUNTIME_DIR.
          """)
      ]
    ),
    (
      "root = \"host\"",
      [
        .text(
          "Also the other directories of the host's top, read-only; never the homes, `/run`, `/tmp`, `/proc` or `/sys`."
        )
      ]
    ),
    ("root = \"empty\"", [.text("Nothing: every operation is written out.")]),
  ])
]

/// What one key needs said beyond its one line.
let keyNotes: [String: String] = [
  "id": "Without it the id is `snug.NAME`.",
  "programs": "`snug run NAME` runs the first one that is there.",
  "command": "Arguments of the command line are appended.",
  "optional":
    """
  A protection that cannot be had on this machine stops the start, unless its key or table stands here; then it is \
  named in the plan, in the status record and on the terminal.
  """,
  "files.home":
    """
  `private` is kept for this profile, out of sight of others; `overlay` is the real one, with what is written thrown \
  away; `host` is the real one.
  """,
  "files.arguments":
    """
  Words behind the program that are files are shown at their own path, for this start: whole words that are absolute, a \
  `file:` URI, or exist where the command is started; never one that begins with `-`. Links are followed once, here. \
  `read` and `write` show the file or directory itself: a program that saves by a rename fails (EBUSY). `write-folder` \
  shows the folder that holds the file, so that it can be saved and made: `new.txt` too, where the word has a dot or a \
  slash in it; where the folder is the home, above it, or a system directory, the file alone. `portal` lends single files \
  through the document portal. A directory that is the home or above it stops the start, so does a socket or a device; \
  `files.hide` holds. Where the app starts in another directory, relative words become absolute.
  """,
  "desktop.portals":
    """
  Calls of `org.freedesktop.portal.Desktop` and `.Documents` pass, and portals know the app by its `id` \
  (`/.flatpak-info`); a bus is there for it though no `[bus.session]` is. Files that a chooser gives stand below \
  `$XDG_RUNTIME_DIR/doc`. `xdg-open` and `gio open` have links opened outside: the menu entries of other programs are not \
  seen inside. An installed Flatpak of the same `id` stops the start.
  """,
  "desktop.notifications": "`org.freedesktop.Notifications`, and the portal for them.",
  "bus.session.talk": "`org.example.*` is that name and every name below it.",
  "bus.session.call":
    """
  A rule is `INTERFACE.METHOD`, `INTERFACE.*` or `*`, and after it `@/PATH` or `@/PATH/*` where only these objects are \
  meant.
  """,
  "bus.session.log":
    "Each is told once on standard error, with the rule that would allow it; of a great many only the first.",
  "files.hide": "On the same path only `\"!path\"` takes it back.",
  "desktop.accessibility":
    """
  A proxy before the bus of screen readers lets pass what a program calls that is read, and nothing else: the app does \
  not read other programs. Where that bus is, is asked from the session bus.
  """,
  "desktop.input-method":
    """
  What IBus and Fcitx offer to programs in sandboxes, over the session bus, and the variables by which toolkits choose. \
  On Wayland a compositor's own input method needs nothing of this.
  """,
  "desktop.wayland":
    """
  The app gets a socket of its own, and the compositor is told whose it is (wp_security_context_v1, with the engine \
  io.github.snug, `id` and the instance's name), so that it shows it neither pictures of the screen nor other windows. \
  A compositor that does not know this stops the start; where `optional` lists `desktop.wayland`, the app gets the \
  compositor's own socket, and where there is no compositor none.
  """,
  "desktop.x11":
    """
  `true` is no isolation: the app can watch and steer every other window. `"untrusted"` is your server too, with a \
  cookie that it does not trust (SECURITY extension): the app reads no keys of others and types into none, but sees \
  their names and places; some programs fail with it. `"isolated"` is an X server of the app's own in a box of its own: \
  Xwayland in a Wayland session, else Xephyr, in one window. `SNUG_SCREEN=1280x800` in the environment says how large: \
  Xephyr is taken then where it has a display, since Xwayland takes no size. \
  Where the last two cannot be had the start is refused; where `optional` lists `desktop.x11`, the app has no X11 then. \
  Beside `wayland = true`, `true` and `"untrusted"` are for sessions without Wayland: the app gets the one that is there, \
  and never the X server where it has Wayland.
  """,
  "network.mode":
    """
  `none` is a loopback of its own. `private` is a network of its own that **pasta**(1) connects: connections go outward, \
  to the internet and the machines around; what listens on this machine's 127.0.0.1 is out of reach, and nothing outside \
  reaches what listens inside. `host` is this machine's network, with its local services.
  """,
  "desktop.audio":
    """
  `true` is the sockets of PulseAudio and PipeWire: the app can record, too, and have the server load modules. With \
  `"playback"` a filter of Snug's own, in a box of its own, lets pass of PulseAudio's protocol what plays sound, and \
  PipeWire's socket is not there. Where PipeWire runs without PulseAudio's protocol the start is refused, or goes on with \
  all of it where `optional` lists the key. Where no sound server runs the app has none; that is told.
  """,
  "desktop.themes":
    """
  Themes, icons and cursors in your home, and the files that say which are used: GTK's `settings.ini`, `kdeglobals`, \
  those of qt5ct, qt6ct and Kvantum. Settings in dconf are not among them.
  """,
  "desktop.printing": "The socket of CUPS, or the one that CUPS_SERVER names. Where there is none, that is told.",
  "desktop.ssh-agent":
    """
  The socket that SSH_AUTH_SOCK names. The app can use every key in it, but read none; `ssh-add -c` adds keys whose use \
  is confirmed each time.
  """,
  "desktop.gpg-agent":
    """
  The agent's extra socket, which signs and decrypts and nothing else, where gpg looks for the agent. Where there is only \
  the full one the start is refused, or goes on with it where `optional` lists the key. Public keys are not given: \
  `read = ["~/.gnupg/pubring.kbx"]` does that.
  """,
  "devices.gpu":
    """
  Render nodes, what sysfs tells of them, and the settings of drivers. Of each kind of device goes in what is there at the \
  start; where there is none, the plan lists it as skipped and the app starts without.
  """,
  "devices.camera": "Without it an app can still ask a portal for a camera, where it has one.",
  "devices.input":
    "Devices that are joysticks or gamepads by what the kernel and udev say, and neither keyboard nor mouse.",
  "devices.usb": "With those that are plugged in later, keyboards and disks included.",
  "process.adopt-wait": "Then what lingers gets SIGTERM, and one second later it is gone. `none`: at once.",
  "process.cancel-signal": "SIGTERM and SIGHUP to Snug cancel.",
  "process.terminal":
    """
  `auto` is a terminal of its own where Snug is started from one: yours cannot be reached from inside, and keys, job \
  control and the window's size work as without. `shared` is yours. `none` leaves your session, so that `/dev/tty` is not \
  there.
  """,
  "process.user": "Inside only: outside, everything is the caller's.",
  "process.working-directory": "Without it, the caller's if it is visible inside, else the home, else `/`.",
  "process.umask": "Without it, the caller's.",
  "limits.memory":
    """
  Swap is not used beyond it. Where systemd's user manager runs, a scope holds it, else a cgroup that is delegated to the \
  caller; where neither is there, the start is refused, or goes on without it where `optional` lists the key. What works \
  beside the app is not counted: the proxy before the buses, an X server of the app's own, the sound filter, pasta.
  """,
  "limits.tasks": "Held like `limits.memory`.",
  "limits.cpu": "Held like `limits.memory`. `100%` is one processor.",
  "seccomp.preset": """
  `base` refuses what no app needs; `desktop` also rare kinds of sockets and old process modes; `devel` is `desktop` with \
  debugging, `nested` is `desktop` with namespaces, for browsers that build sandboxes of their own; `none` is no filter.
  """,
  "landlock.files": "Without it true, but false under `seccomp.preset = \"nested\"`: any file rule forbids mounts.",
  "landlock.connect-tcp": "Without it every port, where there is a network.",
  "assert.network": "True: there is a route other than loopback. False: nothing but loopback can be reached.",
]

/// What stands before the fields of `[[files.op]]`.
let exactOpsOpening: [Block] = [
  .text(
    """
    `[[files.op]]` is one operation as it is, after everything that Snug does by itself and in the order written. `op` \
    is one of the words below; its other keys stand under it.
    """),
  .code(
    """
    [[files.op]]
    op     = "overlay"
    target = "/opt/game"
    lower  = ["/opt/game"]
    size   = "10%"
    """),
  .text(
    """
    The first of `lower` is the topmost. `upper` and `work` go together and keep what is written; without both it is \
    thrown away. `file` has exactly one of `text` and `base64`.
    """),
]

/// What stands behind the keys.
let profileManualClosing: [Block] = [
  .section("EDITORS"),
  .text(
    """
    Editors that read JSON Schema complete and check profiles. For taplo and the extension "Even Better TOML" this line \
    comes first in the file; PREFIX is where Snug is installed:
    """),
  .code("#:schema PREFIX/share/snug/schema/snug-profile.schema.json"),
  .text("What needs more than one value, the machine or the other layers is told by `snug lint` alone."),
  .section("EXAMPLES"),
  .text("A viewer of pictures that can change nothing:"),
  .code(
    """
    version  = 1
    summary  = "Pictures"
    extends  = ["desktop"]
    programs = ["feh"]

    [files]
    read = ["xdg-pictures"]

    [desktop]
    x11 = true
    """),
  .text("A change of the shipped profile `git`, in a file of yours called `git.toml`:"),
  .code(
    """
    version = 1
    extends = ["git"]

    [files]
    write = ["~/src/shared"]

    [assert]
    hidden = ["~/.ssh"]
    """),
  .section("SEE ALSO"),
  .text("`snug`(1), `snug-lint`(7)"),
]
