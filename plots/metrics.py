"""The figures of a candidate, as they are written on an axis. Their keys, names and units are those of
Dovetail's own table (cost/figures/figures.cpp), which figures.csv repeats; a test compares the two. Of
a set of networks or accelerators figures have an ending (cost/figures/set_figures.h)."""

import csv
import pathlib

# What an axis says instead of the name in a table.
TITLES = {
    "top1_percent": "top-1 accuracy",
    "area_mm2": "accelerator area",
    "peak_local_memory_kib": "peak local memory per PE",
}

with open(pathlib.Path(__file__).with_name("figures.csv"), encoding="utf-8") as file:
    FIGURES = list(csv.DictReader(file))

NAMES = {figure["key"]: TITLES.get(figure["key"], figure["name"]) for figure in FIGURES}
UNITS = {figure["key"]: figure["unit"].replace("mm2", "mm$^2$") for figure in FIGURES}
# Have no unit.
NAMES["area_over_baseline"] = "accelerator area / baseline area"
NAMES["latency_ratio"] = "latency / its limit or reference"
MAXIMISED = ["top1_percent"]
ENDINGS = {"_max": "worst {}", "_mean": "mean {}", "_sum": "{}, sum over the set"}


def parts(key):
    """The figure that a key is made of, and how its name is made of that one's; none if unknown."""
    if key in UNITS or key == "area_over_baseline":
        return key, "{}"
    figure, at, member = key.partition("@")
    if at and member and figure in UNITS:
        return figure, "{} of " + member.replace("{", "{{").replace("}", "}}").replace("$", r"\$")
    for ending, form in ENDINGS.items():
        figure = key.removesuffix(ending)
        if figure != key and figure in NAMES and key != "latency_ratio_sum":
            return figure, form
    return None, None


def known(key):
    return parts(key)[0] is not None


def name(key):
    figure, form = parts(key)
    return form.format(NAMES[figure]) if figure else key


def unit(key):
    return UNITS.get(parts(key)[0], "")


def label(key):
    return f"{name(key)} [{unit(key)}]" if unit(key) else name(key)
