#!/bin/sh
# Builds and runs the benchmarks: parts of a simulation, random pairs, the surrogate, and whole commands
# with one and two worker processes. They print figures and judge nothing. Close other programs first.
# usage: bench.sh [ROWS]     rows to label in the whole-command part (default 20000)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
rows=${1:-20000}

sh scripts/install_deps.sh
sh scripts/build.sh bench
build=build/native
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

"$build/bench/simulator_bench" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
  --benchmark_min_time=0.1 2>/dev/null | grep -E '^Bench|^---|_median'
echo
"$build/bench/pairs_bench"
echo

# OpenBLAS 0.3.21 does not know every newer processor and then takes its oldest kernels; the fairer
# measure is the newest that this one can run.
if grep -qw avx512bw /proc/cpuinfo; then kernels=SkylakeX
elif grep -qw avx2 /proc/cpuinfo; then kernels=Haswell
else kernels=''; fi
for program in surrogate_bench training_bench; do
  [ -x "$build/bench/$program" ] || continue
  OPENBLAS_CORETYPE=$kernels "$build/bench/$program"
  echo
done

# seconds COMMAND...: wall time of a whole command
seconds() {
  begin=$(date +%s.%N)
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  end=$(date +%s.%N)
  echo "$begin $end" | awk '{ printf "%.2f", $2 - $1 }'
}

one=$(seconds "$build/cli/dovetail" label -s ofa_mbv3 -c "$rows" -o "$work/one.h5" --workers 1 -q)
two=$(seconds "$build/cli/dovetail" label -s ofa_mbv3 -c "$rows" -o "$work/two.h5" --workers 2 -q)
cmp "$work/one.h5" "$work/two.h5"
echo "label $rows pairs: $one s with one process, $two s with two" |
  awk -v rows="$rows" -v one="$one" -v two="$two" \
    '{ printf "%s (%.0f and %.0f pairs a second, ratio %.2f); the files are equal\n", $0, rows / one, rows / two, one / two }'
explore=$(seconds "$build/cli/dovetail" explore -n mobilenet_v2 -o "$work/explore" --workers 2 -q)
echo "explore all 50,000 configurations for mobilenet_v2 with two processes: $explore s"
