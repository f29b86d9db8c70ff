#!/bin/sh
# Builds Dovetail for this machine's processor in build/native, or by another preset in build/PRESET.
# usage: build.sh [--preset PRESET] [TARGET...]     everything, tests too, if no target is named
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

die() {
  echo "build.sh: $*" >&2
  exit 1
}

preset=native
if [ "${1:-}" = --preset ]; then
  [ $# -ge 2 ] || die '--preset wants the name of a preset of CMakePresets.json'
  preset=$2
  shift 2
fi

for tool in cmake ninja c++; do
  command -v "$tool" >/dev/null 2>&1 ||
    die "'$tool' is not installed; scripts/install_deps.sh installs what is needed"
done

# One compiler a processor, and no more than memory has room for (1.5 GB each).
jobs=$(nproc)
room=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo 2>/dev/null) || room=''
if [ -n "$room" ] && [ "$room" -lt "$jobs" ]; then jobs=$room; fi
[ "$jobs" -ge 1 ] || jobs=1

cmake --log-level=NOTICE --preset "$preset" || die 'configuring failed; see the lines above'
cmake --build --preset "$preset" --parallel "$jobs" ${1:+--target "$@"} ||
  die "compiling failed; see the lines above (with too little memory, close other programs or run
  'cmake --build --preset $preset --parallel 1')"
