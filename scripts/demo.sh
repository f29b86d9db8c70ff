#!/bin/sh
# Installs what is missing, builds and runs the demonstration: a joint search for a network and the
# accelerator it runs on.
# usage: demo.sh [OPTION...]     options go to scripts/run_demo.sh
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

sh scripts/install_deps.sh
sh scripts/build.sh dovetail

# ---- Everything is built; what follows is the demonstration itself. ----
exec sh scripts/run_demo.sh "$@"
