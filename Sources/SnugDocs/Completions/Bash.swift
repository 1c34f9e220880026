/// Completion for bash 4.4 and newer; needs nothing of the package bash-completion, and uses it for the words of the
/// program that is run.
public func bashCompletion(_ commands: [CommandDescription]) -> String {
  let grammar = grammar(commands)
  let options = grammar.map { command in
    "    \(command.name)) REPLY='\(command.options.flatMap(\.names).joined(separator: " "))' ;;\n"
  }.joined()
  let values = grammar.flatMap { command in
    command.options.compactMap { option -> String? in
      guard let value = option.value else { return nil }
      let pattern = option.names.map { "\(command.name):\($0)" }.joined(separator: " | ")
      return "    \(pattern)) REPLY=\(shellQuoted(word(value))) ;;\n"
    }
  }.joined()
  let operands = grammar.map { command in
    "    \(command.name)) REPLY=\(shellQuoted(word(command.operands))) ;;\n"
  }.joined()
  return """
    # Completion for bash \(completionHeading)
    # shellcheck shell=bash

    # Each of the three puts its answer into REPLY: options of a command; what COMMAND:OPTION takes, empty for a flag;
    # what stands behind a command.
    _snug_options() {
      REPLY=
      case $1 in
    \(options)  esac
    }
    _snug_value() {
      REPLY=
      case $1 in
    \(values)  esac
    }
    _snug_operands() {
      REPLY=
      case $1 in
    \(operands)  esac
    }

    """ + bashBody(grammar.map(\.name).joined(separator: " "))
}

private func word(_ value: Completed) -> String {
  switch value {
  case .nothing: "nothing"
  case .file: "file"
  case .profile: "profile"
  case .program: "program"
  case .rule: "rule"
  case .variable: "variable"
  case .instance: "instance"
  case .words(let words): "words " + words.joined(separator: " ")
  }
}

private func word(_ operands: Operands) -> String {
  switch operands {
  case .none: "nothing"
  case .profile: "profile"
  case .profiles: "profiles"
  case .profileWithRunOptions: "profile-files"
  case .program: "run"
  case .instance: "instance"
  case .instanceWithProgram: "exec"
  case .copy: "copy"
  case .words(let words): "words " + words.joined(separator: " ")
  case .wordThenProfiles(let words): "then-profiles " + words.joined(separator: " ")
  }
}

private func bashBody(_ names: String) -> String {
  #"""
  # Lines of standard input that begin with the word. Not compgen -W: it would expand what a file is called.
  _snug_matching() {
    local line
    while IFS= read -r line; do
      [[ $line != "$1"* ]] || COMPREPLY+=("$(printf %q "$line")")
    done
  }

  # _snug_complete SNUG WORD KIND [WORDS]
  _snug_complete() {
    local snug=$1 word=$2 kind=$3
    shift 3
    case $kind in
      profile | profiles)
        _snug_matching "$word" < <("$snug" list --names 2>/dev/null)
        case $word in
          */* | .* | ~*) _snug_complete "$snug" "$word" file ;;
        esac
        ;;
      file)
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
        ;;
      program) mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
      instance) _snug_matching "$word" < <("$snug" ps --names 2>/dev/null) ;;
      copy)
        _snug_complete "$snug" "$word" file
        compopt -o nospace 2>/dev/null
        _snug_matching "$word" < <("$snug" ps --names 2>/dev/null | sed 's/$/:/')
        ;;
      rule) _snug_matching "$word" < <("$snug" lint --list 2>/dev/null | cut -d ' ' -f 1) ;;
      variable) mapfile -t COMPREPLY < <(compgen -e -- "$word") ;;
      words) _snug_matching "$word" < <(printf '%s\n' "$@") ;;
    esac
  }

  # Where the line is: sets command, option (one that waits for its value), operands (how many stand before the word),
  # program (whether -p or -- announced one) and index (where the words of that program begin).
  _snug_walk() {
    local this
    for ((index = 1; index < COMP_CWORD; index++)); do
      this=${COMP_WORDS[index]}
      if [[ -n $option ]]; then
        # readline ends words at "=": --read=x comes as three.
        [[ $this == = ]] || option=
      elif [[ -z $command ]]; then
        [[ $this == -* ]] || command=$this
      elif [[ $this == -- ]]; then
        program=1 isOver=1
        index=$((index + 1))
        return
      elif [[ $this == -?* ]]; then
        _snug_value "$command:$this"
        [[ -z $REPLY ]] || option=$this
        [[ $this != -p && $this != --profile ]] || program=1
      else
        operands=$((operands + 1))
        [[ $command != run && $command$operands != exec2 ]] || return
      fi
    done
  }

  _snug_run() {
    local snug=$1 word=$2
    if ((index < COMP_CWORD)); then
      if ((program)) && declare -F _command_offset >/dev/null; then
        _command_offset "$index"
      else
        _snug_complete "$snug" "$word" file
      fi
    elif [[ $word == -* ]] && ((!isOver)); then
      _snug_options run
      # shellcheck disable=SC2086
      _snug_complete "$snug" "$word" words $REPLY
    elif ((program)); then
      _snug_complete "$snug" "$word" program
    else
      _snug_complete "$snug" "$word" profile
    fi
  }

  _snug_exec() {
    local snug=$1 word=$2
    if ((operands && index < COMP_CWORD)); then
      if declare -F _command_offset >/dev/null; then
        _command_offset "$index"
      else
        _snug_complete "$snug" "$word" file
      fi
    elif [[ $word == -* ]] && ((!isOver)); then
      _snug_options exec
      # shellcheck disable=SC2086
      _snug_complete "$snug" "$word" words $REPLY
    elif ((operands)); then
      _snug_complete "$snug" "$word" program
    else
      _snug_complete "$snug" "$word" instance
    fi
  }

  _snug() {
    local snug=$1 word=${COMP_WORDS[COMP_CWORD]} REPLY
    local command='' option='' operands=0 program=0 isOver=0 index
    COMPREPLY=()
    [[ $word != = ]] || word=
    _snug_walk
    if [[ -n $option ]]; then
      _snug_value "$command:$option"
    elif [[ -z $command ]]; then
      REPLY="words \#(names) help --help --version"
    elif [[ $command == run ]]; then
      _snug_run "$snug" "$word"
      return
    elif [[ $command == exec ]]; then
      _snug_exec "$snug" "$word"
      return
    elif [[ $word == -* ]]; then
      _snug_options "$command"
      REPLY="words $REPLY"
    elif [[ $command == help ]]; then
      REPLY="words \#(names)"
    else
      _snug_operands "$command"
      case $REPLY in
        profiles | copy) ;;
        then-profiles*) if ((operands)); then REPLY=profiles; else REPLY="words ${REPLY#then-profiles }"; fi ;;
        profile-files) if ((operands)); then REPLY=file; else REPLY=profile; fi ;;
        *) ((!operands)) || REPLY=nothing ;;
      esac
    fi
    # shellcheck disable=SC2086
    _snug_complete "$snug" "$word" ${REPLY:-nothing}
  }
  complete -F _snug snug

  """#
}
