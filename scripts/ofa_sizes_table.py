#!/usr/bin/env python3
"""Networks of ofa_mbv3_sizes with what the published accuracy predictor of Once-for-All says of them, as a table
that `dovetail fit-accuracy` reads.

usage: ofa_sizes_table.py --predictor FILE [--measured CSV] [--count N] [--seed S] -o TABLE.csv

The predictor (Cai et al., ICLR 2020; a perceptron of 128 inputs and 3 hidden layers of 400, ReLU between them) is
read as little-endian float32 in the order weights, biases of each layer, weights row by row. Its inputs: of each of
20 slots the kernel and the expansion as one-hot, slots that are not used all zero, and the size of the input as
one-hot from 112 px in steps of 16, of which 160 to 224 px are trained. It was fitted to another measurement protocol
than the networks measured at 224 px (--measured, columns ks0.., e0.., d0.., top1), so the line that brings it to
those is fitted here, printed, and used for all sizes: of other sizes none is measured."""

import argparse
import csv
import pathlib

import numpy

SIZES, KERNELS, EXPANSIONS, DEPTHS = (160, 176, 192, 208, 224), (3, 5, 7), (3, 4, 6), (2, 3, 4)
STAGES, SLOTS = 5, 4
NAMES = (["r"] + [f"ks{i}" for i in range(STAGES * SLOTS)] + [f"e{i}" for i in range(STAGES * SLOTS)]
         + [f"d{i}" for i in range(STAGES)])
SHAPES = ((400, 128), (400,), (400, 400), (400,), (400, 400), (400,), (1, 400), (1,))


def read_predictor(file):
    numbers = numpy.fromfile(file, dtype="<f4").astype(float)
    wanted = sum(int(numpy.prod(shape)) for shape in SHAPES)
    if len(numbers) != wanted:
        raise SystemExit(f"ofa_sizes_table: {file}: {len(numbers)} numbers, not {wanted}")
    parts = []
    for shape in SHAPES:
        size = int(numpy.prod(shape))
        parts.append(numbers[:size].reshape(shape))
        numbers = numbers[size:]
    return parts


def inputs(network):
    """The 128 inputs of one network, a dictionary of decisions."""
    row = numpy.zeros(128)
    for slot in range(STAGES * SLOTS):
        if slot % SLOTS < network[f"d{slot // SLOTS}"]:
            row[3 * slot + KERNELS.index(network[f"ks{slot}"])] = 1
            row[60 + 3 * slot + EXPANSIONS.index(network[f"e{slot}"])] = 1
    row[120 + (network["r"] - 112) // 16] = 1
    return row


def predicted(parts, networks):
    """Percent, as published."""
    values = numpy.array([inputs(network) for network in networks])
    for layer in range(0, len(parts), 2):
        values = values @ parts[layer].T + parts[layer + 1]
        if layer + 2 < len(parts):
            values = numpy.maximum(values, 0)
    return 100 * values[:, 0]


def drawn(generator):
    network = {"r": int(generator.choice(SIZES))}
    network.update({f"ks{i}": int(generator.choice(KERNELS)) for i in range(STAGES * SLOTS)})
    network.update({f"e{i}": int(generator.choice(EXPANSIONS)) for i in range(STAGES * SLOTS)})
    network.update({f"d{i}": int(generator.choice(DEPTHS)) for i in range(STAGES)})
    return network


def kendall_tau(first, second):
    """Tau-a of two lists."""
    ahead = numpy.sign(first[:, None] - first[None, :]) * numpy.sign(second[:, None] - second[None, :])
    return ahead.sum() / (len(first) * (len(first) - 1))


def level(parts, file):
    """Slope and offset that bring predictions to the measured networks of 224 px."""
    by_network = {}
    with open(file, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            network = {name: int(row[name]) for name in NAMES[1:]} | {"r": 224}
            by_network.setdefault(tuple(inputs(network)), (network, []))[1].append(float(row["top1"]))
    networks = [network for network, _ in by_network.values()]
    measured = numpy.array([numpy.mean(figures) for _, figures in by_network.values()])
    published = predicted(parts, networks)
    slope, offset = numpy.polyfit(published, measured, 1)
    left = measured - slope * published - offset
    print(f"{len(measured)} measured networks at 224 px: measured = {slope:.4f} x predicted {offset:+.3f}; "
          f"left over {left.std(ddof=2):.3f} points; Kendall's tau {kendall_tau(published, measured):.3f}")
    return slope, offset


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--predictor", required=True, type=pathlib.Path)
    parser.add_argument("--measured", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    parts = read_predictor(arguments.predictor)
    slope, offset = level(parts, arguments.measured) if arguments.measured else (1, 0)
    generator = numpy.random.default_rng(arguments.seed)
    networks = [drawn(generator) for _ in range(arguments.count)]
    with open(arguments.output, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(NAMES + ["top1"])
        for network, top1 in zip(networks, slope * predicted(parts, networks) + offset):
            table.writerow([network[name] for name in NAMES] + [f"{top1:.4f}"])


if __name__ == "__main__":
    main()
