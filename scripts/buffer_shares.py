#!/usr/bin/env python3
"""What buffers take of the energy of the zoo's CNNs on edge accelerators, beside published shares.

Boroumand et al., "Google Neural Network Models for Edge Devices" (PACT 2021), of the CNNs of an Edge TPU:
buffers are 48 % of static and 36 % of dynamic energy. Here static energy is leakage, and of dynamic energy
there are two readings, without and with what DRAM takes; buffers are local memories, with and without
register files. Prints means over the networks that an accelerator can run, with the smallest and the largest.
Nothing is fitted to these shares.

usage: buffer_shares.py [--dovetail PROGRAM] [--technology NODE] [--accelerators A,B] [--networks N,N]"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PUBLISHED = {"static": 48, "dynamic": 36}  # %
ACCELERATORS = ["coral_usb", "pixel6_like", "nahas_baseline", "nahas_baseline_streamed"]
DYNAMIC = ["macs", "vector_units", "register_files", "local_memory", "interconnect", "io", "clock"]
BUFFERS = {"local memory": ["local_memory"],
           "local memory and register files": ["local_memory", "register_files"]}


def ask(program, folder, *arguments):
    """The program's JSON answer; an infeasible pair is an answer too."""
    file = os.path.join(folder, "answer.json")
    environment = dict(os.environ, DOVETAIL_CONFIGS=os.path.join(ROOT, "configs"))
    done = subprocess.run([program, *arguments, "--quiet", "--json", file], env=environment,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    with open(file, encoding="utf-8") as stream:
        return json.load(stream)


def share(figures, parts, whole):
    return 100 * sum(figures[part] for part in parts) / sum(figures[part] for part in whole)


def dynamic_shares(run, buffers):
    """Of energy on the chip, and of that with the memory outside."""
    mj = {part: run[part + "_mj"] for part in [*DYNAMIC, "dram"]}
    return share(mj, buffers, DYNAMIC), share(mj, buffers, [*DYNAMIC, "dram"])


def spread(values):
    return f"{sum(values) / len(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def zoo():
    folder = os.path.join(ROOT, "configs", "networks")
    return sorted(name[:-len(".yaml")] for name in os.listdir(folder) if name.endswith(".yaml"))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dovetail", help="the program",
                        default=os.path.join(ROOT, "build", "native", "cli", "dovetail"))
    parser.add_argument("--technology", default="16nm")
    parser.add_argument("--accelerators", default=",".join(ACCELERATORS))
    parser.add_argument("--networks", default=",".join(zoo()))
    args = parser.parse_args()
    if not os.path.isfile(args.dovetail):
        parser.error(f"{args.dovetail}: no such program; build it or name another with --dovetail")

    print("| accelerator | buffers | networks | of static energy, % | of dynamic energy on the chip, % "
          "| of dynamic energy with DRAM, % |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    print(f"| Edge TPU, published | | | {PUBLISHED['static']} | {PUBLISHED['dynamic']} | |")
    with tempfile.TemporaryDirectory() as folder:
        for accelerator in args.accelerators.split(","):
            chip = ["-a", accelerator, "--technology", args.technology]
            leakage = ask(args.dovetail, folder, "area", *chip)["components_leakage_mw"]
            runs = [ask(args.dovetail, folder, "simulate", "-n", network, *chip)
                    for network in args.networks.split(",")]
            runs = [run for run in runs if run["feasible"]]
            for name, parts in BUFFERS.items():
                if not runs:
                    print(f"| {accelerator} | {name} | 0 | | | |")
                    continue
                on_chip, with_dram = zip(*(dynamic_shares(run, parts) for run in runs))
                print(f"| {accelerator} | {name} | {len(runs)} | {share(leakage, parts, leakage):.0f} | "
                      f"{spread(on_chip)} | {spread(with_dram)} |")


if __name__ == "__main__":
    main()
