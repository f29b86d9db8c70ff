#!/usr/bin/env python3
"""The torch module of a network has its parameters and multiply-accumulates, computes what the program computes with
the same weights, and its ONNX is the same network.

usage: torch_test.py DOVETAIL SOURCES       the program, and the folder of the sources

Skipped, with a reason, where torch is missing.
"""

import importlib.util
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import torch
except ImportError:
    torch = None

DOVETAIL, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])
NETWORKS = {
    "mobile": ["conv k=3 s=2 c=8 act=hswish", "mb k=5 s=2 e=3 c=8 act=relu6 se=0.5 se_gate=hsigmoid", "mb k=3 e=3 c=8 act=swish",
               "ds k=3 c=8 act=relu", "fused k=3 s=2 e=2 c=8 act=relu g=2", "pool", "fc c=10 act=sigmoid"],
    "residual": ["conv k=3 c=8 act=relu bias=yes", "maxpool k=3 s=2", "basic c=8 act=relu", "bottleneck c=16 h=8 s=2 act=relu",
                 "avgpool k=3 s=2", "dw k=3 d=2 act=hsigmoid", "fc c=6 flatten=yes act=relu", "fc c=4 bias=no"],
    "uneven": ["conv k=3 c=4 act=none bn=no", "avgpool k=2", "maxpool k=2", "pool", "fc c=3"],
}


def run(*words, folder, status=0):
    done = subprocess.run([DOVETAIL, "-q", *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, (words, done.stderr)
    return done


def module_of(file):
    spec = importlib.util.spec_from_file_location("dovetail_torch", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_network(folder, name):
    (folder / "net.yaml").write_text("schema: dovetail.network/1\nname: tested\n"
                                     "input: {height: 26, width: 21, channels: 3}\nblocks:\n" +
                                     "".join(f"  - {line}\n" for line in NETWORKS[name]))


def figures(folder, network):
    run("simulate", "-n", network, "-a", "nahas_baseline", "--json", "report.json", folder=folder)
    report = json.loads((folder / "report.json").read_text())
    return [report[key] for key in ("macs", "parameters", "cycles")]


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)
        write_network(self.folder, "mobile")

    def test_the_script_and_the_layers_are_written(self):
        run("export", "-n", "net.yaml", "--torch", "out", folder=self.folder)
        self.assertEqual((self.folder / "out/dovetail_torch.py").read_bytes(),
                         (SOURCES / "python/dovetail_torch.py").read_bytes())
        layers = json.loads((self.folder / "out/network.json").read_text())
        self.assertEqual(layers["schema"], "dovetail.network_layers/1")
        self.assertEqual(layers["layers"][-1]["op"], "fully_connected")

    def test_nothing_to_write_is_an_error(self):
        said = run("export", "-n", "net.yaml", folder=self.folder, status=2).stderr
        self.assertIn("--torch", said)
        said = run("export", "--torch", "out", folder=self.folder, status=2).stderr
        self.assertIn("--network", said)


@unittest.skipIf(torch is None, "the Python package torch is not installed (Debian: python3-torch)")
class TorchTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)

    def network(self, name):
        write_network(self.folder, name)
        run("export", "-n", "net.yaml", "--torch", "out", folder=self.folder)
        self.module = module_of(self.folder / "out/dovetail_torch.py")
        return self.module.load_network(self.folder / "out/network.json")

    def test_parameters_and_shapes_are_those_of_the_network(self):
        for name in NETWORKS:
            with self.subTest(name):
                made = self.network(name)
                self.assertEqual(sum(p.numel() for p in made.parameters()), figures(self.folder, "net.yaml")[1])
                shapes = {}
                for layer_name, layer in zip(made.names, made.layers):
                    layer.register_forward_hook(lambda _, __, out, key=layer_name: shapes.update({key: tuple(out.shape)}))
                made.eval()(torch.zeros(made.input_size))
                for layer in made.description["layers"]:
                    height, width, channels = layer["output"]
                    flat = layer.get("op") == "fully_connected"
                    self.assertEqual(shapes[layer["name"]], (1, channels) if flat else (1, channels, height, width), layer)

    def test_its_onnx_is_the_same_network(self):
        for name in ("mobile", "residual"):  # an average pool that torch cannot pad is a product in its ONNX
            with self.subTest(name):
                made = self.network(name)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self.module.export_onnx(made, str(self.folder / "torch.onnx"))
                self.assertEqual(figures(self.folder, "torch.onnx"), figures(self.folder, "net.yaml"))

    def test_with_the_same_weights_it_computes_what_the_program_computes(self):
        for name in NETWORKS:
            with self.subTest(name):
                made = self.network(name)
                weights = self.random_weights(made)
                self.write_safetensors(weights, self.folder / "weights.safetensors")
                self.module.load_weights(made, self.folder / "weights.safetensors")
                run("export", "-n", "net.yaml", "--onnx", "net.onnx", "--weights", "weights.safetensors", "--test-data", "data",
                    folder=self.folder)
                image = self.floats(self.folder / "data/input_0.pb", math.prod(made.input_size))
                expected = self.floats(self.folder / "data/output_0.pb", made.description["layers"][-1]["output"][2])
                with torch.no_grad():
                    found = made.eval()(image.reshape(made.input_size)).reshape(-1)
                self.assertLess(float((found - expected).abs().max()), 1e-4 * max(1, float(expected.abs().max())))

    def test_weights_of_another_network_are_refused(self):
        made = self.network("mobile")
        weights = self.random_weights(made)
        file = self.folder / "weights.safetensors"
        for change in ("missing", "more"):
            changed = dict(weights)
            if change == "more":
                changed["other.weight"] = torch.zeros(2)
            else:
                changed.pop(next(iter(changed)))
            self.write_safetensors(changed, file)
            with self.assertRaises(ValueError):
                self.module.load_weights(made, file)

    def test_what_it_does_not_make_is_named(self):
        made = self.network("mobile")
        for change, words in (({"op": "reorder"}, "operator reorder"), ({"activation": "table"}, "activation table")):
            description = json.loads(json.dumps(made.description))
            description["layers"][2].update(change)
            with self.assertRaisesRegex(ValueError, f"layer '.*': the {words}"):
                self.module.DovetailNetwork(description)
        with self.assertRaisesRegex(ValueError, "schema"):
            self.module.DovetailNetwork({"schema": "dovetail.network/1"})

    def random_weights(self, made):
        torch.manual_seed(1)
        weights = {}
        for name, layer in zip(made.names, made.layers):
            if not hasattr(layer, "weighted"):
                continue
            weights[f"{name}.weight"] = torch.randn_like(layer.weighted.weight) * 0.3
            if layer.weighted.bias is not None:
                weights[f"{name}.bias"] = torch.randn_like(layer.weighted.bias)
            if layer.norm is not None:
                for part in ("scale", "shift", "mean", "variance"):
                    weights[f"{name}.{part}"] = torch.rand_like(layer.norm.weight) + 0.5
        return {name: tensor.detach() for name, tensor in weights.items()}

    def write_safetensors(self, tensors, file):
        header, data = {}, b""
        for name, tensor in tensors.items():
            numbers = struct.pack(f"<{tensor.numel()}f", *tensor.reshape(-1).tolist())
            header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(numbers)]}
            data += numbers
        text = json.dumps(header).encode()
        file.write_bytes(struct.pack("<Q", len(text)) + text + data)

    def floats(self, file, count):
        """The numbers of a TensorProto: they are its last field."""
        return torch.tensor(struct.unpack(f"<{count}f", file.read_bytes()[-4 * count:]))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
