#!/usr/bin/env python3
"""Spoilt files of every kind and hostile values of every option: a message each, and nothing worse.

usage: hostile_inputs.py RUNNER CONFIGS [--inputs N] [--seed S] [--only I]

RUNNER is the built hostile_runner, which sets the limits. Input I of a seed is always the same one; --only runs it alone and shows what it prints. Each must
end with exit status 0, 1 or 2 within 5 s of computing and 1 GB of memory; a refusal with a message
that one can read, without words of the inside; what is known to be wrong with 2.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile

import fixtures
import mutations
import options

MOST_MESSAGE = 20_000     # characters
INSIDE = re.compile(r"Traceback|std::|bad_alloc|filesystem error|terminate|[Aa]ssert|basic_string|vector::|"
                    r"map::|what\(\)|\bsto(i|l|ll|ul|ull|d|f)\b|json\.exception|HDF5-DIAG|bad conversion|yaml-cpp|"
                    r"UNIQUE constraint|core dumped|Sanitizer|runtime error|not enough memory|nullptr|_M_")
# The run failed, and no input is to blame: a candidate that no result can be, a full disk.
RUN_FAILED = re.compile(r"no candidate|no configuration|cannot write|no results|nothing|diverge|is a pipe|Input/output|none of|"
                        r"was removed or replaced|learn|no combination")


class Corpus:
    """What input I is: the words of a command and the files that it finds."""

    def __init__(self, dovetail, folder, seed):
        self.seed = seed
        self.runners = queue.Queue()
        self.files_made = fixtures.copies(folder)
        calls = {}
        for call in fixtures.CALLS + fixtures.CALLS_WITH_NO_INPUT:
            words = call.split()
            size = 2 if words[0] in ("study", "dataset", "bench") else 1
            calls[tuple(words[:size])] = call
        known = options.commands(dovetail)
        missing = [" ".join(c) for c in known if c not in calls]
        if missing:
            raise SystemExit(f"hostile_inputs: no call of {', '.join(missing)}: add it to fixtures.py")
        self.options = [(calls[command], *option) for command in known
                        for option in options.options(dovetail, command)]
        self.files = [(name, reader) for name, readers in fixtures.READERS.items() for reader in readers]

    def input(self, i):
        """(words, {file: bytes}, what it is, must be refused)"""
        rng = random.Random(f"{self.seed}/{i}")
        if i % 2 == 0:
            call, option, kind = self.options[i // 2 % len(self.options)]
            value, invalid = options.hostile_value(kind, rng)
            return options.call_with(call, option, value), {}, f"{option}={value[:40]!r}", invalid
        name, reader = self.files[i // 2 % len(self.files)]
        data = self.files_made[name]
        spoil = mutations.OF_SUFFIX[pathlib.Path(name).suffix]
        spoilt, what, invalid = spoil(data, rng)
        return reader.split(), {name: spoilt}, f"{name}: {what}", invalid and spoilt != data


def faults(status, err, invalid):
    """What is wrong with how a command ended, in words."""
    found = []
    if status not in ("0", "1", "2"):
        found.append(f"ends with {status}")
    if status == "0" and invalid:
        found.append("is accepted")
    if status == "1" and not RUN_FAILED.search(err):
        found.append("ends with 1")
    if status == "2" and not err.strip():
        found.append("says nothing")
    if len(err) > MOST_MESSAGE:
        found.append(f"says {len(err)} characters")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", err.replace("\r", "")):
        found.append("prints control characters")
    inside = INSIDE.search(err)
    if inside:
        found.append(f"says '{inside.group()}'")
    return found


class Runner:
    """A hostile_runner, which runs one command at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, folder, words):
        """(exit status or how else it ended, what it printed, what it said)"""
        out, err = folder.parent / "out", folder.parent / "err"
        request = b"".join(str(word).encode() + b"\0" for word in (folder, out, err, *words))
        self.process.stdin.write(b"%d\n" % len(request) + request)
        self.process.stdin.flush()
        status = self.process.stdout.readline().decode().strip()
        return status, *(file.read_bytes().decode("utf-8", "replace") for file in (out, err))


def run(corpus, scratch, i, show=False):
    words, files, what, invalid = corpus.input(i)
    folder = scratch / str(i) / "a" / "b" / "c"
    folder.mkdir(parents=True)
    fixtures.put({**corpus.files_made, **files}, folder)
    runner = corpus.runners.get()
    status, out, err = runner.run(folder, words)
    corpus.runners.put(runner)
    shutil.rmtree(scratch / str(i))
    found = faults(status, err, invalid)
    if show:
        print(out, err, f"exit status {status}", sep="\n")
    text = [f"{i}: {' '.join(words)[:200]!r} ({what}): {'; '.join(found)}", "    " + err.strip()[:300]]
    return status, "\n".join(text) if found else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dovetail", type=pathlib.Path)
    parser.add_argument("configs", type=pathlib.Path)
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    dovetail = str(arguments.dovetail.resolve())
    with tempfile.TemporaryDirectory(prefix="dovetail-hostile-") as place:
        made, scratch = pathlib.Path(place) / "made", pathlib.Path(place) / "tries"
        made.mkdir()
        fixtures.make(dovetail, made, arguments.configs)
        corpus = Corpus(dovetail, made, arguments.seed)
        for _ in range(os.cpu_count()):
            corpus.runners.put(Runner(dovetail))
        if arguments.only is not None:
            print(run(corpus, scratch, arguments.only, show=True)[1])
            return 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda i: run(corpus, scratch, i),
                                    range(arguments.inputs)))
    wrong = [text for _, text in results if text]
    print("\n".join(wrong))
    counts = collections.Counter(status for status, _ in results)
    print(f"{len(results)} inputs of seed {arguments.seed}, {len(corpus.options)} options: {len(wrong)} wrong; "
          f"exit status {', '.join(f'{s}: {n}' for s, n in sorted(counts.items(), key=str))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
