#!/usr/bin/env python3
"""How much a `dovetail serve` answers: clients, workers and the cache, beside no service at all.

usage: service_benchmark.py [--dovetail PROGRAM] [--pairs N] [--clients 1,2,4,8] [--space ofa_mbv3]

Each client labels N random pairs of its own (another seed). Printed are pairs a second of all clients
together, its ratio to local labelling with as many worker processes in the same run, and fairness:
the time of the slowest client over that of the fastest. The last row has clients that ask for the same pairs.
"""

import argparse
import pathlib
import subprocess
import tempfile
import time


class Server:
    def __init__(self, dovetail, workers, folder):
        self.process = subprocess.Popen([dovetail, "serve", "--listen", "127.0.0.1:0", "-w", str(workers)],
                                        stdout=subprocess.PIPE, text=True, cwd=folder)
        self.dovetail = dovetail
        self.address = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def known(self):
        """(pairs asked for, pairs answered from the cache)"""
        told = subprocess.run([self.dovetail, "serve", "--describe", self.address], check=True,
                              capture_output=True, text=True).stdout
        words = next(line for line in told.splitlines() if line.startswith("pairs")).split()
        return int(words[1]), int(words[3])


def label(arguments, folder, seed, more):
    """A process that labels."""
    return subprocess.Popen(
        [arguments.dovetail, "-q", "label", "-s", arguments.space, "-c", str(arguments.pairs),
         "--seed", str(seed), "-o", f"{seed}-{time.monotonic_ns()}.h5", *more], cwd=folder)


def seconds_of(processes, start):
    """When each of them ended; all must have done well."""
    ends = {}
    while len(ends) < len(processes):
        for process in processes:
            if process not in ends and process.poll() is not None:
                if process.returncode != 0:
                    raise SystemExit("service_benchmark: a client failed")
                ends[process] = time.monotonic() - start
        time.sleep(0.002)
    return [ends[process] for process in processes]


def run(arguments, folder, seeds, more):
    start = time.monotonic()
    return seconds_of([label(arguments, folder, seed, more) for seed in seeds], start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dovetail", default="build/release/cli/dovetail")
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--space", default="ofa_mbv3")
    parser.add_argument("--clients", default="1,2,4,8")
    arguments = parser.parse_args()
    arguments.dovetail = str(pathlib.Path(arguments.dovetail).resolve())
    with tempfile.TemporaryDirectory() as folder:
        local = {}
        for workers in (1, 2):
            took = run(arguments, folder, [0], ["-w", str(workers)])
            local[workers] = arguments.pairs / took[0]
            print(f"local, {workers} worker(s): {local[workers]:.0f} pairs/s")
        print("\nworkers  clients  pairs/s  of local  slowest/fastest  known")
        rates = {}
        for workers, clients, same in ([(1, 1, False)] +
                                       [(2, int(n), False) for n in arguments.clients.split(",")] +
                                       [(2, 4, True)]):
            with Server(arguments.dovetail, workers, folder) as server:
                seeds = [1] * clients if same else range(1, clients + 1)
                took = run(arguments, folder, seeds, ["-w", "4", "--service", server.address])
                asked, known = server.known()
            rate = rates[workers, clients, same] = clients * arguments.pairs / max(took)
            print(f"{workers:7}  {clients:7}  {rate:7.0f}  {rate / local[workers]:8.2f}  "
                  f"{max(took) / min(took):15.2f}  {known / asked:5.0%}{'  (the same pairs)' if same else ''}")
        print(f"\ntwo workers over one: {rates[2, 1, False] / rates[1, 1, False]:.2f}")


if __name__ == "__main__":
    main()
