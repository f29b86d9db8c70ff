#!/usr/bin/env python3
"""A frame for an accuracy command of your own (docs/accuracy.md); configs/studies/command.yaml runs it.

usage: accuracy_command.py NETWORK.json [NETWORK.onnx]

Reads what network is meant, and prints the answer as the last line of standard output. Everything printed
before it, and on standard error, is for you. Any other exit status than 0 means that there is no answer.

made_up_accuracy() IS NO ACCURACY. It is a number that grows with the size of the network, there so that the
example runs in no time; put your training and validation in its place.
"""

import json
import math
import sys


def made_up_accuracy(architecture):
    millions = architecture["macs"] / 1e6
    return 90 - 40 / (1 + math.log1p(millions))


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        architecture = json.load(file)
    print(f"asked about {architecture['network']}: {len(architecture['blocks'])} blocks", file=sys.stderr)
    print(json.dumps({"top1_percent": made_up_accuracy(architecture), "epochs": 0}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
