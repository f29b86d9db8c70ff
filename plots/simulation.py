"""What the figures of one simulation share: reading `dovetail simulate --json`, classes of cycles."""

import json

import paper

# Colours and markers of the classes that cycles fall into; a class that is not here gets one of
# OTHERS, so that a new one is drawn too.
SKY, YELLOW, BLACK = paper.SKY, paper.YELLOW, "#000000"
CLASSES = {
    "compute": ("compute", paper.BLUE, "o"),
    "vector": ("vector units", SKY, "s"),
    "io": ("wait for IO", paper.VERMILLION, "^"),
    "weights": ("wait for weights", paper.ORANGE, "D"),
    "interconnect": ("wait for interconnect", paper.GREEN, "v"),
    "local_memory": ("wait for local memory", paper.PURPLE, "P"),
    "launch": ("launch", "0.55", "X"),
}
OTHERS = [(YELLOW, "<"), (BLACK, ">")]


def class_style(name):
    """Label, colour and marker of a class of cycles."""
    if name in CLASSES:
        return CLASSES[name]
    colour, marker = OTHERS[sum(name.encode()) % len(OTHERS)]
    return (name.replace("_", " "), colour, marker)


def cycle_classes(layer):
    """Class and key of every part of a layer's cycles, in the order of the file."""
    keys = [key for key in layer if key.endswith("_cycles") and not key.startswith("lower_bound")]
    return [(key.removesuffix("_cycles").removeprefix("stall_"), key) for key in keys]


def block_of(name):
    """"blocks.3.se.scale" belongs to "blocks.3", "stem" to itself."""
    return ".".join(name.split(".")[:2])


def by_block(layers, keys):
    """One entry a block, with the sums of its layers' `keys`."""
    blocks = {}
    for layer in layers:
        name = block_of(layer["name"])
        entry = blocks.setdefault(name, {"name": name, **dict.fromkeys(keys, 0)})
        for key in keys:
            entry[key] += layer[key]
    return list(blocks.values())


def check_numbers(file, where, entry, keys, above_zero=False):
    """`above_zero`: of what is divided by, or drawn on a logarithmic axis."""
    for key in keys:
        value = entry.get(key)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not (value > 0 if above_zero else value >= 0):
            raise paper.BadInput(f"{file}: {where}: {key}: found {json.dumps(value)}, "
                                 f"allowed a number {'above' if above_zero else 'from'} 0")


def read_any(file):
    """The simulation in `file`, whether the network can run or not."""
    result = paper.read_json(file)
    schema = result.get("schema") if isinstance(result, dict) else None
    if not str(schema).startswith("dovetail.simulation/"):
        raise paper.BadInput(
            f"{file}: schema: found {json.dumps(schema)}, allowed what 'dovetail simulate --json' writes")
    accelerator = result.get("accelerator")
    for what, name in (("network", result.get("network")),
                       ("accelerator", accelerator.get("name") if isinstance(accelerator, dict) else None)):
        if not isinstance(name, str):
            raise paper.BadInput(f"{file}: {what}: found none with a name, allowed what 'dovetail "
                                 "simulate --json' writes")
    return result


def read(file, accelerator_keys=()):
    """The simulation in `file`; its layers, and the keys asked for, are there and are numbers."""
    result = read_any(file)
    if not result.get("feasible"):
        raise paper.BadInput(f"{file}: the network cannot run: {result.get('reason_text')}")
    layers = result.get("layers")
    if not isinstance(layers, list) or not layers:
        raise paper.BadInput(f"{file}: no layers to draw")
    if not all(isinstance(layer, dict) and isinstance(layer.get("name"), str) for layer in layers):
        raise paper.BadInput(f"{file}: layers: found one without a name, allowed those with one")
    parts = [key for _, key in cycle_classes(layers[0])]
    for layer in layers:
        check_numbers(file, f"layer '{layer.get('name')}'", layer,
                      ["macs", "io_bytes", "cycles", *parts])
        if sum(layer[key] for key in parts) != layer["cycles"]:
            raise paper.BadInput(f"{file}: layer '{layer.get('name')}': the parts of its cycles do "
                                 f"not add up to {layer['cycles']}")
    check_numbers(file, "total", result, ["macs", "io_bytes"])
    check_numbers(file, "total", result, ["cycles"], above_zero=True)
    check_numbers(file, "accelerator", result.get("accelerator", {}), accelerator_keys, above_zero=True)
    return result


def title_of(result):
    return f"{result['network']} on {result['accelerator']['name']}"
