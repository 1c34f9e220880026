/// Completion for zsh 5: a file `_snug` in `$fpath`.
public func zshCompletion(_ commands: [CommandDescription]) -> String {
  let grammar = grammar(commands)
  let described = grammar.map { "    \(shellQuoted($0.name + ":" + $0.abstract))\n" }.joined()
  let cases = grammar.map { command in
    let options = command.options.map { "          \(specification($0)) \\\n" }.joined()
    let takesProgram = command.operands == .program || command.operands == .instanceWithProgram
    let stop = takesProgram ? "-A '-*' " : ""
    return "      \(command.name))\n        _arguments -s -S \(stop)\\\n\(options)"
      + "          \(operands(command.operands))\n        ;;\n"
  }.joined()
  return #"""
    #compdef snug
    # Completion for zsh \#(completionHeading)

    _snug_profiles() {
      local -a names
      names=(${(f)"$(_call_program profiles ${(q)snug} list --names)"})
      _alternative 'profiles:profile:compadd -a names' 'files:file:_files -g "*.toml"'
    }
    _snug_instances() {
      local -a names
      names=(${(f)"$(_call_program instances ${(q)snug} ps --names)"})
      _wanted instances expl instance compadd -a names
    }
    # A file, or an instance with a path inside, which is for the caller to know.
    _snug_copied() {
      local -a names
      names=(${(f)"$(_call_program instances ${(q)snug} ps --names)"})
      _alternative 'instances:instance:compadd -S : -a names' 'files:file:_files'
    }
    _snug_rules() {
      local -a names
      names=(${${(f)"$(_call_program rules ${(q)snug} lint --list)"}%% *})
      _wanted rules expl rule compadd -a names
    }
    # Behind -p or -- stands a program with its own words, else the name of a profile. words and CURRENT count from there.
    _snug_operands() {
      if (( $+opt_args[-p] || $+opt_args[--profile] || ${whole[(I)--]} )); then
        _normal
      elif (( CURRENT == 1 )); then
        _snug_profiles
      else
        _files
      fi
    }

    # The words of a program behind an instance.
    _snug_command() {
      if [[ $words[1] == -- ]]; then
        shift words
        (( CURRENT-- ))
      fi
      _normal
    }

    _snug() {
      local curcontext=$curcontext state snug=$words[1] expl
      local -a line known whole
      local -A opt_args
      known=(
    \#(described)    'help:Show help of a command'
      )
      _arguments -C '(- *)--version[Show the version]' '(- *)'{-h,--help}'[Show help]' \
        '1: :->command' '*:: :->operand'
      case $state in
        command) _describe -t commands command known ;;
        operand)
          curcontext=${curcontext%:*:*}:snug-$words[1]:
          whole=($words)
          case $words[1] in
    \#(cases)      help) _describe -t commands command known ;;
          esac
          ;;
      esac
    }

    _snug "$@"

    """#
}

private func operands(_ operands: Operands) -> String {
  switch operands {
  case .none: "'*: :'"
  case .profile: "'1:profile:_snug_profiles'"
  case .profiles: "'*:profile:_snug_profiles'"
  case .profileWithRunOptions: "'1:profile:_snug_profiles' '*:file:_files'"
  case .program: "'*::: :_snug_operands'"
  case .instance: "'1:instance:_snug_instances'"
  case .instanceWithProgram: "'1:instance:_snug_instances' '*::: :_snug_command'"
  case .copy: "'*:file:_snug_copied'"
  case .words(let words): "'1:word:(\(words.joined(separator: " ")))'"
  case .wordThenProfiles(let words): "'1:word:(\(words.joined(separator: " ")))' '*:profile:_snug_profiles'"
  }
}

/// One specification of `_arguments`: `'(-p --profile)'{-p+,--profile=}'[help]:value:action'`.
private func specification(_ option: CompletedOption) -> String {
  // The value may be the next word, or stand behind "=".
  let names = option.names.map { name in option.value == nil ? name : name + (name.hasPrefix("--") ? "=" : "+") }
  let help = option.help.split(separator: "]", omittingEmptySubsequences: false).joined(separator: "\\]")
  let tail = shellQuoted("[\(help)]" + action(option.value))
  if names.count > 1 { return "'(\(option.names.joined(separator: " ")))'{\(names.joined(separator: ","))}" + tail }
  let isRepeated = option.value == .file || option.value == .variable
  return (isRepeated ? "'*'" : "") + names.joined() + tail
}

private func action(_ value: Completed?) -> String {
  switch value {
  case nil: ""
  case .nothing: ":value: "
  case .file: ":file:_files"
  case .profile: ":profile:_snug_profiles"
  case .program: ":program:_command_names -e"
  case .rule: ":rule:_snug_rules"
  case .instance: ":instance:_snug_instances"
  case .variable: ":variable:_parameters -g \"*export*\""
  case .words(let words): ":word:(\(words.joined(separator: " ")))"
  }
}
