import SnugProfile

extension Rule {
  static let loaderVariables = Rule(
    "loader-variables", .warning,
    what: "A variable that makes programs load code is kept or set",
    why: """
      Every program inside loads what it names, the ones that hold to their own files included. Kept, it brings in \
      whatever your session has; pointed at a place that the app may write, it makes a foothold that lasts.
      """,
    example: """
      [environment]
      keep = ["LD_PRELOAD"]
      """,
    safer: """
      [environment]
      keep = ["LANG"]
      """
  ) { subject in
    let environment = subject.profile.environment
    let gone = Set(environment.unset.map(\.value))
    let named = environment.keep + environment.set.map { Located($0.value.name, at: $0.origin) }
    return named.filter { isLoaderVariable($0.value) && !gone.contains($0.value) }.map { name in
      Finding("\(name.value) makes every program inside load code", at: name.origin, hint: "take it out, or unset it")
    }
  }
}

/// See ld.so(8), and the documentation of each interpreter and toolkit.
private func isLoaderVariable(_ name: String) -> Bool {
  let names: Set<String> = [
    "BASH_ENV", "CLASSPATH", "ENV", "GCONV_PATH", "GEM_PATH", "GIO_EXTRA_MODULES", "GIT_EXTERNAL_DIFF",
    "GIT_SSH_COMMAND",
    "GLIBC_TUNABLES", "GST_PLUGIN_PATH", "GST_PLUGIN_SCANNER", "GTK_MODULES", "GTK_PATH", "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS", "LUA_CPATH", "LUA_PATH", "NODE_OPTIONS", "NODE_PATH", "PERL5LIB", "PERL5OPT", "PERLLIB",
    "PROMPT_COMMAND", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "RUBYLIB",
    "RUBYOPT", "SHELLOPTS", "VK_LAYER_PATH", "ZDOTDIR", "_JAVA_OPTIONS",
  ]
  return names.contains(name) || name.hasPrefix("LD_") || name.hasPrefix("DYLD_")
}
