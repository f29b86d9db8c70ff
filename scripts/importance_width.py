#!/usr/bin/env python3
"""Which layers are worth widening: hidden widths of ofa_mbv3, chosen one at a time by what accuracy gains for
what it costs (importance-aware width, after the abstract of HACScale).

usage: importance_width.py DOVETAIL [-a ACCELERATOR ...] [-w WORKERS]

All depths are 4, all kernels 5; the 20 expansions start at 3 and end at 6 at most. The price of a step is paid in
parameters of the blocks and, for each accelerator, in simulated latency. Each price is spent until there is
nothing left to widen, and compared with the three networks whose expansions are all 3, 4 or 6: accuracy at
the price of the middle one, and the price of its accuracy. Top-1 is that of the predictor `ofa_mbv3`."""

import argparse
import json
import subprocess
import sys

LAYERS, STAGE = 20, 4
EXPANSIONS = (3, 4, 6)
KERNELS, DEPTHS = [1] * LAYERS, [2] * 5  # positions of the choices 5 and 4
# Parameters that no expansion changes: stem, first block, the two last convolutions, classifier.
FIXED = (27 * 16 + 32) + (9 * 16 + 32 + 16 * 16 + 32) + (160 * 960 + 1920) + 960 * 1280 + (1280 * 1000 + 1000)


class Asked:
    """A process of `dovetail evaluate`; every network is asked about once."""

    def __init__(self, dovetail, workers):
        command = [dovetail, "evaluate", "-w", str(workers)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.known = {}

    def answers(self, requests):
        """One answer a request, in their order."""
        texts = [json.dumps(request) for request in requests]
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.process.stdin.write("".join(text + "\n" for text in new))
        self.process.stdin.flush()
        for text in new:
            answer = json.loads(self.process.stdout.readline())
            if answer["status"] != "ok":
                raise SystemExit(f"importance_width: {answer['status']}: {answer.get('reason', '')}")
            self.known[text] = answer
        return [self.known[text] for text in texts]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def network(widths):
    return {"space": "ofa_mbv3", "choices": KERNELS + list(widths) + DEPTHS}


def measure(asked, accelerator, points):
    """(top-1, price) of each: parameters of the blocks in millions, or the latency in ms."""
    accuracy = {"source": "predictor", "file": "ofa_mbv3"}
    tops = asked.answers([{"network": network(p), "accuracy": accuracy, "figures": ["top1_percent"]} for p in points])
    if accelerator is None:
        sizes = asked.answers([{"network": network(p)} for p in points])
        prices = [(size["network"]["parameters"] - FIXED) / 1e6 for size in sizes]
    else:
        costs = asked.answers([{"network": network(p), "accelerator": accelerator, "figures": ["latency_ms"]}
                               for p in points])
        prices = [cost["figures"]["latency_ms"] for cost in costs]
    return [(top["figures"]["top1_percent"], price) for top, price in zip(tops, prices)]


def wider(point):
    """Every layer with each of its wider choices, all else equal."""
    return [point[:layer] + (choice,) + point[layer + 1:]
            for layer in range(LAYERS) for choice in range(point[layer] + 1, len(EXPANSIONS))]


def climb(measured, limit=float("inf")):
    """From the narrowest network, the widening of most gain for its price, until none gains within the limit."""
    point = (0,) * LAYERS
    path = [(point, *measured([point])[0])]
    while True:
        _, top, price = path[-1]
        best = None
        for candidate, (its_top, its_price) in zip(tries := wider(path[-1][0]), measured(tries)):
            gain, paid = its_top - top, its_price - price
            if gain <= 0 or its_price > limit:
                continue
            worth = (1, gain) if paid <= 0 else (0, gain / paid)
            if best is None or worth > best[0]:
                best = worth, (candidate, its_top, its_price)
        if best is None:
            return path
        path.append(best[1])


def text(point):
    words = ["".join(str(EXPANSIONS[choice]) for choice in point[i:i + STAGE]) for i in range(0, LAYERS, STAGE)]
    return " ".join(words)


def compare(name, unit, decimals, measured):
    """Prints the lines of one price; returns the widths at the price of the middle network."""
    narrow, middle, wide = measured([(choice,) * LAYERS for choice in range(len(EXPANSIONS))])
    path = climb(measured)
    show = lambda price: f"{price:.{decimals}f} {unit}"
    print(f"{name}: all 3, 4, 6: " + "; ".join(f"{top:.2f} % at {show(price)}" for top, price in (narrow, middle, wide)))
    at_price = climb(measured, middle[1])[-1]
    print(f"  at the price of all 4: {at_price[1]:.2f} % at {show(at_price[2])}: {at_price[1] - middle[0]:+.2f} points")
    for what, top in (("all 4", middle[0]), ("all 6", wide[0])):
        found = min((step for step in path if step[1] >= top), key=lambda step: step[2], default=None)
        price = middle[1] if what == "all 4" else wide[1]
        if found is None:
            print(f"  never as accurate as {what}; at most {max(step[1] for step in path):.2f} %")
        else:
            print(f"  as accurate as {what}: {show(found[2])}: {100 * (found[2] / price - 1):+.1f} %")
    print(f"  expansions by stage: {text(at_price[0])}")
    return at_price[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dovetail")
    parser.add_argument("-a", "--accelerator", action="append", default=[])
    parser.add_argument("-w", "--workers", type=int, default=1)
    arguments = parser.parse_args()
    asked = Asked(arguments.dovetail, arguments.workers)
    chosen = {"parameters": compare("parameters of the blocks", "M", 3, lambda p: measure(asked, None, p))}
    for accelerator in arguments.accelerator:
        chosen[accelerator] = compare(f"latency on {accelerator}", "ms", 4, lambda p, a=accelerator: measure(asked, a, p))
    asked.close()
    names = list(chosen)
    for i, one in enumerate(names):
        for other in names[i + 1:]:
            differ = sum(a != b for a, b in zip(chosen[one], chosen[other]))
            print(f"{one} and {other}: {differ} of {LAYERS} layers differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
