#!/bin/sh
# Two-phase use of the surrogate: trained on many simulations, tuned on few measurements from elsewhere.
# A shifted simulator stands in for silicon (scripts/shifted_space.sh, and another technology). Prints the errors
# on pairs held out from everything, before and after, by number of measurements: means over five draws of them,
# and the worst draw.
# usage: fine_tune_table.sh [PAIRS]     simulated pairs of the base model (default 20000)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
pairs=${1:-20000}
dovetail=build/native/cli/dovetail
[ -x "$dovetail" ] || { echo "fine_tune_table.sh: $dovetail is missing; scripts/build.sh makes it" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

sh scripts/shifted_space.sh "$work"

"$dovetail" label -q -s ofa_mbv3 -c "$pairs" --seed 0 -o "$work/base.h5"
"$dovetail" train -q -d "$work/base.h5" -o "$work/base_model.h5"
"$dovetail" label -q -s ofa_mbv3 --hardware "$work/nahas_edge_shifted.yaml" --technology 28nm \
  -c 2000 --seed 1 -o "$work/silicon.h5"
"$dovetail" dataset export-csv -q "$work/silicon.h5" -o "$work/silicon.csv"

# Feasible lines only: the first 500 to draw measurements from, the others to measure errors on.
awk -F, -v head="$work/head.csv" -v pool="$work/pool.csv" -v check="$work/check.csv" '
  /^#/ { next }
  !named { named = 1; for (i = 1; i <= NF; ++i) if ($i == "reason") reason = i
           print > head; print > check; next }
  $reason == "none" { if (++n <= 500) print > pool; else print > check }' "$work/silicon.csv"

printf '%12s  %s\n' '' 'latency: MAPE %                 energy: MAPE %'
printf '%12s  %8s %8s %10s    %8s %8s %10s\n' measurements before after 'worst draw' before after 'worst draw'
for count in 10 20 40 80; do
  for draw in 0 1 2 3 4; do
    first=$((draw * 100 + 1))
    { cat "$work/head.csv"; sed -n "$first,$((first + count - 1))p" "$work/pool.csv"; } >"$work/few.csv"
    "$dovetail" train --fine-tune "$work/few.csv" -m "$work/base_model.h5" --check "$work/check.csv" \
      -o "$work/tuned.h5" | awk -v count="$count" '
        checked && $1 == "latency" { latency = $3 " " $4 }
        checked && $1 == "energy" { energy = $3 " " $4 }
        /^on / { checked = 1 }
        END { print latency, energy }'
  done | awk -v count="$count" '
    { lb = $1; eb = $3; la += $2; ea += $4; if ($2 > lw) lw = $2; if ($4 > ew) ew = $4 }
    END { printf "%12d  %8.2f %8.2f %10.2f    %8.2f %8.2f %10.2f\n", count, lb, la / NR, lw, eb, ea / NR, ew }'
done
