/// The calls that may fail without anybody's loss. Everything else that fails ends the start, and a call that fails
/// unnoticed and does not stand here fails the suite.
let absorbedCalls: [AbsorbedCall] = [
  AbsorbedCall(
    "csnug_close", "*", "what fails to close is closed all the same, close(2); the self-check lists what is open"),
  // The launcher, before the plan.
  AbsorbedCall(
    "csnug_getcwd", "BubblewrapProbe.swift",
    "a working directory that cannot be told counts as gone, and the app begins in its home",
    mayLose: ["cwd ", "variable PWD"]),
  AbsorbedCall("csnug_gethostname", "HostProbe.swift", "the machine's name is asked for the cookies of X11 alone"),
  AbsorbedCall(
    "csnug_landlock_abi", "HostProbe.swift",
    "landlock is in `optional`: where it is not to be had the start goes on and says so", mayLose: ["landlock "]),
  AbsorbedCall("csnug_open_terminal", "CallerTerminal.swift", "where /dev/tty leads nowhere there is no terminal"),
  // Of a file or directory that is not there, or not the caller's, nothing is shown: that is what the kernel has said.
  AbsorbedCall(
    "csnug_open", "HostProbe.swift", "a file that is not there is left out",
    mayLose: ["names ", "mount ", "variable ", "user "]),
  AbsorbedCall(
    "csnug_open_without_links", "HostProbe.swift", "a path that is not there is left out",
    mayLose: ["names ", "mount "]),
  AbsorbedCall(
    "csnug_statx", "HostProbe.swift", "a path that may not be looked at is left out",
    mayLose: ["names ", "mount ", "variable ", "user "]),
  AbsorbedCall(
    "csnug_read", "HostProbe.swift", "a file that may not be read is left out",
    mayLose: ["names ", "mount ", "variable ", "user "]),
  AbsorbedCall(
    "csnug_getdents64", "HostProbe.swift", "a directory that may not be listed is left out",
    mayLose: ["names ", "mount "]),
  AbsorbedCall(
    "csnug_readlinkat", "HostProbe.swift", "a link that may not be read is shown as what it leads to",
    mayLose: ["names ", "mount "]),
  AbsorbedCall("csnug_open", "Session.swift", "a profile that is not there is looked for in the next place"),
  // How many filters there are already: a wrong number ends the start in the self-check.
  AbsorbedCall(
    "csnug_open", "Sandbox.swift", "a wrong number of filters ends the start; a network that is not open is not shared"),
  AbsorbedCall("csnug_statx", "Sandbox.swift", "a wrong number of filters ends the start"),
  AbsorbedCall("csnug_read", "Sandbox.swift", "a wrong number of filters ends the start"),
  AbsorbedCall("csnug_receive", "Sandbox.swift", "the app is there: PID 1 tells the rest by its own end"),
  // The registry: who looks at instances next takes away what is left.
  AbsorbedCall("csnug_unlinkat", "InstanceFolder.swift", "who looks at instances next takes away what is left"),
  AbsorbedCall("csnug_rmdirat", "InstanceFolder.swift", "who looks at instances next takes away what is left"),
  AbsorbedCall("csnug_rename_new", "InstanceFolder.swift", "who looks at instances next takes away what is left"),
  AbsorbedCall("csnug_statx", "InstanceFolder.swift", "a name that cannot be judged is not taken, and another one is"),
  AbsorbedCall("csnug_statx", "Registry.swift", "an instance for which nobody asked a name may go without one"),
  AbsorbedCall("csnug_bind", "Claim.swift", "another name is tried"),
  AbsorbedCall("csnug_random", "Registry.swift", "names have to differ: a collision is met by another try"),
  AbsorbedCall("csnug_open", "ProcessIdentity.swift", "what ps shows of the launcher's age"),
  AbsorbedCall("csnug_read", "ProcessIdentity.swift", "what ps shows of the launcher's age"),
  // Cgroups: without one pause and end go by signals. A limit that needs one stops the start.
  AbsorbedCall("*", "Cgroup.swift", "a cgroup makes pause and end easier; limits that need one stop the start"),
  AbsorbedCall("*", "CgroupPlace.swift", "a cgroup makes pause and end easier; limits that need one stop the start"),
  AbsorbedCall("*", "InstanceGroup.swift", "a cgroup makes pause and end easier; limits that need one stop the start"),
  AbsorbedCall("*", "GroupDirectory.swift", "a cgroup makes pause and end easier; limits that need one stop the start"),
  // While the app runs.
  AbsorbedCall("csnug_poll", "Sandbox.swift", "asked again"),
  AbsorbedCall("csnug_poll", "Child.swift", "asked again; how the app ended is told by PID 1's own end as well"),
  AbsorbedCall("csnug_receive_descriptors", "Child.swift", "how the app ended is told by PID 1's own end as well"),
  AbsorbedCall("csnug_read", "Child.swift", "a signal that was not read is still there"),
  AbsorbedCall("csnug_wait", "Child.swift", "how the app ended was told by PID 1 before"),
  AbsorbedCall("csnug_poll_many", "Supervision.swift", "asked again"),
  AbsorbedCall(
    "csnug_replace_with_null", "Supervision.swift", "a reader of the app's output waits for the launcher, too"),
  AbsorbedCall("csnug_set_nonblocking", "ControlService.swift", "poll tells when somebody has come"),
  AbsorbedCall("csnug_poll", "App.swift", "asked again"),
  AbsorbedCall("csnug_read", "App.swift", "a signal that was not read is still there"),
  AbsorbedCall("csnug_wait", "App.swift", "asked again"),
  AbsorbedCall("csnug_send", "App.swift", "how the app ended is told by PID 1's own end as well"),
  AbsorbedCall("csnug_keyctl_join_session", "Init.swift", "a kernel without keys has none to keep apart"),
]
