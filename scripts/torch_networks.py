#!/usr/bin/env python3
"""Checks dovetail_torch.py on random networks of spaces: parameters and multiply-accumulates, counted by hooks, and the
ONNX file that torch writes, read again.

usage: torch_networks.py [--dovetail PROGRAM] [--count N] [--onnx N] [--accelerator NAME] [SPACE...]

By default 200 networks of each space of networks that the program lists. Each is written by `export --torch`, made into a
module, and run once on an image of zeros with hooks on its convolutions and fully connected layers; parameters and
multiply-accumulates must be those that the program reports, exactly. The first --onnx of each space (default 20; 0: none)
are exported by torch and read again: the same MACs, parameters and cycles. Prints a line a space; status 1 if anything
differs. Needs torch (Debian: python3-torch), without which it says so, with status 0.
"""

import argparse
import importlib.util
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
except ImportError:
    torch = None


def counted_by_hooks(network):
    """Multiply-accumulates of one image."""
    macs = 0

    def count(module, inputs, output):
        nonlocal macs
        if isinstance(module, torch.nn.Conv2d):
            inputs_of_one = module.in_channels // module.groups * math.prod(module.kernel_size)
            macs += output.numel() * inputs_of_one
        else:
            macs += output.numel() * module.in_features

    hooks = [module.register_forward_hook(count) for module in network.modules()
             if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear))]
    with torch.no_grad():
        network.eval()(torch.zeros(network.input_size))
    for hook in hooks:
        hook.remove()
    return macs


class Checker:
    def __init__(self, program, accelerator, folder):
        self.program, self.accelerator, self.folder, self.wrong = program, accelerator, folder, []

    def call(self, *words):
        run = subprocess.run([self.program, "-q", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                             check=False)
        if run.returncode != 0:
            raise SystemExit(f"torch_networks.py: {' '.join(map(str, words))}: {run.stderr.strip()}")

    def figures(self, network):
        self.call("simulate", "-n", network, "-a", self.accelerator, "--json", "report.json")
        report = json.loads((self.folder / "report.json").read_text())
        return {key: report.get(key) for key in ("macs", "parameters", "cycles")}

    def check(self, network, with_onnx):
        self.call("export", "-n", network, "--torch", "torch")
        spec = importlib.util.spec_from_file_location("dovetail_torch", self.folder / "torch/dovetail_torch.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made = module.load_network(self.folder / "torch/network.json")
        wanted = self.figures(network)
        found = {"macs": counted_by_hooks(made), "parameters": sum(p.numel() for p in made.parameters())}
        if any(found[key] != wanted[key] for key in found):
            self.wrong.append(f"{network}: {found}, the program has {wanted}")
        if not with_onnx:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module.export_onnx(made, str(self.folder / "torch.onnx"))
        if (again := self.figures("torch.onnx")) != wanted:
            self.wrong.append(f"{network}: through torch's ONNX {again}, the program has {wanted}")


def spaces_of(program):
    """The spaces of networks, as the program lists them: those that can be sampled without a space of accelerators."""
    folder = pathlib.Path(__file__).resolve().parent.parent / "configs/spaces"
    return sorted(file.stem for file in folder.glob("*.yaml") if "dovetail.network_space/1" in file.read_text())


def main():
    parser = argparse.ArgumentParser(description="Checks dovetail_torch.py on random networks of spaces.")
    parser.add_argument("spaces", nargs="*", metavar="SPACE")
    parser.add_argument("--dovetail", default="dovetail", help="the program (default: dovetail)")
    parser.add_argument("--count", type=int, default=200, metavar="N")
    parser.add_argument("--onnx", type=int, default=20, metavar="N")
    parser.add_argument("--accelerator", default="nahas_baseline")
    arguments = parser.parse_args()
    if torch is None:
        print("torch_networks.py: skipped, the Python package torch is not installed (Debian: python3-torch)")
        return 0
    torch.set_num_threads(1)
    program = arguments.dovetail
    if "/" in program:
        program = str(pathlib.Path(program).resolve())
    failed = False
    for space in arguments.spaces or spaces_of(program):
        with tempfile.TemporaryDirectory() as folder:
            checker = Checker(program, arguments.accelerator, pathlib.Path(folder))
            checker.call("sample", "-s", space, "-c", arguments.count, "-o", "networks")
            files = sorted((checker.folder / "networks").glob("*.yaml"))
            for i, file in enumerate(files):
                checker.check(file, i < arguments.onnx)
            print(f"{space}: {len(files)} networks, {min(len(files), arguments.onnx)} through torch's ONNX: "
                  f"{len(checker.wrong)} differ", flush=True)
            print("".join(f"  {line}\n" for line in checker.wrong), end="")
            failed = failed or bool(checker.wrong) or not files
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
