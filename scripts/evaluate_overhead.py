#!/usr/bin/env python3
"""What an evaluation costs beside the simulation, for a program that asks `dovetail evaluate` over a pipe.

usage: evaluate_overhead.py DOVETAIL [--candidates N]

Random pairs of ofa_mbv3 and nahas_edge are asked in batches of several sizes; each answer says how long its
simulation took, and what the program that asks waited beyond that is the overhead: its own JSON, the pipe,
reading the request, writing the answer. Then all are asked at once, of one and of two processes that simulate.
"""

import argparse
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
import dovetail  # noqa: E402

BATCHES = (1, 16, 64, 256)


def random_requests(client, count, seed):
    networks, accelerators = dovetail.Space("ofa_mbv3", client), dovetail.Space("nahas_edge", client)
    generator = random.Random(seed)
    return [{"network": networks.point(networks.sample(generator)).request,
             "accelerator": accelerators.point(accelerators.sample(generator)).request, "timing": True}
            for _ in range(count)]


def overheads_ms(client, requests, batch):
    """Of each batch, per candidate, in ms."""
    found = []
    for begin in range(0, len(requests) - batch + 1, batch):
        start = time.perf_counter()
        answers = client.ask(requests[begin:begin + batch])
        waited = time.perf_counter() - start
        found.append(1000 * (waited - sum(answer["seconds"] for answer in answers)) / batch)
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dovetail")
    parser.add_argument("--candidates", type=int, default=1000, help="for each batch size")
    arguments = parser.parse_args()
    print("overhead of a candidate [ms]\nbatch    best  median  90 % below")
    with dovetail.Client(arguments.dovetail, workers=1) as client:
        for batch in BATCHES:
            requests = random_requests(client, max(arguments.candidates, batch), batch)
            client.ask(requests[:1])
            found = overheads_ms(client, requests, batch)
            print(f"{batch:>5}  {found[0]:>6.3f}  {found[len(found) // 2]:>6.3f}  {found[len(found) * 9 // 10]:>10.3f}")
    for workers in (1, 2):
        with dovetail.Client(arguments.dovetail, workers=workers) as client:
            requests = random_requests(client, arguments.candidates, 0)
            start = time.perf_counter()
            client.ask(requests)
            seconds = time.perf_counter() - start
            print(f"{arguments.candidates} evaluations, {workers} process{'es' if workers > 1 else ''}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
