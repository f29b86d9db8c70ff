#!/bin/sh
# Installs what is missing, builds and runs all tests.
# usage: test.sh [OPTION...]     options go to ctest, for example: test.sh -R Mapper
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

sh scripts/install_deps.sh
sh scripts/build.sh
ctest --preset native --no-tests=error --parallel "$(nproc)" "$@" || {
  echo "test.sh: tests failed; 'ctest --preset native --rerun-failed' runs them again" >&2
  exit 1
}
