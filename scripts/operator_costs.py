#!/usr/bin/env python3
"""Where a fused block is faster than an inverted residual, and what kinds of convolution cost, by accelerator.

usage: operator_costs.py DOVETAIL [-a ACCELERATOR ...] [-w WORKERS]

Blocks: every shape at which EfficientNet-B0 has one (its first, with the stride, and the others of each stage),
as `mb` and as `fused` (the expansion and the depthwise convolution as one dense one), kernels 3 and 5,
expansions 3 and 6. Printed are the latency of `fused` over that of `mb`, below 1 where fused wins, and for which
kernel and expansion. Convolutions: those of the survey's table VIII (Benmeziane et al. 2021), at each shape
that has equal input and output channels: k x k, separable, dilated and grouped. Each block or layer is a network
of its own, so that its input comes from outside and its output goes there."""

import argparse
import json
import subprocess

# EfficientNet-B0 (Tan and Le 2019), table 1: pixels in, channels in and out, stride of the first block of a stage.
STAGES = [(112, 16, 24, 2), (56, 24, 40, 2), (28, 40, 80, 2), (14, 80, 112, 1), (14, 112, 192, 2), (7, 192, 320, 1)]
OTHERS = [(pixels // stride, out, out, 1) for pixels, _, out, stride in STAGES[:-1]]
SHAPES = sorted(set(STAGES + OTHERS), key=lambda shape: (-shape[0], shape[1], shape[3]))
VARIANTS = [(kernel, expansion) for kernel in (3, 5) for expansion in (3, 6)]
CONVOLUTIONS = {"conv": "conv k=3 c={c}", "separable": "ds k=3 c={c} skip=no", "dilated": "conv k=3 d=2 c={c}",
                "grouped by 4": "conv k=3 g=4 c={c}"}


def network(pixels, channels, line):
    return (f"schema: dovetail.network/1\nname: one\ninput: {{height: {pixels}, width: {pixels}, channels: {channels}}}\n"
            f"defaults: act=relu\nblocks:\n  - {line}\n")


def latencies(dovetail, workers, accelerator, networks):
    """Of each network in ms; none where it cannot run."""
    requests = [json.dumps({"network": text, "accelerator": accelerator, "figures": ["latency_ms"]}) for text in networks]
    run = subprocess.run([dovetail, "evaluate", "-w", str(workers)], input="\n".join(requests) + "\n",
                         capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    for answer in answers:
        if answer["status"] not in ("ok", "infeasible"):
            raise SystemExit(f"operator_costs: {answer['status']}: {answer.get('reason', '')}")
    return [answer.get("figures", {}).get("latency_ms") for answer in answers]


def ratio_text(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def ratio(above, below):
    return None if above is None or below is None else above / below


def print_blocks(measure, accelerators):
    print("Latency of `fused` over that of `mb`, for kernels and expansions "
          + ", ".join(f"{k}/{e}" for k, e in VARIANTS) + "; below 1 fused wins.\n")
    print("| input, output channels, stride | " + " | ".join(accelerators) + " |")
    print("| --- |" + " --- |" * len(accelerators))
    lines = [(shape, f"{kind} k={k} s={shape[3]} e={e} c={shape[2]} skip=no")
             for shape in SHAPES for k, e in VARIANTS for kind in ("fused", "mb")]
    wins = {}
    cells = {shape: [] for shape in SHAPES}
    for accelerator in accelerators:
        found = iter(measure(accelerator, [network(shape[0], shape[1], line) for shape, line in lines]))
        wins[accelerator] = 0
        for shape in SHAPES:
            ratios = [ratio(next(found), next(found)) for _ in VARIANTS]
            wins[accelerator] += sum(r is not None and r < 1 for r in ratios)
            cells[shape].append(", ".join(map(ratio_text, ratios)))
    for pixels, channels, out, stride in SHAPES:
        print(f"| {pixels}x{pixels}x{channels}, {out}, {stride} | " + " | ".join(cells[pixels, channels, out, stride]) + " |")
    print("| fused wins | " + " | ".join(f"{wins[a]} of {len(SHAPES) * len(VARIANTS)}" for a in accelerators) + " |")


def print_convolutions(measure, accelerators):
    shapes = [shape for shape in SHAPES if shape[1] == shape[2]]
    print("\nLatency of kinds of convolution in us, kernel 3.\n")
    print("| accelerator | input | " + " | ".join(CONVOLUTIONS) + " |\n| --- | --- |" + " --- |" * len(CONVOLUTIONS))
    for accelerator in accelerators:
        found = iter(measure(accelerator, [network(pixels, channels, line.format(c=channels))
                                           for pixels, channels, _, _ in shapes for line in CONVOLUTIONS.values()]))
        for pixels, channels, _, _ in shapes:
            times = [next(found) for _ in CONVOLUTIONS]
            print(f"| {accelerator} | {pixels}x{pixels}x{channels} | "
                  + " | ".join("-" if ms is None else f"{1000 * ms:.2f}" for ms in times) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dovetail")
    parser.add_argument("-a", "--accelerators", nargs="+",
                        default=["nahas_baseline", "coral_edge_tpu", "nvdla_2048", "nahas_edge-3778"])
    parser.add_argument("-w", "--workers", type=int, default=2)
    args = parser.parse_args()

    def measure(accelerator, networks):
        return latencies(args.dovetail, args.workers, accelerator, networks)

    print_blocks(measure, args.accelerators)
    print_convolutions(measure, args.accelerators)


if __name__ == "__main__":
    main()
