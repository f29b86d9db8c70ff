#!/bin/sh
# Whether two builds give the same results: runs same_results_commands.sh with each and compares all files
# that it leaves byte for byte. Proof that a change of the code changed no result; status 1 if one differs.
# usage: same_results.sh [--quick] [--ignore-csv-comments] [--seven-digits] BEFORE AFTER    programs (build/native/cli/dovetail)
#   --quick                  a third of the time
#   --ignore-csv-comments    lines of CSV files that begin with '#' do not count
#   --seven-digits           numbers in CSV files count to seven significant digits, null as none
# Measurements are those in $DOVETAIL_DATA, else ../shared/data; what wants missing ones is left out.
#
# What does not count, and nothing else (plain() and compare()):
# - the description of the build, as --version gives it. Where the two differ: checksums of files that
#   hold it, and HDF5 files; what these hold is compared as dataset info, export-csv and validate print it
# - times: of evaluations, fits and trainings, when a trial was stored, and progress
# - how study.db holds its rows; if the builds have other tables, the whole file
set -eu
export LC_ALL=C
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

die() {
  echo "same_results.sh: $*" >&2
  exit 2
}

# program PATH: its absolute path.
program() {
  if [ ! -f "$1" ] || [ ! -x "$1" ]; then die "$1: found no program"; fi
  echo "$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")"
}

quick='' comments=count digits=all before='' after=''
for argument; do
  case $argument in
    --quick) quick=--quick ;;
    --ignore-csv-comments) comments=ignore ;;
    --seven-digits) digits=seven ;;
    -*) die "unknown option '$argument'; there are --quick, --ignore-csv-comments and --seven-digits" ;;
    *)
      [ -z "$after" ] || die "found '$argument', allowed are two programs"
      if [ -z "$before" ]; then before=$(program "$argument"); else after=$(program "$argument"); fi
      ;;
  esac
done
[ -n "$after" ] || die 'two programs are wanted: BEFORE AFTER'
data=${DOVETAIL_DATA:-$scripts/../../shared/data}
[ ! -d "$data" ] || data=$(CDPATH='' cd -- "$data" && pwd)
python3 -c 'import sqlite3' || die 'python3 with sqlite3 is wanted to compare study.db'

# The build's description as a regular expression, for each side.
pattern() { "$1" --version | head -n 1 | sed 's/[][\.*^$+?(){}|/]/\\&/g'; }
before_build=$(pattern "$before")
after_build=$(pattern "$after")

work=$(mktemp -d)
keep=no
trap '[ "$keep" = yes ] || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# side NAME PROGRAM: both run in a folder of the same name, with the configs/ and plots/ of their own there,
# since paths are written down.
side() {
  for house in "$(dirname "$2")/../../.." "$(dirname "$2")/../share/dovetail"; do
    [ ! -d "$house/configs" ] || break
  done
  [ -d "$house/configs" ] || die "$2: found no configs/ of it, neither where it was built nor installed"
  mkdir "$work/run"
  ln -s "$(realpath "$house/configs")" "$(realpath "$house/plots")" "$work/run"
  status=0
  begin=$(date +%s)
  (
    cd "$work/run"
    export DOVETAIL_CONFIGS="$PWD/configs"
    sh "$scripts/same_results_commands.sh" "$2" "$data" $quick
  ) || status=$?
  mv "$work/run" "$work/$1"
  echo "$1: $2, $(find "$work/$1" -type f | wc -l) files in $(($(date +%s) - begin)) s"
  return "$status"
}
side before "$before" || die 'BEFORE does not run all commands, see above: nothing is compared'
side after "$after" || echo 'AFTER does not run all commands, see above.'

# rounded: standard input, each number of it with seven significant digits if the option asks for that.
rounded() {
  if [ "$digits" = all ]; then
    cat
  else
    python3 -c 'import re, sys
for line in sys.stdin:
    line = re.sub(r"(?<![\w.\"-])null(?=[,\n])", "", line)
    sys.stdout.write(re.sub(r"(?<![\w.])-?\d+\.\d+(?:e[+-]?\d+)?(?![\w.])",
                            lambda m: "%.7g" % float(m[0]), line))'
  fi
}

# plain FILE BUILD: FILE without what does not count.
plain() {
  case $1 in
    */timings.csv) if [ "$comments" = ignore ]; then sed '/^#/d' "$1" | cut -d, -f1; else cut -d, -f1 "$1"; fi ;;
    *.db) python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).iterdump(), sep="\n")' "$1" ;;
    */dataset/info*.txt) sed -E 's/-+/-/g; s/ +/ /g' "$1" ;; # a table as wide as the build's description
    */compare_surrogates/*.csv)
      if [ "$comments" = ignore ]; then sed '/^#/d' "$1"; else cat "$1"; fi | sed -E 's/(,[0-9.e+-]+){2}$//' | rounded ;;
    */compare_surrogates/*.txt) sed -E 's/ +[0-9.]+ +[0-9.]+$//; s/-+/-/g; s/ +/ /g' "$1" ;;
    *.csv) if [ "$comments" = ignore ]; then sed '/^#/d' "$1" | rounded; else rounded <"$1"; fi ;;
    *) cat "$1" ;;
  esac | sed -E \
    -e "s/$2/BUILD/g" \
    -e 's/"(evaluation_ms|longest_ms|training_seconds)": [0-9.e+-]+/"\1": TIME/' \
    -e 's/"(stored_at|first_stored_at|last_stored_at)": "[^"]*"/"\1": TIME/' \
    -e 's/,[0-9.e+-]+,[0-9-]{10}T[0-9:.]+Z,/,TIME,TIME,/' \
    -e 's/^Times: stored .* at most;/Times: TIME;/' \
    -e 's/^[0-9.]+ s of training$/TIME s of training/' |
    if [ "$before_build" = "$after_build" ]; then
      cat
    else
      sed -E \
        -e 's/(fingerprint"?:? ?"?)[0-9a-f]{16}/\1CHECKSUM/' \
        -e 's/^checksum +[0-9a-f]{16}/checksum CHECKSUM/' \
        -e "s/('checksum of surrogate',')[0-9a-f]{16}/\1CHECKSUM/"
    fi
}

tables() { python3 -c 'import sqlite3, sys
print(*sqlite3.connect(sys.argv[1]).execute("SELECT sql FROM sqlite_master ORDER BY name"))' "$1"; }

# compare FILE: prints nothing if it is the same on both sides.
compare() {
  b=$work/before/$1 a=$work/after/$1
  if [ ! -e "$a" ]; then
    echo "only BEFORE wrote $1"
  elif [ ! -e "$b" ]; then
    echo "only AFTER wrote $1"
  elif ! cmp -s "$b" "$a"; then
    case $1 in
      *.h5)
        [ "$before_build" = "$after_build" ] || {
          echo 'HDF5 files left out, since they hold the description of the build' >>"$work/left_out"
          return 0
        }
        ;;
      *.db)
        [ "$(tables "$b")" = "$(tables "$a")" ] || {
          echo 'study.db left out, since the builds have other tables' >>"$work/left_out"
          return 0
        }
        ;;
    esac
    plain "$b" "$before_build" >"$work/b"
    plain "$a" "$after_build" >"$work/a"
    cmp -s "$work/b" "$work/a" || {
      echo "$1:"
      for side in b a; do fold -b -w 110 "$work/$side" >"$work/$side.folded"; done
      diff "$work/b.folded" "$work/a.folded" | head -n 5
    }
  fi
}

total=0 different=0
awk '!seen[$0]++' "$work/before/groups" "$work/after/groups" >"$work/groups"
while read -r group; do
  files=$(for side in before after; do
    if [ -d "$work/$side/$group" ]; then (cd "$work/$side" && find "$group" -type f); fi
  done | sort -u)
  count=0 found=0
  : >"$work/shown"
  for file in $files; do
    count=$((count + 1))
    difference=$(compare "$file")
    [ -n "$difference" ] || continue
    found=$((found + 1))
    [ "$found" -gt 3 ] || echo "$difference" | sed 's/^/    /' >>"$work/shown"
  done
  total=$((total + count)) different=$((different + found))
  if [ "$found" = 0 ]; then verdict=same; else verdict="DIFFERENT: $found, such as"; fi
  printf '%-22s %5d files  %s\n' "$group" "$count" "$verdict"
  cat "$work/shown"
done <"$work/groups"
[ ! -e "$work/left_out" ] || sort "$work/left_out" | uniq -c
if [ "$different" = 0 ]; then
  echo "All $total files are the same."
else
  keep=yes
  echo "$different of $total files are DIFFERENT; all are in $work/before and $work/after."
  exit 1
fi
