#!/usr/bin/env python3
"""Accelerators written for ZigZag and Timeloop are YAML to another reader, and say what the accelerator has.

usage: foreign_accelerators_test.py DOVETAIL
"""

import math
import pathlib
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None


def components(node):
    """All components of a Timeloop file with the instances that stand above them."""
    instances = 1
    for each in node["nodes"]:
        spatial = each.get("spatial", {})
        instances *= spatial.get("meshX", 1) * spatial.get("meshY", 1)
        if "class" in each:
            yield each, instances


def main(dovetail):
    if yaml is None:
        print("foreign_accelerators_test.py: skipped, the Python package yaml is not installed (Debian: python3-yaml)")
        return 0
    for tag in ("!Component", "!Container"):
        yaml.SafeLoader.add_constructor(tag, lambda loader, node: loader.construct_mapping(node, deep=True))
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for accelerator, macs, local in (("nahas_baseline", 16384, 16 * 2 << 20), ("nahas_edge:pes_x=8,simd_units=16", 8192, 32 * 2 << 20)):
            subprocess.run([dovetail, "-q", "export", "-a", accelerator, "--zigzag", "z.yaml", "--timeloop", "t.yaml"],
                           cwd=folder, check=True)
            zigzag = yaml.safe_load((folder / "z.yaml").read_text())
            if math.prod(zigzag["operational_array"]["sizes"]) != macs:
                wrong.append(f"{accelerator}: ZigZag's array is {zigzag['operational_array']['sizes']}")
            if list(zigzag["memories"]) != ["register_file", "local_memory", "outside"]:
                wrong.append(f"{accelerator}: ZigZag's memories, from the array outwards, are {list(zigzag['memories'])}")
            timeloop = yaml.safe_load((folder / "t.yaml").read_text())["architecture"]
            found = {each["name"]: (each, instances) for each, instances in components(timeloop)}
            if list(found) != ["outside", "local_memory", "register_file", "mac"] or found["mac"][1] != macs:
                wrong.append(f"{accelerator}: Timeloop has {[(n, i) for n, (_, i) in found.items()]}")
            each, instances = found["local_memory"]
            if each["attributes"]["depth"] * each["attributes"]["width"] // 8 * instances != local:
                wrong.append(f"{accelerator}: Timeloop's local memories are {each} {instances} times")
        done = subprocess.run([dovetail, "export", "-a", "nahas_baseline"], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 2 or "--timeloop FILE" not in done.stderr:
            wrong.append(f"nothing to write: {done.returncode}: {done.stderr}")
    print("\n".join(wrong) or "accelerators for ZigZag and Timeloop: what they have")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
