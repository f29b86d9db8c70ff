#!/usr/bin/env python3
"""What the memories of the accelerator are worth over a whole space, by the files of 'dovetail explore'.

usage: memory_effects.py NETWORK.csv... [--areas 20,40,77]

Prints, for each network:
  1. the whole range of local memory and register file, smallest to largest choice, all else equal: share of
     pairs whose latency falls by more than 2 and 1 %, stays within 0.1 %, rises by more than 0.1 %;
  2. whether more is ever slower: the same over all steps between neighbouring choices, and the worst step;
  3. the fastest design within each area (of equally fast ones the smallest), and how many of those of all
     networks have the most IO bandwidth, or that with the smallest register file and local memory too.
Pairs in which the network cannot run on both are left out and counted."""

import argparse
import csv
import sys

SCHEMA = "dovetail.exploration/1"
RANGES = ["local_memory_mib", "register_file_kib"]
STEPS = ["register_file_kib", "local_memory_mib", "io_bandwidth_gbps", "link_bytes_per_pe_cycle"]
NEEDED_FOR_BEST = {"pes_x", "pes_y", "register_file_kib", "local_memory_mib", "io_bandwidth_gbps"}
SAME = 0.001  # latencies this close are the same


class BadInput(Exception):
    """A file cannot be used; the message says why."""


class Exploration:
    """Every configuration of a space with one network: choices and, where it runs, latency and area."""

    def __init__(self, file):
        try:
            with open(file, newline="", encoding="utf-8") as stream:
                lines = stream.readlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{file}: {error}") from None
        head = dict(line[2:].rstrip("\n").partition(": ")[::2]
                    for line in lines if line.startswith("# "))
        if head.get("schema") != SCHEMA:
            raise BadInput(f"{file}: found schema '{head.get('schema')}', allowed {SCHEMA}")
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        columns = rows.fieldnames or []
        self.network, self.space = head["network"], head["space_checksum"]
        self.parameters = columns[1:columns.index("latency_ms")]
        self.points = {}  # choices as written: (latency, area), or None where the network cannot run
        for row in rows:
            runs = not row["reason"]
            self.points[tuple(row[name] for name in self.parameters)] = (
                (float(row["latency_ms"]), float(row["area_mm2"])) if runs else None)
        if len(self.points) != int(head["configurations"]):
            raise BadInput(f"{file}: found {len(self.points)} configurations, allowed "
                           f"{head['configurations']}: all of the space")
        self.choices = {name: sorted({point[i] for point in self.points}, key=order)
                        for i, name in enumerate(self.parameters)}

    def ratios(self, parameter, small, large):
        """Latency at the larger choice over that at the smaller, all else equal; how many pairs have none."""
        at = self.parameters.index(parameter)
        found, without = [], 0
        for choices, before in self.points.items():
            if choices[at] != small:
                continue
            after = self.points[choices[:at] + (large,) + choices[at + 1:]]
            if before is None or after is None:
                without += 1
            else:
                found.append(after[0] / before[0])
        return found, without

    def best(self, area):
        """Choices and figures of the fastest design within the area; None if there is none."""
        within = [(figures, choices) for choices, figures in self.points.items()
                  if figures is not None and figures[1] <= area]
        return min(within, default=None)

    def value(self, choices, parameter):
        return float(choices[self.parameters.index(parameter)])

    def is_at(self, choices, parameter, end):
        """Whether a design has the first (0) or last (-1) choice of a parameter."""
        return choices[self.parameters.index(parameter)] == self.choices[parameter][end]


def order(choice):
    """Numbers by their value, names as they are."""
    try:
        return (0, float(choice), "")
    except ValueError:
        return (1, 0, choice)


def share(ratios, holds):
    return f"{100 * sum(map(holds, ratios)) / len(ratios):.2f}" if ratios else "-"


def shares(ratios):
    return [share(ratios, lambda r: r < 0.98), share(ratios, lambda r: r < 0.99),
            share(ratios, lambda r: 1 - SAME <= r <= 1 + SAME), share(ratios, lambda r: r > 1 + SAME)]


SHARES = ["> 2 % faster", "> 1 % faster", "same (0.1 %)", "> 0.1 % slower"]


def print_table(title, header, rows):
    print(title)
    widths = [max(len(str(row[i])) for row in [header] + rows) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths]] + rows:
        cells = [str(cell).ljust(width) if i < 2 else str(cell).rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    print()


def print_ranges(explorations):
    rows = []
    for parameter in RANGES:
        for exploration in explorations:
            if len(exploration.choices.get(parameter, [])) < 2:
                continue
            small, large = exploration.choices[parameter][0], exploration.choices[parameter][-1]
            ratios, without = exploration.ratios(parameter, small, large)
            rows.append([f"{parameter} {small} -> {large}", exploration.network, len(ratios), without]
                        + shares(ratios))
    print_table("From the smallest to the largest choice, all else equal [% of pairs]:",
                ["change", "network", "pairs", "without"] + SHARES, rows)


def print_steps(explorations):
    rows = []
    for parameter in STEPS:
        for exploration in explorations:
            choices, ratios, without = exploration.choices.get(parameter, []), [], 0
            for small, large in zip(choices, choices[1:]):
                more, fewer = exploration.ratios(parameter, small, large)
                ratios += more
                without += fewer
            if ratios:
                rows.append([parameter, exploration.network, len(ratios), without] + shares(ratios)
                            + [f"{100 * (max(ratios) - 1):+.2f}"])
    print_table("Is more ever slower? All steps between neighbouring choices [% of pairs]:",
                ["parameter", "network", "pairs", "without"] + SHARES + ["worst [%]"], rows)


def print_best(explorations, areas):
    rows, most_io, corner = [], 0, 0
    for area in areas:
        for exploration in explorations:
            best = exploration.best(area)
            if best is None:
                rows.append([f"{area:g}", exploration.network] + ["-"] * (4 + len(exploration.parameters)))
                continue
            (latency, used), choices = best
            memory = exploration.value(choices, "local_memory_mib")
            memory *= exploration.value(choices, "pes_x") * exploration.value(choices, "pes_y")
            at_most_io = exploration.is_at(choices, "io_bandwidth_gbps", -1)
            most_io += at_most_io
            corner += (at_most_io and exploration.is_at(choices, "register_file_kib", 0)
                       and exploration.is_at(choices, "local_memory_mib", 0))
            rows.append([f"{area:g}", exploration.network, f"{latency:.4f}", f"{used:.2f}", f"{memory:g}"]
                        + list(choices))
    header = ["mm2", "network", "ms", "mm2 used", "memory of all PEs [MiB]"]
    print_table("Fastest designs within an area:", header + explorations[0].parameters, rows)
    print(f"{most_io} of {len(rows)} have the most IO bandwidth; "
          f"{corner} of {len(rows)} also the smallest register file and local memory.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="NETWORK.csv", help="files of 'dovetail explore', of one space")
    parser.add_argument("--areas", default="20,40,77", metavar="MM2,MM2", help="limits in mm2 (default: %(default)s)")
    args = parser.parse_args()
    try:
        areas = [float(area) for area in args.areas.split(",")]
    except ValueError:
        parser.error(f"--areas: found '{args.areas}', allowed numbers with commas between them")
    try:
        explorations = [Exploration(file) for file in args.files]
        for file, exploration in zip(args.files, explorations):
            if exploration.space != explorations[0].space:
                raise BadInput(f"{file}: of another space than {args.files[0]}")
        print_ranges(explorations)
        print_steps(explorations)
        if NEEDED_FOR_BEST <= set(explorations[0].parameters):
            print_best(explorations, areas)
    except BadInput as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
