"""The part of a report that is about one network on one accelerator: what `dovetail simulate --json` says."""

import chip
import network
import page
import simulation
import svg

GREYS = {"0.3": "#4c4c4c", "0.45": "#737373", "0.55": "#8c8c8c", "0.7": "#b3b3b3"}
CHIP_PIXELS, MOST_BARS = 260, 90
TOTALS = [("latency_ms", "latency", "ms"), ("cycles", "cycles", ""), ("energy_mj", "energy", "mJ"),
          ("area_mm2", "area", "mm²"), ("macs", "MACs", ""), ("parameters", "parameters", ""),
          ("io_bytes", "through the IO port", "bytes"),
          ("local_memory_peak_bytes_per_pe", "most local memory in use per PE", "bytes")]


def colour_of(colour):
    """matplotlib's greys as HTML has them."""
    return GREYS.get(colour, colour)


def layer_bars(result):
    """Where the cycles go, a bar a layer, or of a long network a block."""
    layers = result["layers"]
    classes = simulation.cycle_classes(layers[0])
    if len(layers) > MOST_BARS:
        layers = simulation.by_block(layers, [cycles for _, cycles in classes])
    rows, used = [], {}
    for layer in layers:
        parts = []
        for name, cycles in classes:
            words, colour, _ = simulation.class_style(name)
            if layer[cycles] > 0:
                used[words] = colour_of(colour)
            parts.append((layer[cycles] / 1000, colour_of(colour),
                          (layer["name"], f"{words}: {layer[cycles]:,} cycles")))
        rows.append((layer["name"], parts))
    return page.key(used.items()), svg.bars(rows, "cycles [thousands]", row_height=13)


def chip_drawing(file, result):
    """The tile to scale by area."""
    areas = chip.areas_of(file, result)
    boxes, width, height = chip.layout(result["accelerator"], areas)
    colours = {**chip.IN_A_PE, **chip.SHARED}
    scale = CHIP_PIXELS / max(width, height)
    marks = []
    for x, y, wide, high, part in boxes:
        place = x * scale, (height - y - high) * scale, wide * scale, high * scale
        if part is None:
            marks.append(svg.rectangle(*place, "none", border="#000"))
        else:
            marks.append(svg.rectangle(*place, colour_of(colours[part]), (
                f"{part.replace('_', ' ')}: {areas[part]:.4g} mm² in all",)))
    accelerator = result["accelerator"]
    caption = (f"{accelerator['name']}: {accelerator['pes_x']}x{accelerator['pes_y']} PEs, "
               f"{width:.3g} x {height:.3g} mm, every part to scale")
    drawing = svg.wrap(width * scale, height * scale, "\n".join(marks))
    entries = [(part.replace("_", " "), colour_of(colour)) for part, colour in colours.items()
               if areas[part] > 0]
    return (f'<div class="narrow">{page.paragraph(caption, note=True)}{drawing}{page.key(entries)}'
            "</div>")


def network_drawing(file, result, width=520, height=150):
    """A box a block, as high as it has channels, the colour by the size of its output."""
    blocks = network.blocks_of(file, result)
    sizes = list(dict.fromkeys(block["size"] for block in blocks.values()))
    colours = {size: svg.COLOURS[i % len(svg.COLOURS)] for i, size in enumerate(sizes)}
    most = max(block["channels"] for block in blocks.values())
    step = width / len(blocks)
    marks = [svg.rectangle(i * step, height * (1 - block["channels"] / most), step - 1.5,
                           height * block["channels"] / most, colours[block["size"]],
                           (name, f"{block['size']} x {block['channels']} channels",
                            f"{block['macs_m']:.4g} M MACs", f"{block['us']:.4g} µs",
                            f"{block['energy_uj']:.4g} µJ"))
             for i, (name, block) in enumerate(blocks.items())]
    caption = f"{result['network']}: output channels of each block, at most {most}"
    return (f"<div>{page.paragraph(caption, note=True)}{svg.wrap(width, height, chr(10).join(marks))}"
            f"{page.key((size, colours[size]) for size in sizes)}</div>")


def layer_table(result):
    keys = [("macs", "MACs"), ("cycles", "cycles"), ("energy_mj", "energy [mJ]"),
            ("io_bytes", "IO [bytes]"), ("local_memory_peak_bytes_per_pe", "local memory [bytes/PE]")]
    rows = [[layer["name"], str(layer.get("op", "")), str(layer.get("bound", "")),
             *(layer.get(figure) for figure, _ in keys)] for layer in result["layers"]]
    return page.table(["layer", "operator", "bound by", *(name for _, name in keys)], rows)


def parts(file):
    """The pieces of HTML about a simulation, to be put under a heading."""
    result = simulation.read_any(file)
    drawing = chip_drawing(file, result)
    if not result.get("feasible"):
        return [page.paragraph(f"The network cannot run: {result.get('reason_text')}"),
                page.charts(drawing)]
    result = simulation.read(file)
    simulation.check_numbers(file, "total", result, [figure for figure, _, _ in TOTALS])
    for layer in result["layers"]:
        simulation.check_numbers(file, f"layer '{layer.get('name')}'", layer, ["energy_mj"])
    totals = [(name, f"{page.number(result[figure])} {unit}") for figure, name, unit in TOTALS]
    keys, bars = layer_bars(result)
    return [page.charts(page.facts(totals), drawing, network_drawing(file, result)),
            "<h3>Where the cycles go</h3>\n", keys, bars, "<h3>Layers</h3>\n", layer_table(result)]


def title(file):
    result = simulation.read_any(file)
    return f"{result.get('network')} on {result['accelerator'].get('name')}"
