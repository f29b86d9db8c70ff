"""Valid files of every kind, made once by the program itself, and the commands that read them."""

import json
import os
import subprocess

NETWORK = """schema: dovetail.network/1
name: small
input: {height: 32, width: 32, channels: 3}
defaults: act=relu6
published: {top1_percent: 60, source: x}
blocks:
  - conv k=3 s=2 c=16 name=stem
  - mb k=3 s=1 e=6 c=24 n=2
  - pool
  - fc c=10
"""
SPACE = """schema: dovetail.network_space/1
name: sp
input: {height: 32, width: 32, channels: 3}
defaults: act=relu6
decisions:
  - {name: k, choices: [3, 5, 7]}
  - {name: e, choices: [2, 4, 6]}
  - {name: c, choices: [16, 24, 32]}
blocks:
  - conv k=3 s=2 c=16 name=stem
  - mb k=$k s=2 e=$e c=$c n=1
  - pool
  - fc c=10
"""
HARDWARE = """schema: dovetail.design_space/1
name: hw
base: ./acc.yaml
decisions:
  - {name: pes_x, choices: [1, 2]}
  - {name: simd_units, choices: [16, 64]}
"""
STUDY = """schema: dovetail.study/1
name: st
network: {space: ./sp.yaml}
hardware: {space: ./hw.yaml}
accuracy: {source: SOURCE, file: ./FILE}
cost: {model: simulation, technology: ./tech.yaml}
objective:
  pareto: [top1_percent, latency_ms]
  reference: {top1_percent: 10, latency_ms: 1}
  reward: {kind: nahas_soft, targets: {latency_ms: 0.05}}
constraints: {area_mm2: 300}
strategy: {name: random}
evaluations: 6
seeds: [0]
workers: 1
"""

FAMILY = """schema: dovetail.network_family/1
name: v2
reference: mobilenetv2_1.0_224
effects: mbconv_transfer
networks: [mobilenetv2_0.35_96, mobilenetv2_0.35_160, mobilenetv2_0.35_224, mobilenetv2_0.5_128,
           mobilenetv2_0.75_192, mobilenetv2_1.0_96, mobilenetv2_1.0_224, mobilenetv2_1.4_224]
"""

REQUESTS = """{"id": 1, "network": "./net.yaml", "accelerator": "./acc.yaml"}
{"id": 2, "network": {"space": "./sp.yaml", "choices": {"k": 3, "e": 2, "c": 16}}, "accelerator": {"space": "./hw.yaml", "choices": [0, 1]}}
{"id": 3, "accelerator": {"base": "./acc.yaml", "pes_x": 2}, "figures": ["area_mm2"]}
{"id": 4, "space": "./sp.yaml"}
"""

TOLD = """{"choices": {"net.k": 3, "net.e": 2, "net.c": 16, "hw.pes_x": 1, "hw.simd_units": 16}, "top1_percent": 50}
{"choices": [0, 1, 0, 1, 0], "top1_percent": 51.5}
"""
SESSION = '{"study": true}\n{"tell": [' + TOLD.strip().replace("\n", ", ") + ']}\n{"trials": true}\n'

# Each kind of file -> what reads it. A study is a folder.
READERS = {
    "net.yaml": ["simulate -n ./net.yaml -a nahas_baseline --summary",
                 "export -n ./net.yaml --onnx out.onnx", "export -n ./net.yaml --torch out", "export -n ./net.yaml --onnx out.onnx --qdq --power-of-two-scales --test-data data --layers",
    "list networks ./net.yaml"],
    "sp.yaml": ["sample -s ./sp.yaml -c 3 -o out", "simulate -n ./sp.yaml:k=3,e=2,c=16 -a nahas_baseline --summary", "list spaces ./sp.yaml",
                "label -s ./sp.yaml --hardware ./hw.yaml -c 2 -o out.h5 -w 1"],
    "hw.yaml": ["explore -n ./net.yaml -s ./hw.yaml -o out -w 1",
                "explain -n ./net.yaml -a ./acc.yaml -s ./hw.yaml", "area -a ./hw.yaml-1"],
    "acc.yaml": ["area -a ./acc.yaml", "simulate -n ./net.yaml -a ./acc.yaml --summary",
                 "map -n ./net.yaml -a ./acc.yaml", "area -a ./acc.yaml:pes_x=2"],
    "tech.yaml": ["area -a ./acc.yaml --technology ./tech.yaml",
                  "simulate -n ./net.yaml -a ./acc.yaml --technology ./tech.yaml --summary"],
    "st.yaml": ["search ./st.yaml -o out"],
    "n.onnx": ["export -n ./n.onnx --onnx out.onnx --qdq --test-data data --layers",
               "simulate -n ./n.onnx -a nahas_baseline --summary",
               "export -n ./n.onnx --onnx out.onnx"],
    "d.h5": ["dataset info d.h5", "dataset export-csv d.h5 -o out.csv",
             "dataset split d.h5 -o a.h5 b.h5", "train -d d.h5 -o out.h5 --epochs 1 --hidden 4"],
    "m.h5": ["validate -m m.h5 -c 2 -s ./sp.yaml --hardware ./hw.yaml -w 1",
             "train --fine-tune rows.csv -m m.h5 -o out.h5", "train --propose 3 -m m.h5 -o out.csv",
             "train --correct rows.csv -m m.h5 -s ./sp.yaml --hardware ./hw.yaml -o out.h5",
             "search ./judged.yaml -o out"],
    "r.h5": ["validate -m r.h5 -c 2 -s ./sp.yaml --hardware ./hw.yaml -w 1",
             "train --fine-tune rows.csv -m r.h5 -o out.h5"],
    "c.h5": ["search ./corrected.yaml -o out"],
    "corrected.yaml": ["search ./corrected.yaml -o out"],
    "judged.yaml": ["search ./judged.yaml -o out"],
    "st/study.db": ["study show st", "study best st", "study check st",
                    "study export st --csv out.csv", "search ./st.yaml -o st --resume"],
    "acc.csv": ["search ./st.yaml -o out", "fit-accuracy --space ./sp.yaml --data acc.csv -o out"],
    "points.csv": ["search ./points.yaml -o out"],
    "costs.csv": ["search ./measured.yaml -o out"],
    "measured.yaml": ["search ./measured.yaml -o out"],
    "points.yaml": ["search ./points.yaml -o out"],
    "family.yaml": ["scale -n mobilenetv2_0.35_96 -a ./acc.yaml --family ./family.yaml --latency-growth 0"],
    "rows.csv": ["train --fine-tune rows.csv -m m.h5 -o out.h5",
                 "train --correct rows.csv -m m.h5 -s ./sp.yaml --hardware ./hw.yaml -o out.h5",
                 "label -s ./sp.yaml --hardware ./hw.yaml --pairs rows.csv -o out.h5 -w 1"],
    "e/small.csv": ["explore -n ./net.yaml -s ./hw.yaml -o e -w 1 --resume"],
    "pred.json": ["search ./predicted.yaml -o out"],
    "requests.jsonl": ["evaluate -i ./requests.jsonl -w 1"],
    "session.jsonl": ["study session asked --study ./told.yaml -i ./session.jsonl -w 1"],
    "trials.csv": ["study import asked --study ./told.yaml -i ./trials.csv -w 1"],
    "told.jsonl": ["study tell asked --study ./told.yaml -i ./told.jsonl -w 1"],
}

# A valid call of each command, whose options are then replaced one at a time.
CALLS = [
    "simulate -n ./net.yaml -a ./acc.yaml --summary", "map -n ./net.yaml -a ./acc.yaml",
    "explain -n ./net.yaml -a ./acc.yaml -s ./hw.yaml", "area -a ./acc.yaml",
    "evaluate -i ./requests.jsonl -w 1", "explore -n ./net.yaml -s ./hw.yaml -o out -w 1",
    "explore -n ./net.yaml -s ./hw.yaml --max area_mm2=300 --choose area_mm2 --weight small=2 -o out -w 1", "sample -s ./sp.yaml -c 3",
    "search ./st.yaml -o out -w 1", "study show st", "study best st",
    "study export st --csv out.csv", "study export st -t 1 -o pair --card --costs --torch", "study compare st st", "study check st",
    "study ask asked --study ./told.yaml -w 1", "study tell asked --study ./told.yaml -i ./told.jsonl -w 1",
    "study import asked --study ./told.yaml -i ./trials.csv -w 1",
    "study session asked --study ./told.yaml -i ./session.jsonl -w 1",
    "label -s ./sp.yaml --hardware ./hw.yaml -c 2 -o out.h5 -w 1", "dataset info d.h5",
    "label -s ./sp.yaml --hardware ./hw.yaml --pairs rows.csv -o out.h5 -w 1",
    "dataset merge d.h5 -o out.h5", "dataset split d.h5 -o a.h5 b.h5",
    "dataset export-csv d.h5 -o out.csv", "train -d d.h5 -o out.h5 --epochs 1 --hidden 4 -w 1",
    "train --propose 3 -m m.h5 -o out.csv",
    "train -d d.h5 --form residual -s ./sp.yaml --hardware ./hw.yaml -o out.h5 --epochs 1 --hidden 4 -w 1",
    "train --correct rows.csv -m m.h5 -s ./sp.yaml --hardware ./hw.yaml --check rows.csv -o out.h5",
    "validate -m m.h5 -c 2 -s ./sp.yaml --hardware ./hw.yaml -w 1",
    "compare-surrogates -d d.h5 --models lookup_table -s ./sp.yaml --hardware ./hw.yaml",
    "fit-accuracy --space ./sp.yaml --data acc.csv -o out.json --splits 0",
    "export -n ./net.yaml --onnx out.onnx", "export -a ./acc.yaml -o out.yaml --zigzag z.yaml --timeloop t.yaml", "bench overhead -n ./sp.yaml -s ./hw.yaml --trials 4 "
    "--strategies random", "list networks ./net.yaml", "completion bash",
]
# Not called with everything else valid, since that takes seconds: each option is refused or not
# where it is read, before any work.
CALLS_WITH_NO_INPUT = ["scale -n ./none.yaml -a ./acc.yaml",
                       "study finish ./none -t 1 -o out",
                       "train-network -n ./none.yaml -d ./none -o out",
                       "calibrate ./none.yaml", "fit-transfer --from ./none.json --networks x -o y",
                       "bench regret --data ./none.json", "bench claims ./none.yaml --targets 1",
                       "bench gradient --accuracy ./none.json --targets 1",
                       "bench lambda --accuracy ./none.json --targets 1",
                       "bench targets ./none.yaml --targets 1",
                       "bench cost-models ./none.yaml --models roofline",
                       "serve --describe ./none",
                       "bench fidelity --data ./none.csv", "plot layers ./none.json -o x.png",
                       "report ./none -o x.html"]


def make(dovetail, folder, configs):
    """Writes a valid file of each kind into `folder`."""
    def run(line):
        made = subprocess.run([dovetail, "-q", *line.split()], cwd=folder, capture_output=True,
                              text=True, check=False)
        if made.returncode != 0:
            raise SystemExit(f"hostile_inputs: dovetail {line}: {made.stderr}")

    write = lambda name, text: (folder / name).write_text(text)
    write("net.yaml", NETWORK)
    write("sp.yaml", SPACE)
    write("hw.yaml", HARDWARE)
    write("family.yaml", FAMILY)
    write("acc.yaml", (configs / "accelerators/nahas_baseline.yaml").read_text())
    write("tech.yaml", (configs / "technology/16nm.yaml").read_text())
    rows = [(k, e, c) for k in (3, 5, 7) for e in (2, 4, 6) for c in (16, 24, 32)]
    write("requests.jsonl", REQUESTS)
    write("acc.csv", "k,e,c,top1\n" + "".join(
        f"{k},{e},{c},{50 + k + e / 2 + c / 16:.2f}\n" for k, e, c in rows))
    write("st.yaml", STUDY.replace("SOURCE", "table").replace("FILE", "acc.csv"))
    write("points.csv", "k,exp,c,note\n3,2,16,a\n7,6,32,b\n")
    write("points.yaml", STUDY.replace("SOURCE, file: ./FILE", "predictor, file: ./pred.json").replace(
        "./sp.yaml", "./sp.yaml, points: {file: ./points.csv, columns: {e: exp}}"))
    write("costs.csv", "k,e,c,ms,rate,energy_mj\n3,2,16,0.5,3000,1\n7,6,32,1.5,2000,3\n")
    own = STUDY.replace("SOURCE, file: ./FILE", "predictor, file: ./pred.json").replace(
        "hardware: {space: ./hw.yaml}", "scope: network").replace("{area_mm2: 300}", "{energy_mj: 300}")
    write("measured.yaml", own.replace("scope: network", """scope: network
targets:
  - {name: a, latency_ms: 1}
  - {name: b, latency_ms: 1, weight: 2}""").replace(
        "model: simulation, technology: ./tech.yaml",
        "model: table, file: ./costs.csv, duplicates: mean, columns: {latency_ms@a: ms, inferences_per_s@b: rate, "
        "energy_mj@a: energy_mj, energy_mj@b: energy_mj}"))
    write("told.jsonl", TOLD)
    write("session.jsonl", SESSION)
    write("trials.csv", "net.k,net.e,net.c,hw.pes_x,hw.simd_units,top1_percent,latency_ms\n3,2,16,1,16,50,0.1\n")
    write("told.yaml", STUDY.replace("SOURCE, file: ./FILE", "told").replace("random", "external"))
    write("predicted.yaml", STUDY.replace("SOURCE", "predictor").replace("FILE", "pred.json"))
    write("judged.yaml", STUDY.replace("SOURCE", "predictor").replace("FILE", "pred.json").replace(
        "model: simulation, technology: ./tech.yaml", "model: surrogate, surrogate: {file: ./m.h5}"))
    write("corrected.yaml", STUDY.replace("SOURCE", "predictor").replace("FILE", "pred.json").replace(
        "technology: ./tech.yaml", "correction: ./c.h5"))
    run("export -n ./net.yaml --onnx n.onnx")
    run("label -s ./sp.yaml --hardware ./hw.yaml -c 60 -o d.h5 -w 1")
    run("train -d d.h5 --epochs 1 --hidden 4 -o m.h5")
    run("train -d d.h5 --form residual -s ./sp.yaml --hardware ./hw.yaml --epochs 1 --hidden 4 -o r.h5")
    run("dataset export-csv d.h5 -o rows.csv")
    run("train --correct rows.csv -m m.h5 -s ./sp.yaml --hardware ./hw.yaml -o c.h5")
    run("fit-accuracy --space ./sp.yaml --data acc.csv -o pred.json --splits 0")
    run("search ./st.yaml -o st")
    run("explore -n ./net.yaml -s ./hw.yaml -o e -w 1")
    json.loads((folder / "pred.json").read_text())


def copies(fixtures):
    """The files and their content, to be written anew for each try, which may replace any of them."""
    return {str(file.relative_to(fixtures)): file.read_bytes() for file in fixtures.rglob("*")
            if file.is_file()}


def put(files, folder):
    for sub in {os.path.dirname(name) for name in files}:
        os.makedirs(os.path.join(folder, sub), exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
