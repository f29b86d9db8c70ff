#!/bin/sh
# Runs every command of a dovetail program with fixed seeds in the current folder, which must be empty:
# what same_results.sh compares. A folder a group; what a command printed and its exit status go to
# NAME.txt in it. Status 1 if a command did not end as it should.
# usage: same_results_commands.sh PROGRAM DATA [--quick]     DATA: folder of published measurements
set -eu
dovetail=$1
data=$2
quick=${3:-}
export SOURCE_DATE_EPOCH=0   # of pictures
failed=0

# run NAME ARGUMENT...: must succeed. What it writes on standard error is progress.
# refused NAME ARGUMENT...: must end with status 2 and a message, which is kept.
# either NAME ARGUMENT...: may do both.
run() { execute 0 "$@"; }
refused() { execute 2 "$@"; }
either() { execute 'either' "$@"; }
execute() {
  expected=$1
  printed=$group/$2.txt
  shift 2
  status=0
  "$dovetail" "$@" >"$printed" 2>errors </dev/null || status=$?
  [ "$status" = 0 ] || cat errors >>"$printed"
  echo "exit status $status" >>"$printed"
  if [ "$expected" != either ] && [ "$status" != "$expected" ]; then
    echo "dovetail $*: exit status $status" >&2
    cat errors >&2
    failed=1
  fi
  rm -f errors
}

# group NAME: where the next commands write.
group() {
  group=$1
  mkdir "$group"
  echo "$group" >>groups
}

# full FULL QUICK: how many of something.
full() { if [ -z "$quick" ]; then echo "$1"; else echo "$2"; fi; }

# names KIND: first column of the table of `dovetail list KIND`.
names() { "$dovetail" list "$1" | awk 'NF == 0 { exit } NR > 2 { print $1 }'; }

mkdir inputs

# ---- What is there ----
group list
for kind in networks accelerators spaces strategies accuracy-sources technologies studies infeasible-reasons \
  onnx-operators; do
  run "$kind" list "$kind"
done

# ---- One network, one accelerator ----
group simulate
step=$(full 2 5)
for accelerator in nahas_baseline coral_edge_tpu pixel6_like nvdla_256 tpu_v1; do
  for network in $(names networks | awk -v step="$step" 'NR % step == 0'); do
    run "$network.$accelerator" simulate -n "$network" -a "$accelerator" --summary \
      --json "$group/$network.$accelerator.json"
  done
done
for network in mobilenet_v2 efficientnet_b0 resnet_18; do
  run "table.$network" simulate -n "$network" -a nahas_baseline --technology 7nm --csv "$group/$network.csv"
  run "effort.$network" simulate -n "$network" -a nahas_baseline --effort 2
  run "no_reuse.$network" simulate -n "$network" -a nahas_baseline --no-reuse
done
run trace simulate -n mobilenet_v2 -a nahas_baseline --summary --trace "$group/trace.json"

group functional
for network in mobilenetv1_0.25_128 mnasnet_a1_0.35_96 mobilenetv3_small_0.75_224; do
  run "$network" simulate -n "$network" -a nahas_baseline --functional --seed 3 --json "$group/$network.json"
done

group map
run mobilenet_v2 map -n mobilenet_v2 -a nahas_baseline
run efficientnet_b0 map -n efficientnet_b0 -a pixel6_like --effort 2
run layer map -n mobilenet_v2 -a nvdla_256 -l blocks.3.dw

group area
for accelerator in $(names accelerators); do
  for technology in 7nm 16nm 28nm; do
    run "$accelerator.$technology" area -a "$accelerator" --technology "$technology" \
      --json "$group/$accelerator.$technology.json"
  done
done

group calibrate
sed '/^parameters:/,$d' configs/calibration/edge_tpu.yaml >inputs/figures.yaml
run figures calibrate inputs/figures.yaml --json "$group/figures.json" --markdown "$group/figures.md"
[ -n "$quick" ] || run edge_tpu calibrate -w 2 --json "$group/report.json" --markdown "$group/report.md"

# ---- Networks as files ----
group sample
for space in ofa_mbv3 nahas_s1 nahas_s2 anb_effnet nas_bench_macro; do
  run "$space" sample -s "$space" -c 20 --seed 5 -o "$group/$space"
done

group onnx
for network in mobilenetv2_0.35_96 mobilenetv3_small_1.0_224 efficientnet_lite0_224; do
  run "$network" export -n "$network" --onnx "$group/$network.onnx" --seed 7
  run "simulate.$network" simulate -n "$group/$network.onnx" -a nahas_baseline --json "$group/$network.json"
done
run external export -n mnasnet_small_224 --onnx "$group/external.onnx" --weights zero --external-data
for file in "$data"/onnx-public/*.onnx; do
  [ -e "$file" ] || continue
  either "$(basename "$file").nahas_baseline" simulate -n "$file" -a nahas_baseline
done

# ---- Every accelerator ----
group explore
run two explore -n mobilenet_v2 -n resnet_18 -s regret_grid_2048 -w 2 -o "$group/two"
run limited explore -n mnasnet_small_224 -s regret_grid -w 2 --max-area 40 --front latency_ms,energy_mj \
  --technology 7nm -o "$group/limited"
[ -n "$quick" ] || run all explore -n mobilenet_v2 -w 2 -o "$group/all"

# ---- Labels, and what is fitted to them ----
rows=$(full 5000 2000)
group label
run ofa_mbv3 label -s ofa_mbv3 -c "$rows" -w 2 -o "$group/ofa_mbv3.h5"
run nahas_s1.begin label -s nahas_s1 -c $((rows / 2)) --seed 1 -w 2 -o "$group/nahas_s1.h5"
run nahas_s1.resume label -s nahas_s1 -c "$rows" --seed 1 -w 2 -o "$group/nahas_s1.h5" --resume
run measured label -s ofa_mbv3 -c 60 --seed 2 --technology 28nm -w 2 -o "$group/measured.h5"

group dataset
run info dataset info label/ofa_mbv3.h5 label/nahas_s1.h5 label/measured.h5
run split dataset split label/ofa_mbv3.h5 -f 0.5,0.3 --seed 4 -o "$group/a.h5" "$group/b.h5" "$group/c.h5"
run merge dataset merge "$group/c.h5" "$group/a.h5" -o "$group/merged.h5"
run drop_repeated dataset merge --drop-repeated label/ofa_mbv3.h5 "$group/merged.h5" -o "$group/again.h5"
run info_of_parts dataset info "$group/a.h5" "$group/b.h5" "$group/c.h5" "$group/merged.h5" "$group/again.h5"
for file in label/ofa_mbv3 label/nahas_s1 label/measured "$group/a" "$group/b" "$group/c" "$group/merged"; do
  name=$(basename "$file")
  run "csv.$name" dataset export-csv "$file.h5" -o "$group/$name.csv"
done

group train
run ensemble train -d label/ofa_mbv3.h5 -o "$group/ensemble.h5" --epochs 10 --ensemble 2 --hidden 64,64 -w 2
run area_head train -d label/nahas_s1.h5 -o "$group/area_head.h5" --epochs 4 --area-head --dropout 0.05 --seed 1
run tuned train --fine-tune dataset/measured.csv --check dataset/c.csv -m "$group/ensemble.h5" -o "$group/tuned.h5"
for model in ensemble area_head tuned; do
  run "validate.$model" validate -m "$group/$model.h5" -c "$(full 1000 300)" --worst 3 -w 2 \
    -o "$group/$model.json" --csv "$group/$model.csv"
done

group compare_surrogates
run compare compare-surrogates -d label/ofa_mbv3.h5 --labels "$(full 500,2000 500)" --epochs 2 --hidden 64,64 \
  --trees 50 -o "$group/compare.csv"

# ---- Accuracy ----
group accuracy
run transfer fit-transfer --from ofa_mbv3 -o "$group/transfer.json" --networks \
  mobilenetv2_1.0_224,mnasnet_b1_1.0_224,spnasnet_224,proxylessnas_mobile_224,mnasnet_a1_1.0_224,efficientnet_b0_224
if [ -d "$data/ofa-mbv3" ]; then
  run ofa_mbv3 fit-accuracy --space ofa_mbv3 --data "$data/ofa-mbv3/dynast_ofa_mbv3_w10.csv" \
    --splits "$(full 2 0)" -o "$group/ofa_mbv3.json"
else
  echo "Left out for want of $data/ofa-mbv3: fit-accuracy."
fi

# ---- Studies ----
# study NAME: reads its YAML but for schema and name, runs it and looks at it in every way.
study() {
  {
    printf 'schema: dovetail.study/1\nname: %s\n' "$1"
    cat
  } >"inputs/$1.yaml"
  search "$1" "inputs/$1.yaml"
}
# search NAME STUDY [OPTION...]
search() {
  name=$1
  shift
  group "study_$name"
  run search search "$@" -w 2 -o "$group/study"
  run show study show "$group/study" --json "$group/show.json"
  run best study best "$group/study" -c 0 --json "$group/best.json" --csv "$group/best.csv"
  run by study best "$group/study" --by top1_percent --max latency_ms=0.6 --predicted --csv "$group/by.csv"
  run export study export "$group/study" --csv "$group/trials.csv" --json "$group/trials.json"
  run again search "$@" -w 2 -o "$group/study" --resume
}
cat >inputs/small.yaml <<'END'
schema: dovetail.design_space/1
name: small
base: nahas_baseline
decisions:
  - {name: pes_x, unit: PEs, choices: [1, 2, 4, 6, 8]}
  - {name: pes_y, unit: PEs, choices: [1, 2, 4, 6, 8]}
  - {name: simd_units, unit: units per lane, choices: [16, 32, 64, 128]}
  - {name: io_bandwidth_gbps, unit: GB/s, choices: [10, 20]}
END
sed 's/\[1, 2, 4, 6, 8\]/[2, 8]/; s/^name: small/name: tiny/' inputs/small.yaml >inputs/tiny.yaml
plane='{pareto: [top1_percent, latency_ms], reference: {top1_percent: 70, latency_ms: 1}}'
rewarded() { echo "${plane%\}}, reward: {kind: $1, targets: {latency_ms: 0.35, area_mm2: baseline}}}"; }

search quick quick --seed 0,1
search energy energy
study random <<END
network: {space: ofa_mbv3}
hardware: {space: nahas_edge}
accuracy: {source: predictor, file: ofa_mbv3}
cost: {model: simulation}
objective: $plane
constraints: {area_mm2: baseline}
strategy: {name: random}
evaluations: 300
seeds: [0, 1]
END
study rounds <<END   # joint, surrogate made by the study
network: {space: nahas_s1}
hardware: {space: nahas_edge}
accuracy: {source: transfer, file: mbconv_transfer}
cost:
  model: surrogate_then_simulation
  technology: 28nm
  surrogate: {labels: $(full 2000 1000), seed: 3, epochs: 4}
  resimulate: 60
  rounds: 2
  stop_gain_percent: 0
objective: $plane
constraints: {area_mm2: baseline}
strategy: {name: nsga2}
evaluations: $(full 2000 1000)
seeds: [0]
comparison: fixed_hardware
END
run labels dataset export-csv "$group/study/surrogate/labels.h5" -o "$group/labels.csv"
run model validate -m "$group/study/surrogate/model.h5" -c 200 -w 2 --csv "$group/model.csv"
study surrogate_file <<END   # joint, a surrogate of ours, reward
network: {space: ofa_mbv3}
hardware: {space: nahas_edge}
accuracy: {source: predictor, file: ofa_mbv3, out_of_range: flag}
cost:
  model: surrogate_then_simulation
  surrogate: {file: ../train/ensemble.h5}
  resimulate: 50
objective: $(rewarded nahas_hard)
constraints: {area_mm2: baseline, power_mw: 2500}
strategy: {name: regularized_evolution}
evaluations: $(full 2000 1000)
seeds: [0]
END
study hardware <<END   # a fixed network
scope: hardware
network: {fixed: mobilenet_v2}
hardware: {space: ./small.yaml, baseline: nahas_baseline}
accuracy: {source: published}
cost: {model: simulation}
objective: {pareto: [latency_ms, area_mm2, energy_mj], reference: {latency_ms: 2, area_mm2: 100, energy_mj: 3}}
strategy: {name: exhaustive}
evaluations: 200
seeds: [0]
END
study network <<END   # fixed hardware
scope: network
network: {space: nahas_s2}
hardware: {baseline: pixel6_like}
accuracy: {source: transfer, file: mbconv_transfer}
cost: {model: simulation}
objective: $(rewarded tunas_absolute)
strategy: {name: reinforce, learning_rate: 0.05}
evaluations: $(full 200 100)
seeds: [0]
END
study phase <<END
scope: phase
phase: {hardware_evaluations: 60, hardware_reward: nahas_soft, hardware_weights: {area_mm2: 0}}
network:
  space: nas_bench_macro
  fixed: {l0: e3k3, l1: e3k3, l2: e3k3, l3: e3k3, l4: e3k3, l5: e3k3, l6: e3k3, l7: e3k3}
hardware: {space: nahas_edge, baseline: nahas_baseline}
accuracy: {source: predictor, file: nas_bench_macro}
cost: {model: simulation}
objective: $(rewarded nahas_hard)
strategy: {name: ppo}
evaluations: $(full 200 120)
seeds: [0]
END
study parego <<END
network: {space: nas_bench_macro}
hardware: {space: ./small.yaml}
accuracy: {source: predictor, file: nas_bench_macro, out_of_range: flag}
cost: {model: simulation}
objective: $plane
constraints: {area_mm2: 20}
strategy: {name: parego}
evaluations: $(full 80 40)
seeds: [0]
END
study bayesian <<END
network: {space: ofa_mbv3}
hardware: {space: nahas_edge}
accuracy: {source: predictor, file: ofa_mbv3}
cost: {model: simulation}
objective: $(rewarded one_sided)
strategy: {name: bayesian}
evaluations: $(full 80 40)
seeds: [0]
END
search command command
macro=$data/nas-bench-macro/nas-bench-macro_cifar10.json
if [ -e "$macro" ]; then
  study table <<END
network: {space: nas_bench_macro}
hardware: {space: ./small.yaml}
accuracy: {source: table, file: $macro}
cost: {model: simulation}
objective: $plane
strategy: {name: random}
evaluations: 200
seeds: [0]
END
fi
for group in study_energy study_rounds study_hardware study_phase; do
  run pair study export "$group/study" -t 7 -o "$group/pair"
done

group study_compare
run seeds study compare study_quick/study study_random/study --csv "$group/seeds.csv" \
  --attainment "$group/attainment.csv"
run levels study compare study_quick/study study_random/study --run joint --at latency_ms=0.3 \
  --target latency_ms=0.5,top1_percent=75 --csv "$group/levels.csv"

# ---- Measured strategies ----
group bench_regret
if [ -e "$macro" ]; then
  # A part of the measured networks, so that all pairs are simulated soon.
  sed -e 's/^name: .*/name: part/' -e '/name: l[2-7]/s/, e6k5//' -e '/when [$]l[2-7] == e6k5/d' \
    configs/spaces/nas_bench_macro.yaml >inputs/part.yaml
  {
    echo '{'
    tr '}' '\n' <"$macro" | sed -n -E 's/.*("[0-2]{2}[01]{6}": \{.*)/\1}/p' | paste -s -d , -
    echo '}'
  } >inputs/part.json
  run table bench regret --data inputs/part.json -n inputs/part.yaml -s "inputs/$(full small tiny).yaml" \
    --table "$group/table.h5" -w 2 --max-area 40 -e "$(full 150 60)" --seeds 3 -o "$group"
  run optimum bench regret --data inputs/part.json -n inputs/part.yaml -s "inputs/$(full small tiny).yaml" \
    --optimum "$group/optimum.json" --strategies random,nsga2:population=20 --area-known -e 60 --seeds 2 -w 2 \
    -o "$group/optimum"
else
  echo "Left out for want of $macro: bench regret."
fi
group bench_series
run targets bench targets inputs/surrogate_file.yaml --targets 0.4 -m train/ensemble.h5 -w 2 -o "$group/targets"
if /usr/bin/python3 -c 'import matplotlib' 2>/dev/null || python3 -c 'import matplotlib' 2>/dev/null; then
  run claims bench claims inputs/phase.yaml --targets 0.2 -w 2 -o "$group/claims"

  group plot
  run roofline plot roofline functional/mobilenetv1_0.25_128.json -o "$group/roofline.png"
  run pareto plot pareto study_quick/study/pareto.csv -o "$group/pareto.png"
  run samples plot samples study_quick/trials.csv -o "$group/samples.svg"
else
  echo 'Left out for want of Matplotlib: bench claims, plot.'
fi

# ---- What is refused ----
group refused
refused network simulate -n mobilenet_v9 -a nahas_baseline
refused technology area -a nahas_baseline --technology 3nm
refused data_set dataset info simulate/trace.json
refused same_seed dataset merge label/ofa_mbv3.h5 dataset/a.h5 -o "$group/merged.h5"
refused other_spaces validate -m train/ensemble.h5 -s nahas_s1 -c 10
refused again search quick -o study_quick/study
sed 's/evaluations/evalutions/' inputs/random.yaml >inputs/misspelt.yaml
refused misspelt search inputs/misspelt.yaml -o "$group/study"

exit "$failed"
