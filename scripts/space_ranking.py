#!/usr/bin/env python3
"""Which space to search under a limit: a family of spaces is ranked by the networks of each that hold the limit,
the best is searched, beside a search of their union (after MCUNet's TinyNAS, Lin et al., NeurIPS 2020).

usage: space_ranking.py [--dovetail PROGRAM] [-a ACCELERATOR] [--limits MS,MS,...] [-o FOLDER] ...

The family: ofa_mbv3_sizes with one size of the input each and hidden layers of up to 3, 4 or 6 times the width,
fifteen spaces in all. Of each, random networks are simulated; a space counts by the mean multiply-accumulates of
those within the limit (a reading: the paper ranks by their distribution), and not at all if fewer than one in twenty
is. Then studies of equal evaluations: restricted to that space, and of the union; and one of the union that may
spend what the ranking simulated, too. Searches stay in the folder, and the same command goes on."""

import argparse
import csv
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))
import dovetail  # noqa: E402

SPACE, SIZES, EXPANSIONS = "ofa_mbv3_sizes", (160, 176, 192, 208, 224), ((3,), (3, 4), (3, 4, 6))
FAMILY = [(size, expansions) for size in SIZES for expansions in EXPANSIONS]
LEAST_SHARE = 0.05

STUDY = """schema: dovetail.study/1
name: {name}
scope: network
network: {{space: {space}}}
{restrict}hardware: {{baseline: "{accelerator}"}}
accuracy: {{source: predictor, file: {space}, out_of_range: flag}}
objective: {{pareto: [top1_percent, latency_ms], reference: {{top1_percent: 60, latency_ms: {worst}}}}}
constraints: {{latency_ms: {limit}}}
cost: {{model: simulation}}
evaluations: {evaluations}
seeds: [{seeds}]
"""


def member_name(member):
    size, expansions = member
    return f"{size} px, up to {max(expansions)}"


def sampled(client, accelerator, member, count):
    """(latency in ms, multiply-accumulates) of random networks of one space."""
    size, expansions = member
    generator = random.Random(f"{size} {expansions}")
    space = dovetail.Space(SPACE, client)
    requests = []
    for _ in range(count):
        choices = {}
        for decision in space.decisions:
            allowed = decision.choices
            if decision.name == "r":
                allowed = [size]
            elif decision.name[0] == "e":
                allowed = expansions
            choices[decision.name] = generator.choice(list(allowed))
        requests.append({"network": {"space": SPACE, "choices": choices}, "accelerator": accelerator,
                         "figures": ["latency_ms"]})
    networks = client.ask([{"network": request["network"]} for request in requests])
    costs = client.ask(requests)
    return [(cost["figures"]["latency_ms"], network["network"]["macs"])
            for cost, network in zip(costs, networks) if cost["status"] == "ok"]


def restrict(member):
    if member is None:
        return ""
    size, expansions = member
    lines = [f"  - {{decision: r, choices: [{size}]}}"]
    if len(expansions) < len(EXPANSIONS[-1]):
        lines.append(f'  - {{decision: "e*", choices: [{", ".join(map(str, expansions))}]}}')
    return "restrict:\n" + "\n".join(lines) + "\n"


def best_by_seed(arguments, name, member, limit, evaluations):
    """Top-1 of the best network within the limit, of each seed; None where none is."""
    folder = arguments.output / name
    study = arguments.output / f"{name}.yaml"
    study.write_text(STUDY.format(
        name=name, space=SPACE, restrict=restrict(member), accelerator=arguments.accelerator, worst=2 * limit,
        limit=limit, evaluations=evaluations, seeds=", ".join(map(str, range(arguments.seeds)))))

    def run(*words):
        done = subprocess.run([arguments.dovetail, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0 and "no candidate holds" not in done.stderr:
            sys.exit(f"dovetail {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    run("-q", "search", study, "-o", folder, *(["--resume"] if folder.exists() else []))
    rows = csv.DictReader(line for line in run("study", "export", folder, "--csv", "-").splitlines()
                          if not line.startswith("#"))
    best = {str(seed): None for seed in range(arguments.seeds)}
    for row in rows:
        if row["top1_percent"] and row["latency_ms"] and float(row["latency_ms"]) <= limit:
            best[row["seed"]] = max(best[row["seed"]] or 0, float(row["top1_percent"]))
    return list(best.values())


def summary(found):
    held = [top for top in found if top is not None]
    if not held:
        return "none"
    spread = f" +- {statistics.stdev(held):.2f}" if len(held) > 1 else ""
    return f"{statistics.mean(held):.2f}{spread}" + (f" ({len(held)} of {len(found)})" if len(held) < len(found) else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dovetail", default=str(ROOT / "build" / "native" / "cli" / "dovetail"))
    parser.add_argument("-a", "--accelerator", default="nahas_baseline")
    parser.add_argument("--limits", default="0.35,0.45,0.55,0.65")
    parser.add_argument("--samples", type=int, default=40, help="networks of each space")
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--every", action="store_true", help="search every space of the family, too")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("space-ranking"))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with dovetail.Client(arguments.dovetail) as client:
        networks = {member: sampled(client, arguments.accelerator, member, arguments.samples) for member in FAMILY}
    simulated = sum(map(len, networks.values()))
    print(f"{simulated} networks simulated to rank {len(FAMILY)} spaces; searches of {arguments.evaluations} "
          f"evaluations, {arguments.seeds} seeds; {arguments.accelerator}\n")
    print("| limit [ms] | best space | holds the limit | mean million multiply-accumulates | its search, top-1 [%] | "
          "the union's | the union's with the ranking's evaluations |\n| --- | --- | --- | --- | --- | --- | --- |")
    for limit in map(float, arguments.limits.split(",")):
        ranked = []
        for member, points in networks.items():
            within = [macs for latency, macs in points if latency <= limit]
            if len(within) >= LEAST_SHARE * len(points):
                ranked.append((statistics.mean(within) / 1e6, len(within) / len(points), member))
        if not ranked:
            print(f"| {limit} | none has one network in twenty within the limit | | | | | |")
            continue
        ranked.sort(key=lambda row: -row[0])
        macs, share, best = ranked[0]
        searches = {
            "best": best_by_seed(arguments, f"best-{limit}", best, limit, arguments.evaluations),
            "union": best_by_seed(arguments, f"union-{limit}", None, limit, arguments.evaluations),
            "more": best_by_seed(arguments, f"more-{limit}", None, limit, arguments.evaluations + simulated),
        }
        print(f"| {limit} | {member_name(best)} | {100 * share:.0f} % | {macs:.0f} | "
              + " | ".join(summary(found) for found in searches.values()) + " |", flush=True)
        if arguments.every:
            for place, (macs, share, member) in enumerate(ranked):
                size, expansions = member
                found = best_by_seed(arguments, f"each-{limit}-{size}-{max(expansions)}", member, limit,
                                     arguments.evaluations)
                print(f"|   | {place + 1}: {member_name(member)} | {100 * share:.0f} % | {macs:.0f} | {summary(found)} | | |",
                      flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
