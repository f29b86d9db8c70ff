"""The figures of a candidate, as they are written on an axis. Their keys, names and units are those of
Dovetail's own table (cost/figures/figures.cpp), which figures.csv repeats; a test compares the two."""

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
# Has no unit, and stands in pareto.csv alone.
NAMES["area_over_baseline"] = "accelerator area / baseline area"


def label(metric):
    return f"{NAMES[metric]} [{UNITS[metric]}]" if metric in UNITS else NAMES[metric]
