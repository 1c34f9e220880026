import SnugProfile

extension Changes {
  /// Variables, one by one. A value of the caller's is never printed: it may be a secret.
  ///
  /// - Parameter told: lines whose variables another change tells about already.
  mutating func addEnvironment(_ a: DiffSide, _ b: DiffSide, told: Set<Origin>) {
    let (before, after) = (a.variables(told), b.variables(told))
    var gained: [Variable] = []
    var lost: [Variable] = []
    for name in Set(before.keys).union(after.keys).sorted(by: { precedes($0.utf8, $1.utf8) }) {
      // What chooses code gives the app other code, whichever way it changes: there is no less of it.
      let chooses = choosesCode(name)
      let why = chooses ? choosing : ""
      switch (before[name], after[name]) {
      case (nil, let new?) where new.isKept: gained.append(new)
      case (nil, let new?): add(.gain, .environment, "finds \(new.words)\(why)", at: new.origin)
      case (let old?, nil) where old.isKept: lost.append(old)
      case (let old?, nil):
        add(.loss, .environment, "no longer finds \(name)", at: old.origin, b.unsetOrigin(name))
      case (let old?, let new?):
        if new.isKept, !old.isKept {
          add(.gain, .environment, "sees your \(name) (was: \(old.words))\(why)", at: new.origin)
        } else if old.isKept, !new.isKept {
          add(
            chooses ? .gain : .loss, .environment, "finds \(new.words) instead of your \(name)\(why)",
            at: chooses ? new.origin : old.origin, chooses ? old.origin : new.origin)
        } else if !new.isKept, old.value != new.value, old.origin != .defaults || new.origin != .defaults {
          add(
            chooses ? .gain : .neutral, .environment, "finds \(new.words) (was: \(old.words))\(why)", at: new.origin,
            old.origin)
        }
      case (nil, nil): break
      }
    }
    for group in byLine(gained) {
      let why = choosesCode(group[0].name) ? choosing : ""
      add(.gain, .environment, "sees your \(enumerated(group.map({ $0.name }), atMost: 12))\(why)", at: group[0].origin)
    }
    for group in byLine(lost) {
      add(
        .loss, .environment, "no longer sees your \(enumerated(group.map({ $0.name }), atMost: 12))",
        at: group[0].origin)
    }
  }
}

private let choosing = ": it chooses code that programs run, which cannot be weighed"

/// Variables of one line of a profile together, those that choose code by themselves.
private func byLine(_ variables: [Variable]) -> [[Variable]] {
  var groups: [[Variable]] = []
  for variable in variables {
    let index = groups.firstIndex { group in
      let (one, other) = (group[0].origin, variable.origin)
      return one.file == other.file && one.line == other.line
        && choosesCode(group[0].name) == choosesCode(variable.name)
    }
    if let index { groups[index].append(variable) } else { groups.append([variable]) }
  }
  return groups
}

/// A variable of one app.
private struct Variable {
  var name: String
  var value: [UInt8]
  var origin: Origin
  /// Taken over from the caller.
  var isKept: Bool

  /// `NAME = "value"`, cut where it is long.
  var words: String {
    let text = String(decoding: value, as: UTF8.self)
    return "\(name) = \"\(text.count > 60 ? text.prefix(57) + "..." : text)\""
  }
}

extension DiffSide {
  fileprivate func variables(_ told: Set<Origin>) -> [String: Variable] {
    let kept = Set(profile.environment.keep.map { Located($0.value, at: $0.origin) })
    var variables: [String: Variable] = [:]
    for variable in plan.environment where !told.contains(variable.origin) {
      variables[variable.name] = Variable(
        name: variable.name, value: variable.value, origin: variable.origin,
        isKept: kept.contains(Located(variable.name, at: variable.origin)))
    }
    return variables
  }

  fileprivate func unsetOrigin(_ name: String) -> Origin? {
    profile.environment.unset.first { $0.value == name }?.origin
  }
}

/// Whether a variable names code, or files that name code, for programs that the app starts: loaders, shells,
/// interpreters, toolkits' modules. See ld.so(8), bash(1), the manuals of the interpreters.
private func choosesCode(_ name: String) -> Bool {
  if ["LD_", "GCONV_", "GST_PLUGIN_"].contains(where: name.hasPrefix) { return true }
  return codeVariables.contains(name)
}

private let codeVariables: Set<String> = [
  "PATH", "SHELL", "ENV", "BASH_ENV", "PROMPT_COMMAND", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PERL5LIB",
  "PERL5OPT", "PERL5DB", "RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "NODE_PATH", "LUA_PATH", "LUA_CPATH", "LUA_INIT",
  "CLASSPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "GTK_MODULES", "GTK_PATH", "GTK3_MODULES",
  "GIO_EXTRA_MODULES", "GDK_PIXBUF_MODULE_FILE", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "XDG_DATA_DIRS",
  "XDG_CONFIG_DIRS", "EDITOR", "VISUAL", "PAGER", "BROWSER", "GIT_EDITOR", "GIT_PAGER", "GIT_SSH", "GIT_SSH_COMMAND",
  "GIT_EXEC_PATH", "GIT_ASKPASS", "SSH_ASKPASS", "CC", "CXX", "MAKEFLAGS", "RUSTC_WRAPPER", "OPENSSL_CONF",
  "OPENSSL_MODULES", "PKCS11_MODULE_PATH", "VK_ICD_FILENAMES", "LIBGL_DRIVERS_PATH",
]
