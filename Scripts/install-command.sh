#!/bin/sh
# Puts the command, its completions and its manual below a folder, as a system has them below /usr.
#   install-command.sh WORK MANUAL FOLDER [ZSH]
# ZSH is zsh's folder for completions: share/zsh/site-functions by default, share/zsh/vendor-completions in
# a Debian package.
set -eu
work=$1
manual=$2
folder=$3
zsh=${4:-share/zsh/site-functions}

install -D -m 755 "$work" "$folder/bin/work"
install -D -m 644 "$manual" "$folder/share/man/man1/work.1"

# completion SHELL FILE: what the command itself generates for a shell.
completion() {
  install -d "$(dirname "$folder/$2")"
  # No script to be started, so without its first line where that names an interpreter.
  "$work" --generate-completion-script "$1" | sed '1{/^#!/d}' >"$folder/$2"
  chmod 644 "$folder/$2"
}
completion bash share/bash-completion/completions/work
completion zsh "$zsh/_work"
completion fish share/fish/vendor_completions.d/work.fish
