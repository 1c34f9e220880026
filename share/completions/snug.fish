# Completion for fish of snug, generated from its command line; see share/doc/contributing.md.

# Where the line is: "command" before one is named; then the command and "operand N"; "run program" behind -p or --,
# "exec program" behind an instance; "run rest" and "exec rest" where the words belong to the program that is run.
function __snug_place
  set -l valued run:-p run:--profile run:--read run:--write run:--hide run:--network run:--setenv run:--keep-env run:--home run:--name run:--status-fd run:--fd run:--share-network-with run:--bus-name check:--read check:--write check:--hide check:--network check:--setenv check:--keep-env check:--home plan:--read plan:--write plan:--hide plan:--network plan:--setenv plan:--keep-env plan:--home explain:--read explain:--write explain:--hide explain:--network explain:--setenv explain:--keep-env explain:--home diff:--fail-on new:--from override:--read override:--write override:--hide override:--network override:--setenv override:--keep-env override:--home lint:--format lint:--explain exec:--time exec:--memory exec:--output exec:--processes exec:--status-fd
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
complete -c snug -n '__snug_at help operand 0' -a 'run check plan explain diff new override lint list show home desktop ps exec stop pause resume reset cp seccomp doctor'
complete -c snug -n '__snug_at run program' -a '(__fish_complete_command)'
complete -c snug -n '__snug_at run rest' -F

complete -c snug -n '__snug_at command' -a run -d 'Run a program in the box its profile describes'
complete -c snug -n '__snug_at run operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in run' -s p -l profile -r -F -a '(__snug_profiles)' -d 'Run CMD in this profile'
complete -c snug -n '__snug_in run' -l read -r -F -d 'Let the program read this path'
complete -c snug -n '__snug_in run' -l write -r -F -d 'Let the program read and change this path'
complete -c snug -n '__snug_in run' -l hide -r -F -d 'Hide this path, whatever else is granted'
complete -c snug -n '__snug_in run' -l network -x -a 'none host private' -d 'none, host or private'
complete -c snug -n '__snug_in run' -l setenv -x -d 'Set a variable'
complete -c snug -n '__snug_in run' -l keep-env -x -a '(set --names --export)' -d 'Take over a variable of yours'
complete -c snug -n '__snug_in run' -l home -x -a 'none temporary private overlay host' -d 'none, temporary, private, overlay or host'
complete -c snug -n '__snug_in run' -l name -x -d 'Give the running sandbox a name'
complete -c snug -n '__snug_in run' -l status-fd -x -d 'Write what happens as JSON lines to this descriptor'
complete -c snug -n '__snug_in run' -l fd -x -d 'Pass this open descriptor to the program'
complete -c snug -n '__snug_in run' -l detach -d 'Leave the sandbox running in the background'
complete -c snug -n '__snug_in run' -l keep -d 'Keep the sandbox without a program in it'
complete -c snug -n '__snug_in run' -l share-network-with -x -a '(__snug_instances)' -d 'Share the network of a running sandbox'
complete -c snug -n '__snug_in run' -l from-menu -d 'Tell by notification and log why a start fails'
complete -c snug -n '__snug_in run' -l bus-name -x -d 'Start only where the profile owns this bus name'
complete -c snug -n '__snug_in run' -l trace-timing -d 'Print the microseconds of each step of the start'
complete -c snug -n '__snug_in run' -s v -l verbose -d 'Say what is done'
complete -c snug -n '__snug_in run' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a check -d 'Build the sandbox, try what [assert] claims from inside, start nothing'
complete -c snug -n '__snug_at check operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in check; and not __snug_at check operand 0' -F
complete -c snug -n '__snug_in check' -l read -r -F -d 'Let the program read this path'
complete -c snug -n '__snug_in check' -l write -r -F -d 'Let the program read and change this path'
complete -c snug -n '__snug_in check' -l hide -r -F -d 'Hide this path, whatever else is granted'
complete -c snug -n '__snug_in check' -l network -x -a 'none host private' -d 'none, host or private'
complete -c snug -n '__snug_in check' -l setenv -x -d 'Set a variable'
complete -c snug -n '__snug_in check' -l keep-env -x -a '(set --names --export)' -d 'Take over a variable of yours'
complete -c snug -n '__snug_in check' -l home -x -a 'none temporary private overlay host' -d 'none, temporary, private, overlay or host'
complete -c snug -n '__snug_in check' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a plan -d 'Show what a start would do, in order, with the line that asked for each step'
complete -c snug -n '__snug_at plan operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in plan; and not __snug_at plan operand 0' -F
complete -c snug -n '__snug_in plan' -l json -d 'As JSON'
complete -c snug -n '__snug_in plan' -l read -r -F -d 'Let the program read this path'
complete -c snug -n '__snug_in plan' -l write -r -F -d 'Let the program read and change this path'
complete -c snug -n '__snug_in plan' -l hide -r -F -d 'Hide this path, whatever else is granted'
complete -c snug -n '__snug_in plan' -l network -x -a 'none host private' -d 'none, host or private'
complete -c snug -n '__snug_in plan' -l setenv -x -d 'Set a variable'
complete -c snug -n '__snug_in plan' -l keep-env -x -a '(set --names --export)' -d 'Take over a variable of yours'
complete -c snug -n '__snug_in plan' -l home -x -a 'none temporary private overlay host' -d 'none, temporary, private, overlay or host'
complete -c snug -n '__snug_in plan' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a explain -d 'Tell in plain words what the program can see, change and reach, and why'
complete -c snug -n '__snug_at explain operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in explain; and not __snug_at explain operand 0' -F
complete -c snug -n '__snug_in explain' -l json -d 'As JSON'
complete -c snug -n '__snug_in explain' -l read -r -F -d 'Let the program read this path'
complete -c snug -n '__snug_in explain' -l write -r -F -d 'Let the program read and change this path'
complete -c snug -n '__snug_in explain' -l hide -r -F -d 'Hide this path, whatever else is granted'
complete -c snug -n '__snug_in explain' -l network -x -a 'none host private' -d 'none, host or private'
complete -c snug -n '__snug_in explain' -l setenv -x -d 'Set a variable'
complete -c snug -n '__snug_in explain' -l keep-env -x -a '(set --names --export)' -d 'Take over a variable of yours'
complete -c snug -n '__snug_in explain' -l home -x -a 'none temporary private overlay host' -d 'none, temporary, private, overlay or host'
complete -c snug -n '__snug_in explain' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a diff -d 'Show what the app of profile B gains and loses against that of profile A'
complete -c snug -n '__snug_in diff' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in diff' -l fail-on -x -a 'widen' -d 'Leave with status 1 when there is a gain'
complete -c snug -n '__snug_in diff' -l json -d 'As JSON'
complete -c snug -n '__snug_in diff' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a new -d 'Write a commented profile to begin with, from what a program is'
complete -c snug -n '__snug_in new' -l from -r -F -a '(__fish_complete_command)' -d 'The program, or its menu entry'
complete -c snug -n '__snug_in new' -l print -d 'Print the profile and write nothing'
complete -c snug -n '__snug_in new' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a override -d 'Change a profile for good, in a file of your own that keeps getting its upgrades'
complete -c snug -n '__snug_at override operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in override; and not __snug_at override operand 0' -F
complete -c snug -n '__snug_in override' -l show -d 'Print the changes'
complete -c snug -n '__snug_in override' -l edit -d 'Open the changes in $VISUAL or $EDITOR'
complete -c snug -n '__snug_in override' -l reset -d 'Take the changes back; the file is kept with ~ behind its name'
complete -c snug -n '__snug_in override' -l read -r -F -d 'Let the program read this path'
complete -c snug -n '__snug_in override' -l write -r -F -d 'Let the program read and change this path'
complete -c snug -n '__snug_in override' -l hide -r -F -d 'Hide this path, whatever else is granted'
complete -c snug -n '__snug_in override' -l network -x -a 'none host private' -d 'none, host or private'
complete -c snug -n '__snug_in override' -l setenv -x -d 'Set a variable'
complete -c snug -n '__snug_in override' -l keep-env -x -a '(set --names --export)' -d 'Take over a variable of yours'
complete -c snug -n '__snug_in override' -l home -x -a 'none temporary private overlay host' -d 'none, temporary, private, overlay or host'
complete -c snug -n '__snug_in override' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a lint -d 'Tell what is wrong in profiles, why, and what to write instead'
complete -c snug -n '__snug_in lint' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in lint' -l format -x -a 'text json sarif github' -d 'text, json, sarif or github'
complete -c snug -n '__snug_in lint' -l fix -d 'Make the repairs that need no thought; comments and layout stay'
complete -c snug -n '__snug_in lint' -l explain -x -a '(__snug_rules)' -d 'Print the page of a rule'
complete -c snug -n '__snug_in lint' -l list -d 'List the rules'
complete -c snug -n '__snug_in lint' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a list -d 'List the profiles and where they come from'
complete -c snug -n '__snug_in list' -l json -d 'As JSON'
complete -c snug -n '__snug_in list' -l names -d 'Names alone, one on each line, for scripts that complete them'
complete -c snug -n '__snug_in list' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a show -d 'Show a profile merged over all that it extends, with the place of each value'
complete -c snug -n '__snug_at show operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in show' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a home -d 'Show the private homes of profiles, or empty one'
complete -c snug -n '__snug_at home operand 0' -F -a '(__snug_profiles)'
complete -c snug -n '__snug_in home' -l reset -d 'Remove everything in it'
complete -c snug -n '__snug_in home' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a desktop -d 'Have the menu start programs in their boxes'
complete -c snug -n '__snug_at desktop operand 0' -a 'install remove list check'
complete -c snug -n '__snug_in desktop; and not __snug_at desktop operand 0' -a '(__snug_profiles)'
complete -c snug -n '__snug_in desktop' -l all -d 'Every profile that has an entry'
complete -c snug -n '__snug_in desktop' -l shim -d 'Write programs for the terminal, too'
complete -c snug -n '__snug_in desktop' -l json -d 'As JSON'
complete -c snug -n '__snug_in desktop' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a ps -d 'List the instances that run'
complete -c snug -n '__snug_in ps' -l json -d 'As JSON'
complete -c snug -n '__snug_in ps' -l names -d 'Names alone, one on each line, for scripts that complete them'
complete -c snug -n '__snug_in ps' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a exec -d 'Run a command in a running sandbox, beside its program'
complete -c snug -n '__snug_at exec operand 0' -a '(__snug_instances)'
complete -c snug -n '__snug_at exec program' -a '(__fish_complete_command)'
complete -c snug -n '__snug_at exec rest' -F
complete -c snug -n '__snug_in exec' -l time -x -d 'End it after this time'
complete -c snug -n '__snug_in exec' -l memory -x -d 'Memory it may use'
complete -c snug -n '__snug_in exec' -l output -x -d 'Bytes it may write to 1 and 2 together'
complete -c snug -n '__snug_in exec' -l processes -x -d 'Processes and threads it may have at once'
complete -c snug -n '__snug_in exec' -l status-fd -x -d 'Write how it ended as one JSON line to this descriptor'
complete -c snug -n '__snug_in exec' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a stop -d 'End a running sandbox'
complete -c snug -n '__snug_at stop operand 0' -a '(__snug_instances)'
complete -c snug -n '__snug_in stop' -l now -d 'Kill everything at once'
complete -c snug -n '__snug_in stop' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a pause -d 'Halt everything in a running sandbox'
complete -c snug -n '__snug_at pause operand 0' -a '(__snug_instances)'
complete -c snug -n '__snug_in pause' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a resume -d 'Let a halted sandbox go on'
complete -c snug -n '__snug_at resume operand 0' -a '(__snug_instances)'
complete -c snug -n '__snug_in resume' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a reset -d 'Start a kept sandbox afresh: nothing temporary survives'
complete -c snug -n '__snug_at reset operand 0' -a '(__snug_instances)'
complete -c snug -n '__snug_in reset' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a cp -d 'Copy a file or a directory out of a running sandbox, or into it'
complete -c snug -n '__snug_in cp' -F -a '(__snug_instances | string replace -r "\$" :)'
complete -c snug -n '__snug_in cp' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a seccomp -d 'Show what a seccomp preset refuses, and why'
complete -c snug -n '__snug_at seccomp operand 0' -a 'base desktop devel nested none'
complete -c snug -n '__snug_in seccomp' -l listing -d 'The program as it is loaded, one instruction a line'
complete -c snug -n '__snug_in seccomp' -s h -l help -d 'Show help'

complete -c snug -n '__snug_at command' -a doctor -d 'Tell what this machine supports, and the least change where something is missing'
complete -c snug -n '__snug_in doctor' -l json -d 'As JSON'
complete -c snug -n '__snug_in doctor' -s h -l help -d 'Show help'
