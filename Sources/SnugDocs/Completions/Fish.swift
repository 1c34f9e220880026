/// Completion for fish 3.
public func fishCompletion(_ commands: [CommandDescription]) -> String {
  let grammar = grammar(commands)
  let valued = grammar.flatMap { command in
    command.options.filter { $0.value != nil }.flatMap(\.names).map { "\(command.name):\($0)" }
  }
  var out = opening(valued.joined(separator: " "), grammar.map(\.name).joined(separator: " "))
  for command in grammar {
    out += "\ncomplete -c snug -n '__snug_at command' -a \(command.name) -d \(shellQuoted(command.abstract))\n"
    out += operands(command)
    for option in command.options { out += line(option, of: command.name) }
  }
  return out
}

private func opening(_ valued: String, _ names: String) -> String {
  """
  # Completion for fish \(completionHeading)

  # Where the line is: "command" before one is named; then the command and "operand N"; "run program" behind -p or --,
  # "exec program" behind an instance; "run rest" and "exec rest" where the words belong to the program that is run.
  function __snug_place
    set -l valued \(valued)
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ''
    set -l operands 0
    set -l isProgram 0
    set -l isOver 0
    set -l isValue 0
    for word in $words
      if test $isValue = 1
        set isValue 0
      else if test -z "$command"
        string match -q -- '-*' $word; or set command $word
      else if test "$word" = --; and test $operands = 0
        set isProgram 1
        set isOver 1
      else if test $isOver = 0; and string match -q -- '-?*' $word
        contains -- "$command:$word" $valued; and set isValue 1
        string match -qr -- '^(-p|--profile(=.*)?)$' $word; and set isProgram 1
      else
        set operands (math $operands + 1)
        test $command = run; and set isOver 1
        test $command = exec -a $operands = 2; and set isOver 1
      end
    end
    if test -z "$command"
      echo command
    else if test $command = run -a $operands -gt 0
      echo run rest
    else if test $command = run -a $isProgram = 1
      echo run program
    else if test $command = exec -a $operands -gt 1
      echo exec rest
    else if test $command = exec -a $operands = 1
      echo exec program
    else
      echo $command operand $operands
    end
  end
  function __snug_at
    test (__snug_place) = "$argv"
  end
  function __snug_in
    string match -q -- "$argv[1] *" (__snug_place); and not string match -q -- '* rest' (__snug_place)
  end
  function __snug_profiles
    snug list --names 2>/dev/null
  end
  function __snug_instances
    snug ps --names 2>/dev/null
  end
  function __snug_rules
    snug lint --list 2>/dev/null | string replace -r ' .*' ''
  end

  complete -c snug -f
  complete -c snug -n '__snug_at command' -l version -d 'Show the version'
  complete -c snug -n '__snug_at command' -s h -l help -d 'Show help'
  complete -c snug -n '__snug_at command' -a help -d 'Show help of a command'
  complete -c snug -n '__snug_at help operand 0' -a '\(names)'
  complete -c snug -n '__snug_at run program' -a '(__fish_complete_command)'
  complete -c snug -n '__snug_at run rest' -F

  """
}

private func operands(_ command: CompletedCommand) -> String {
  let first = "complete -c snug -n '__snug_at \(command.name) operand 0'"
  switch command.operands {
  case .none: return ""
  case .profile, .program: return first + " -F -a '(__snug_profiles)'\n"
  case .instance: return first + " -a '(__snug_instances)'\n"
  case .instanceWithProgram:
    return first + " -a '(__snug_instances)'\n"
      + "complete -c snug -n '__snug_at exec program' -a '(__fish_complete_command)'\n"
      + "complete -c snug -n '__snug_at exec rest' -F\n"
  case .copy:
    return "complete -c snug -n '__snug_in \(command.name)' -F -a '(__snug_instances | string replace -r \"\\$\" :)'\n"
  case .profiles: return "complete -c snug -n '__snug_in \(command.name)' -F -a '(__snug_profiles)'\n"
  case .profileWithRunOptions:
    let rest = "__snug_in \(command.name); and not __snug_at \(command.name) operand 0"
    return first + " -F -a '(__snug_profiles)'\ncomplete -c snug -n '\(rest)' -F\n"
  case .words(let words): return first + " -a '\(words.joined(separator: " "))'\n"
  case .wordThenProfiles(let words):
    let rest = "__snug_in \(command.name); and not __snug_at \(command.name) operand 0"
    return first + " -a '\(words.joined(separator: " "))'\n"
      + "complete -c snug -n '\(rest)' -a '(__snug_profiles)'\n"
  }
}

private func line(_ option: CompletedOption, of command: String) -> String {
  var out = "complete -c snug -n '__snug_in \(command)'"
  for name in option.names {
    out += name.hasPrefix("--") ? " -l \(name.dropFirst(2))" : " -s \(name.dropFirst())"
  }
  switch option.value {
  case nil: break
  case .nothing: out += " -x"
  case .file: out += " -r -F"
  case .profile: out += " -r -F -a '(__snug_profiles)'"
  case .program: out += " -r -F -a '(__fish_complete_command)'"
  case .rule: out += " -x -a '(__snug_rules)'"
  case .instance: out += " -x -a '(__snug_instances)'"
  case .variable: out += " -x -a '(set --names --export)'"
  case .words(let words): out += " -x -a '\(words.joined(separator: " "))'"
  }
  return out + " -d \(shellQuoted(option.help))\n"
}
