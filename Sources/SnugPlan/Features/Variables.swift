import SnugProfile

extension Draft {
  /// Where programs are looked for inside. Games are where Debian puts part of its desktop programs.
  static let searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"

  /// `[environment]`: nothing of the caller's enters but what `keep` names. What a feature has set stays: a kept
  /// `XAUTHORITY` would name a file that is not inside.
  mutating func addVariables(workingDirectory: String) {
    for name in profile.environment.keep where environment[name.value] == nil {
      // They mean the process that they were made for, and no descriptor of theirs is inside.
      if Activation.variables.contains(name.value) { continue }
      guard let value = host.environment.last(where: { $0.name == name.value })?.value else { continue }
      environment[name.value] = PlannedVariable(name: name.value, value: value, origin: name.origin)
    }
    let me = identity
    for (name, value) in [
      ("PATH", Self.searchPath), ("HOME", host.home), ("USER", me.user), ("LOGNAME", me.user), ("SHELL", shell()),
      ("PWD", workingDirectory), ("XDG_RUNTIME_DIR", runtimeDirectory),
    ] where environment[name] == nil { set(name, value, from: .defaults) }
    // Base profiles keep toolkits off a bus that is not there.
    let isRead = profile.desktop.accessibility.value
    for variable in profile.environment.set where !(isRead && variable.value.name == "NO_AT_BRIDGE") {
      set(variable.value.name, variable.value.value, from: variable.origin)
    }
    for name in profile.environment.unset { environment[name.value] = nil }
  }
}
