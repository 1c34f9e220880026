/// What each table of the profile format is about, for the manual and the schema. `bus.session` and `bus.system` are keys
/// too and have their help there.
let tableHelp: [String: String] = [
  "files": "The file tree: what it is made of, and which paths of yours are in it.",
  "desktop": "Parts of the desktop, each a door of its own. All of them are shut where nothing is said.",
  "devices": "Hardware.",
  "bus": "Messages over D-Bus. Without a table there is no bus at all.",
  "network": "The network.",
  "environment":
    "Variables. None enters but those that are kept or set here and those that Snug sets itself: PATH, HOME, USER, "
    + "LOGNAME, SHELL, PWD and XDG_RUNTIME_DIR.",
  "process": "How the app is started, and how it ends.",
  "limits": "What it may use up.",
  "seccomp": "Which system calls it may make; snug seccomp PRESET tells what a preset refuses and why.",
  "landlock": "The second wall, by the kernel's landlock. It follows the grants of [files] by itself.",
  "assert":
    "What must be true inside. Each claim is tried from inside, after the last lock and before the app; one that does "
    + "not hold stops the start.",
]
