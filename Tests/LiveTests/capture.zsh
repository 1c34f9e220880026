# zsh -f capture.zsh FOLDER LINE: the candidates for the end of LINE, one on each line, as an interactive zsh with FOLDER
# in its fpath has them.
zmodload zsh/zpty || exit 3
zpty shell zsh -f -i
zpty -w shell "PROMPT=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell 'bindkey "^I" complete-word; zstyle ":completion:*" insert-tab false
compadd () {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a found
  builtin compadd -A found "$@"
  (( $#found )) && print -rl -- "found:"${^found}
  builtin compadd "$@"
}
begin () { print -r -- "=begin" }
finish () { print -r -- "=finish"; exit }
compprefuncs=(begin); comppostfuncs=(finish)
print re""ady'
while zpty -r shell text; do [[ $text == *ready* ]] && break; done
zpty -w -n shell "$2"$'\t'
while zpty -r shell text; do
  text=${${text%%$'\n'}%%$'\r'}
  [[ $text == *=finish* ]] && break
  [[ $text == *found:* ]] && print -r -- "${text#*found:}"
done
zpty -d shell
