#!/bin/sh
# The tests of base, hw_space, models and sim again, with the address and undefined-behaviour sanitizers.
# usage: sanitize.sh [OPTION...]     options go to ctest
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

sh scripts/install_deps.sh
sh scripts/build.sh --preset asan base_test hw_space_test network_test onnx_test accuracy_test sim_test
ctest --preset asan --no-tests=error --parallel "$(nproc)" --label-exclude slow \
  -L '^(base|hw_space|network|onnx|accuracy|sim)_test$' "$@" || {
  echo "sanitize.sh: tests failed" >&2
  exit 1
}
