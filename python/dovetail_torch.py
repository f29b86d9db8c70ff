"""A network of Dovetail as a torch.nn.Module with the same layers. This file needs torch alone.

`dovetail export -n NETWORK --torch FOLDER` writes FOLDER/network.json and puts this file beside it:

    from dovetail_torch import load_network
    network = load_network("network.json")        # random weights, as torch draws them
    scores = network(torch.zeros(1, 3, 224, 224))

Every layer that block lines can write is there: convolutions (grouped, depthwise, dilated, padded as they are there),
fully connected layers, pools, sums, products, concatenations and activations, with batch normalisation and biases as
the network has them, so parameters and multiply-accumulates are the network's. Layers that only ONNX files give
(matrix products, reorders, tables) are refused by name.

`load_weights(network, "weights.safetensors")` fills in what `dovetail train-network` has trained, and
`export_onnx(network, "network.onnx")` writes a file that `dovetail simulate` reads with the same counts and cycles.
"""

import json
import struct

import torch
from torch import nn
from torch.nn import functional

SCHEMA = "dovetail.network_layers/1"

_ACTIVATIONS = {"none": nn.Identity, "relu": nn.ReLU, "relu6": nn.ReLU6, "swish": nn.SiLU, "hswish": nn.Hardswish,
                "sigmoid": nn.Sigmoid, "hsigmoid": nn.Hardsigmoid}


def _pair(layer, key, default):
    return layer.get(f"{key}_h", default), layer.get(f"{key}_w", default)


def _refuse(layer, what):
    raise ValueError(f"layer '{layer['name']}': {what} is not made here")


class _Padded(nn.Module):
    """What slides a window, with the zeros around its input that the layer asks for."""

    def __init__(self, layer, value):
        super().__init__()
        self.kernel = _pair(layer, "kernel", 1)
        self.stride = _pair(layer, "stride", 1)
        self.dilation = _pair(layer, "dilation", 1)
        top, left, bottom, right = (layer.get(f"pad_{side}", 0) for side in ("top", "left", "bottom", "right"))
        # both sides alike: the operator pads by itself, and the pad is no operation of its own
        self.own = (top, left) if (top, left) == (bottom, right) else (0, 0)
        self.before = None if (top, left) == (bottom, right) else (left, right, top, bottom)
        self.value = value

    def padded(self, x):
        return x if self.before is None else functional.pad(x, self.before, value=self.value)


class _Convolution(_Padded):
    def __init__(self, layer):
        super().__init__(layer, 0.0)
        inputs, outputs = layer["input"][2], layer["output"][2]
        self.weighted = nn.Conv2d(inputs, outputs, self.kernel, self.stride, self.own, self.dilation,
                                  layer.get("groups", 1), bias=layer.get("has_bias", False))
        self.norm = nn.BatchNorm2d(outputs) if layer.get("has_batch_norm", False) else None

    def forward(self, x):
        x = self.weighted(self.padded(x))
        return x if self.norm is None else self.norm(x)


class _FullyConnected(nn.Module):
    """Reads all numbers of its input, channel by channel, each row by row."""

    def __init__(self, layer):
        super().__init__()
        height, width, channels = layer["input"]
        self.weighted = nn.Linear(height * width * channels, layer["output"][2], bias=layer.get("has_bias", False))
        self.norm = nn.BatchNorm1d(layer["output"][2]) if layer.get("has_batch_norm", False) else None

    def forward(self, x):
        x = self.weighted(torch.flatten(x, 1) if x.dim() > 2 else x)
        return x if self.norm is None else self.norm(x)


class _MaxPool(_Padded):
    def __init__(self, layer):
        super().__init__(layer, float("-inf"))

    def forward(self, x):
        return functional.max_pool2d(self.padded(x), self.kernel, self.stride, self.own, self.dilation)


def _hanging_output(length, kernel, stride, padding):
    """Windows along an axis if the last may hang over the edge, but not begin there."""
    windows = -(-(length + 2 * padding - kernel) // stride) + 1
    return windows - (1 if (windows - 1) * stride >= length + padding else 0)


class _AveragePool(_Padded):
    """The mean of what lies on the input: padding does not count."""

    def __init__(self, layer):
        super().__init__(layer, 0.0)
        if self.dilation != (1, 1):
            _refuse(layer, "an average pool with dilation")
        height, width, _ = layer["input"]
        # torch pads both sides alike, but a last window may hang over the edge
        first = layer.get("pad_top", 0), layer.get("pad_left", 0)
        self.hangs_over = self.before is not None and all(
            size == _hanging_output(length, *rest) for size, length, *rest in
            zip(layer["output"], (height, width), self.kernel, self.stride, first))
        if self.hangs_over:
            self.own, self.before = first, None
        if self.before is None:
            return
        # else the sums are divided by what they are sums of
        ones = functional.avg_pool2d(self.padded(torch.ones(1, 1, height, width)), self.kernel, self.stride)
        self.register_buffer("covered", ones, persistent=False)

    def forward(self, x):
        if self.before is None:
            return functional.avg_pool2d(x, self.kernel, self.stride, self.own, self.hangs_over, count_include_pad=False)
        return functional.avg_pool2d(self.padded(x), self.kernel, self.stride) / self.covered


class _GlobalAveragePool(nn.Module):
    def forward(self, x):
        return functional.adaptive_avg_pool2d(x, 1)


class _Add(nn.Module):
    def forward(self, a, b):
        return a + b


class _Multiply(nn.Module):
    def forward(self, a, b):
        return a * b


class _Concat(nn.Module):
    def forward(self, *inputs):
        return torch.cat(inputs, 1)


class _Copy(nn.Module):
    def forward(self, x):
        return x


_OPERATORS = {"conv2d": _Convolution, "fully_connected": _FullyConnected, "max_pool": _MaxPool,
              "average_pool": _AveragePool, "global_average_pool": lambda layer: _GlobalAveragePool(),
              "add": lambda layer: _Add(), "multiply": lambda layer: _Multiply(), "concat": lambda layer: _Concat(),
              "activation": lambda layer: _Copy()}


class DovetailNetwork(nn.Module):
    """The layers of a network.json, in their order. `names` has the layers' names, `layers` what computes them, and
    `layer("blocks.3.dw")` finds one."""

    def __init__(self, description):
        super().__init__()
        if description.get("schema") != SCHEMA:
            raise ValueError(f"schema: found {description.get('schema')!r}, allowed {SCHEMA!r}")
        self.description = description
        self.name = description["name"]
        self.names = [layer["name"] for layer in description["layers"]]
        self._inputs = [layer["inputs"] for layer in description["layers"]]
        self._takes_vectors = [layer.get("op", "conv2d") == "fully_connected" for layer in description["layers"]]
        self.layers, self.activations = nn.ModuleList(), nn.ModuleList()
        last_reader = list(range(len(self.names)))
        for i, layer in enumerate(description["layers"]):
            operator, activation = layer.get("op", "conv2d"), layer.get("activation", "none")
            if operator not in _OPERATORS or layer.get("weights_of", -1) == -2:
                _refuse(layer, f"the operator {operator}")
            if activation not in _ACTIVATIONS:
                _refuse(layer, f"the activation {activation}")
            self.layers.append(_OPERATORS[operator](layer))
            self.activations.append(_ACTIVATIONS[activation]())
            owner = layer.get("weights_of", -1)
            if owner >= 0:
                self.layers[i].weighted.weight = self.layers[owner].weighted.weight
            for source in layer["inputs"]:
                if source >= 0:
                    last_reader[source] = i
        self._last_reader = last_reader
        self.outputs = [name for i, name in enumerate(self.names) if last_reader[i] == i]

    def layer(self, name):
        return self.layers[self.names.index(name)]

    @property
    def input_size(self):
        """Batch of one image, channels, height, width."""
        height, width, channels = self.description["input"]
        return 1, channels, height, width

    def forward(self, image):
        """The output, or a tuple of them if there are several (`outputs` has their names)."""
        given, kept = {-1: image}, []
        for i, layer in enumerate(self.layers):
            inputs = [given[source] for source in self._inputs[i]]
            if not self._takes_vectors[i]:  # what a fully connected layer gave is a map of one position
                inputs = [x[:, :, None, None] if x.dim() == 2 else x for x in inputs]
            given[i] = self.activations[i](layer(*inputs))
            if self._last_reader[i] == i:
                kept.append(given[i])
            for source in self._inputs[i]:
                if source >= 0 and self._last_reader[source] == i:
                    given.pop(source, None)
        return kept[0] if len(kept) == 1 else tuple(kept)


def load_network(file):
    """The network of a network.json."""
    with open(file, encoding="utf-8") as stream:
        return DovetailNetwork(json.load(stream))


def _read_safetensors(file):
    with open(file, "rb") as stream:
        size, = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(size))
        data = bytearray(stream.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise ValueError(f"{file}: tensor '{name}': found {entry['dtype']}, allowed F32")
        first, last = entry["data_offsets"]
        numbers = torch.frombuffer(data, dtype=torch.float32, count=(last - first) // 4, offset=first)
        tensors[name] = numbers.clone().reshape(entry["shape"])
    return tensors


def load_weights(network, file):
    """Copies the tensors of a weights.safetensors of `dovetail train-network` or `dovetail study finish` into the
    network; ValueError unless they are the network's, all of them and no others."""
    tensors = _read_safetensors(file)
    for name, layer in zip(network.names, network.layers):
        places = {}
        if hasattr(layer, "weighted"):
            places = {"weight": layer.weighted.weight, "bias": layer.weighted.bias}
            if layer.norm is not None:
                places.update(scale=layer.norm.weight, shift=layer.norm.bias, mean=layer.norm.running_mean,
                              variance=layer.norm.running_var)
        for part, place in places.items():
            if place is None or (part == "weight" and _is_shared(network, name)):
                continue
            given = tensors.pop(f"{name}.{part}", None)
            if given is None or given.shape != place.shape:
                raise ValueError(f"{file}: no tensor '{name}.{part}' of {tuple(place.shape)}")
            with torch.no_grad():
                place.copy_(given)
    if tensors:
        raise ValueError(f"{file}: the network has no '{next(iter(tensors))}'")
    return network


def _is_shared(network, name):
    return network.description["layers"][network.names.index(name)].get("weights_of", -1) >= 0


def export_onnx(network, file, opset=13):
    """Writes the network for inference, batch normalisation as nodes of its own: folded into the convolutions, as torch
    does it by default, it would count as one parameter a channel less."""
    was_training = network.training
    network.eval()
    torch.onnx.export(network, torch.zeros(network.input_size), file, opset_version=opset, input_names=["input"],
                      output_names=network.outputs, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    network.train(was_training)
