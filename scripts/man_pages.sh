#!/bin/sh
# Writes the manual pages of dovetail and of each of its commands, from what --help says (help2man).
# usage: man_pages.sh PROGRAM FOLDER
set -eu

die() {
  echo "man_pages.sh: $*" >&2
  exit 1
}

[ $# -eq 2 ] || die 'usage: man_pages.sh PROGRAM FOLDER'
program=$1
folder=$2
command -v help2man >/dev/null 2>&1 || die "'help2man' is not installed (Debian: help2man)"
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# page WORD...: the page of one command; its help as help2man reads it: options and their meaning on lines
# of their own, examples as they stand.
page() {
  name=dovetail
  for word in "$@"; do name=$name-$word; done
  "$program" "$@" --help >"$work/help"
  summary=$(sed -n '/./{s/\.$//;p;q}' "$work/help")
  {
    echo '#!/bin/sh'
    echo "if [ \"\$1\" = --version ]; then echo 'dovetail $version'; else cat '$work/shown'; fi"
  } >"$work/$name"
  chmod +x "$work/$name"
  sed -e 's/^\(  -[A-Za-z0-9]\),--/\1, --/' -e 's/^Subcommands:/Commands:/' "$work/help" >"$work/shown"
  help2man --no-info --section=1 --source='Dovetail' --manual='Dovetail' --name="$summary" \
    --output="$folder/$name.1" "$work/$name"
}

version=$("$program" --version | sed 's/ .*//')
pages() {
  page "$@"
  for word in $("$program" "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'); do
    pages "$@" "$word"
  done
}
pages
