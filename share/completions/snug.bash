# Completion for bash of snug, generated from its command line; see share/doc/contributing.md.
# shellcheck shell=bash

# Each of the three puts its answer into REPLY: options of a command; what COMMAND:OPTION takes, empty for a flag;
# what stands behind a command.
_snug_options() {
  REPLY=
  case $1 in
    run) REPLY='-p --profile --read --write --hide --network --setenv --keep-env --home --name --status-fd --fd --detach --keep --share-network-with --from-menu --bus-name --trace-timing -v --verbose -h --help' ;;
    check) REPLY='--read --write --hide --network --setenv --keep-env --home -h --help' ;;
    plan) REPLY='--json --read --write --hide --network --setenv --keep-env --home -h --help' ;;
    explain) REPLY='--json --read --write --hide --network --setenv --keep-env --home -h --help' ;;
    diff) REPLY='--fail-on --json -h --help' ;;
    new) REPLY='--from --print -h --help' ;;
    override) REPLY='--show --edit --reset --read --write --hide --network --setenv --keep-env --home -h --help' ;;
    lint) REPLY='--format --fix --explain --list -h --help' ;;
    list) REPLY='--json --names -h --help' ;;
    show) REPLY='-h --help' ;;
    home) REPLY='--reset -h --help' ;;
    desktop) REPLY='--all --shim --json -h --help' ;;
    ps) REPLY='--json --names -h --help' ;;
    exec) REPLY='--time --memory --output --processes --status-fd -h --help' ;;
    stop) REPLY='--now -h --help' ;;
    pause) REPLY='-h --help' ;;
    resume) REPLY='-h --help' ;;
    reset) REPLY='-h --help' ;;
    cp) REPLY='-h --help' ;;
    seccomp) REPLY='--listing -h --help' ;;
    doctor) REPLY='--json -h --help' ;;
  esac
}
_snug_value() {
  REPLY=
  case $1 in
    run:-p | run:--profile) REPLY='profile' ;;
    run:--read) REPLY='file' ;;
    run:--write) REPLY='file' ;;
    run:--hide) REPLY='file' ;;
    run:--network) REPLY='words none host private' ;;
    run:--setenv) REPLY='nothing' ;;
    run:--keep-env) REPLY='variable' ;;
    run:--home) REPLY='words none temporary private overlay host' ;;
    run:--name) REPLY='nothing' ;;
    run:--status-fd) REPLY='nothing' ;;
    run:--fd) REPLY='nothing' ;;
    run:--share-network-with) REPLY='instance' ;;
    run:--bus-name) REPLY='nothing' ;;
    check:--read) REPLY='file' ;;
    check:--write) REPLY='file' ;;
    check:--hide) REPLY='file' ;;
    check:--network) REPLY='words none host private' ;;
    check:--setenv) REPLY='nothing' ;;
    check:--keep-env) REPLY='variable' ;;
    check:--home) REPLY='words none temporary private overlay host' ;;
    plan:--read) REPLY='file' ;;
    plan:--write) REPLY='file' ;;
    plan:--hide) REPLY='file' ;;
    plan:--network) REPLY='words none host private' ;;
    plan:--setenv) REPLY='nothing' ;;
    plan:--keep-env) REPLY='variable' ;;
    plan:--home) REPLY='words none temporary private overlay host' ;;
    explain:--read) REPLY='file' ;;
    explain:--write) REPLY='file' ;;
    explain:--hide) REPLY='file' ;;
    explain:--network) REPLY='words none host private' ;;
    explain:--setenv) REPLY='nothing' ;;
    explain:--keep-env) REPLY='variable' ;;
    explain:--home) REPLY='words none temporary private overlay host' ;;
    diff:--fail-on) REPLY='words widen' ;;
    new:--from) REPLY='program' ;;
    override:--read) REPLY='file' ;;
    override:--write) REPLY='file' ;;
    override:--hide) REPLY='file' ;;
    override:--network) REPLY='words none host private' ;;
    override:--setenv) REPLY='nothing' ;;
    override:--keep-env) REPLY='variable' ;;
    override:--home) REPLY='words none temporary private overlay host' ;;
    lint:--format) REPLY='words text json sarif github' ;;
    lint:--explain) REPLY='rule' ;;
    exec:--time) REPLY='nothing' ;;
    exec:--memory) REPLY='nothing' ;;
    exec:--output) REPLY='nothing' ;;
    exec:--processes) REPLY='nothing' ;;
    exec:--status-fd) REPLY='nothing' ;;
  esac
}
_snug_operands() {
  REPLY=
  case $1 in
    run) REPLY='run' ;;
    check) REPLY='profile-files' ;;
    plan) REPLY='profile-files' ;;
    explain) REPLY='profile-files' ;;
    diff) REPLY='profiles' ;;
    new) REPLY='nothing' ;;
    override) REPLY='profile-files' ;;
    lint) REPLY='profiles' ;;
    list) REPLY='nothing' ;;
    show) REPLY='profile' ;;
    home) REPLY='profile' ;;
    desktop) REPLY='then-profiles install remove list check' ;;
    ps) REPLY='nothing' ;;
    exec) REPLY='exec' ;;
    stop) REPLY='instance' ;;
    pause) REPLY='instance' ;;
    resume) REPLY='instance' ;;
    reset) REPLY='instance' ;;
    cp) REPLY='copy' ;;
    seccomp) REPLY='words base desktop devel nested none' ;;
    doctor) REPLY='nothing' ;;
  esac
}
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
    REPLY="words run check plan explain diff new override lint list show home desktop ps exec stop pause resume reset cp seccomp doctor help --help --version"
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
    REPLY="words run check plan explain diff new override lint list show home desktop ps exec stop pause resume reset cp seccomp doctor"
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
