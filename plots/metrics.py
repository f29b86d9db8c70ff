"""The figures of a candidate, as they are written on an axis."""

NAMES = {
    "top1_percent": "top-1 accuracy",
    "latency_ms": "latency",
    "energy_mj": "energy",
    "power_mw": "average power",
    "edp_mj_ms": "energy-delay product",
    "area_mm2": "accelerator area",
    "area_over_baseline": "accelerator area / baseline area",
    "peak_local_memory_kib": "peak local memory per PE",
}
UNITS = {
    "top1_percent": "%",
    "latency_ms": "ms",
    "energy_mj": "mJ",
    "power_mw": "mW",
    "edp_mj_ms": "mJ ms",
    "area_mm2": "mm$^2$",
    "peak_local_memory_kib": "KiB",
}


def label(metric):
    return f"{NAMES[metric]} [{UNITS[metric]}]" if metric in UNITS else NAMES[metric]
