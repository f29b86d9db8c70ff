#!/bin/sh
# The main job: searches networks and accelerators together (configs/studies/demo.yaml), draws the
# Pareto picture and exports one pair of the joint front.
# usage: run_demo.sh [--fresh]     results in out/demo; --fresh starts over instead of going on
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

dovetail=build/native/cli/dovetail
out=out/demo

die() {
  echo "run_demo.sh: $*" >&2
  exit 1
}

[ -x "$dovetail" ] || die "$dovetail is missing; scripts/demo.sh builds it"
case "${1:-}" in
  '') ;;
  --fresh) rm -rf "$out" ;;
  *) die "unknown option '$1'; the only one is --fresh" ;;
esac

start=$(date +%s)
if [ -e "$out/study.db" ]; then
  "$dovetail" search configs/studies/demo.yaml -o "$out" --resume ||
    die "the study in $out cannot be resumed; scripts/demo.sh --fresh starts over"
else
  "$dovetail" search configs/studies/demo.yaml -o "$out"
fi
for suffix in png pdf; do
  "$dovetail" plot pareto "$out/pareto.csv" -o "$out/pareto.$suffix"
done
"$dovetail" plot convergence "$out/convergence.csv" -o "$out/convergence.png"

# The joint pair nearest to 76.5 % top-1, about the middle of the front.
trial=$(awk -F, '
  /^#/ { next }
  !named { named = 1; for (i = 1; i <= NF; ++i) column[$i] = i; next }
  $column["run"] == "joint" {
    distance = $column["top1_percent"] - 76.5
    if (distance < 0) distance = -distance
    if (best == "" || distance < least) { best = $column["trial"]; least = distance }
  }
  END { print best }' "$out/pareto.csv")
[ -n "$trial" ] || die "$out/pareto.csv has no joint pair"
rm -rf "$out/pair"
"$dovetail" study export "$out" -t "$trial" -o "$out/pair"
echo
"$dovetail" simulate -n "$out/pair/network.yaml" -a "$out/pair/accelerator.yaml" --summary

echo
echo "Done in $(($(date +%s) - start)) s. The picture: $out/pareto.png (and .pdf); all pairs:" \
  "$out/pareto.csv; one pair to take away: $out/pair/"
