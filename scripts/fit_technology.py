#!/usr/bin/env python3
"""Fits the coefficients of configs/technology/ to published designs and says how well they do.

Area: the rows of published.csv marked `fit` (NVDLA at 28 and 16 nm) and the matrix unit of TPU v1,
which is multipliers and little else. Energy: average power of the same rows on ResNet-50 at 16 nm,
at the published frames per second and with the simulator's activity counts. What multiplies a
coefficient comes from the program itself (dovetail area --json, dovetail simulate --json), so that
what is fitted is the model that is used. docs/area_energy.md has the reasons.

  python3 scripts/fit_technology.py            print the fit, its errors, leave-one-out errors
  python3 scripts/fit_technology.py --write    and put the coefficients into the YAML files
  python3 scripts/fit_technology.py --check    status 1 if the files' areas are not the fit's
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "configs", "technology")

# Jouppi et al. 2017, figure 2: shares of a die of at most 331 mm2 at 28 nm.
TPU_MACS, TPU_MATRIX_UNIT_MM2 = 65536, 0.24 * 331
TPU_IO_MM2, TPU_IO_GBPS = 0.10 * 331, 34 + 14  # DDR3 and PCIe

# From 45 nm at 0.9 V (Stillmaker and Baas 2017); 28 nm by interpolation on a logarithmic scale.
AREA_SCALE = {"16nm": 0.19, "7nm": 0.059}
ENERGY_SCALE = {"28nm": 0.174 ** 0.459, "16nm": 0.174, "7nm": 0.094}
# pJ at 45 nm (Horowitz, ISSCC 2014). A pass of the vector unit is taken to be an int32
# multiplication and an addition, a byte through the IO port a write and a read of an 8 KiB buffer.
ENERGY_45NM_PJ = {"multiply_pj": 0.2, "accumulate_pj": 0.1, "vector_op_pj": 3.1 + 0.1,
                  "sram_pj_per_byte_8kib": 10 / 8, "io_pj_per_byte": 2 * 10 / 8}
LOGIC_LEAKAGE_7NM = 40  # mW/mm2 at 85 C; a gate is taken to leak as much at the other nodes

# Assumed, since these designs do not tell them apart from what is fitted.
VECTOR_ELEMENT_IN_MACS = 8
INTERCONNECT_BYTE_IN_MACS = 0.25


class Technology:
    """A file of configs/technology whose numbers can be replaced; its comments stay."""

    def __init__(self, node):
        self.node = node
        self.file = os.path.join(FOLDER, node + ".yaml")
        with open(self.file, encoding="utf-8") as stream:
            self.lines = stream.read().split("\n")

    def _line(self, key):
        return next(i for i, line in enumerate(self.lines) if line.startswith(key + ":"))

    def __getitem__(self, key):
        return float(self.lines[self._line(key)].split(":")[1].split("#")[0])

    def __setitem__(self, key, value):
        i = self._line(key)
        old, gap, comment = re.fullmatch(r"([^#]*?)(\s*)(#.*)?", self.lines[i]).groups()
        new = f"{key}: {value:.4g}"
        self.lines[i] = f"{new:<{len(old + gap)}}{comment}" if comment else new

    def text(self):
        return "\n".join(self.lines)


class Dovetail:
    """The program, asked through its JSON files."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.TemporaryDirectory()

    def ask(self, *arguments):
        file = os.path.join(self.folder.name, "answer.json")
        environment = dict(os.environ, DOVETAIL_CONFIGS=os.path.join(ROOT, "configs"))
        subprocess.run([self.program, *arguments, "--quiet", "--json", file], check=True,
                       env=environment)
        with open(file, encoding="utf-8") as stream:
            return json.load(stream)

    def area(self, accelerator, technology):
        file = os.path.join(self.folder.name, technology.node + ".yaml")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(technology.text())
        return self.ask("area", "-a", accelerator, "--technology", file)


def least_squares(rows, targets):
    """x with the least sum of (row . x - target)^2, by the normal equations."""
    n = len(rows[0])
    m = [[sum(r[i] * r[j] for r in rows) for j in range(n)] +
         [sum(r[i] * t for r, t in zip(rows, targets))] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(m[k][i]))
        m[i], m[pivot] = m[pivot], m[i]
        for k in range(n):
            if k != i:
                factor = m[k][i] / m[i][i]
                m[k] = [a - factor * b for a, b in zip(m[k], m[i])]
    return [m[i][n] / m[i][i] for i in range(n)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def relative(published, known, features):
    """The least-squares row and target whose residual is the error relative to `published`."""
    return [f / published for f in features], (published - known) / published


class Model:
    """A fit: `solve(rows)` gives coefficients, `predict(row, coefficients)` the columns' values."""

    columns = []  # (title, published value of a row)

    def solve(self, rows):
        raise NotImplementedError

    def predict(self, row, coefficients):
        raise NotImplementedError

    def report(self, rows):
        fitted = [row for row in rows if row["role"] == "fit"]
        coefficients = self.solve(fitted)
        print(f"{'':12}" + "".join(f"{title:>38}" for title, _ in self.columns))
        print(f"{'':12}" + f"{'published':>13}{'model':>9}{'error':>8}{'l.o.o.':>8}"
              * len(self.columns))
        for row in rows:
            values = self.predict(row, coefficients)
            others = [r for r in fitted if r is not row]
            left_out = self.predict(row, self.solve(others)) if row in fitted else None
            line = f"{row['accelerator']:12}"
            for i, (_, published_of) in enumerate(self.columns):
                published = published_of(row)
                line += f"{published:13.3g}{values[i]:9.3g}{error(values[i], published):>8}"
                line += f"{error(left_out[i], published) if left_out else 'held':>8}"
            print(line)
        print("l.o.o.: leave one out, the error of a fit without the row; held: never fitted\n")
        return coefficients


def error(value, published):
    return f"{100 * (value / published - 1):+.1f} %"


class AreaFit(Model):
    """Areas of a MAC, a GB/s and control at 28 nm, and the factor of all of them at 16 nm.
    Memories are not fitted."""

    columns = [("mm2 at 28 nm", lambda row: float(row["mm2_28nm"])),
               ("mm2 at 16 nm", lambda row: float(row["mm2_16nm"]))]

    def __init__(self, dovetail, rows, technologies):
        self.features, self.memories = {}, {}
        for row in rows:
            name = row["accelerator"]
            parts = {node: dovetail.area(name, technologies[node])["components_mm2"]
                     for node in ("28nm", "16nm")}
            for node, mm2 in parts.items():
                self.memories[name, node] = mm2["register_files"] + mm2["local_memory"]

            def amount(component, coefficient):
                return parts["28nm"][component] / technologies["28nm"][coefficient]

            self.features[name] = [
                amount("macs", "mac_mm2") +
                VECTOR_ELEMENT_IN_MACS * amount("vector_units", "vector_element_mm2") +
                INTERCONNECT_BYTE_IN_MACS * amount("interconnect", "interconnect_mm2_per_byte"),
                amount("io", "io_mm2_per_gbps"),
                amount("pe_control", "pe_control_mm2") + amount("sequencer", "sequencer_mm2")]

    def solve(self, rows):
        system = [relative(float(row["mm2_28nm"]), self.memories[row["accelerator"], "28nm"],
                           self.features[row["accelerator"]]) for row in rows]
        system.append(relative(TPU_MATRIX_UNIT_MM2, 0, [TPU_MACS, 0, 0]))
        logic = least_squares(*zip(*system))
        shrink = [relative(float(row["mm2_16nm"]), self.memories[row["accelerator"], "16nm"],
                           [dot(logic, self.features[row["accelerator"]])]) for row in rows]
        return logic + least_squares(*zip(*shrink))

    def predict(self, row, coefficients):
        name = row["accelerator"]
        logic = dot(coefficients[:3], self.features[name])
        return [logic + self.memories[name, "28nm"],
                logic * coefficients[3] + self.memories[name, "16nm"]]


class EnergyFit(Model):
    """Data activity and clock energy at 16 nm. Leakage is not fitted."""

    columns = [("mJ a frame, at the published time",
                lambda row: float(row["average_mw"]) / float(row["frames_per_s"]))]

    def __init__(self, dovetail, rows, technology):
        technology["data_activity"] = technology["clock_pj_per_mm2_cycle"] = 1
        self.features, self.leakage, self.simulated_ms = {}, {}, {}
        for row in rows:
            name = row["accelerator"]
            answer, run = dovetail.area(name, technology), dovetail.ask(
                "simulate", "-n", "resnet_50", "-a", name)
            pj = answer["events_pj"]
            data_mj = 1e-9 * (run["macs"] * pj["mac"] + run["vector_ops"] * pj["vector_op"] +
                              run["io_bytes"] * pj["io_byte"] +
                              sum(run[unit + "_bytes"] * pj[unit + "_byte"] for unit in
                                  ("register_file", "local_memory", "interconnect")))
            ms = 1000 / float(row["frames_per_s"])
            cycles = ms * 1e6 * run["accelerator"]["clock_ghz"]
            self.features[name] = [data_mj, 1e-9 * pj["cycle"] * cycles]
            self.leakage[name] = 1e-3 * answer["leakage_mw"] * ms
            self.simulated_ms[name] = run["latency_ms"]

    def solve(self, rows):
        return least_squares(*zip(*(
            relative(self.columns[0][1](row), self.leakage[row["accelerator"]],
                     self.features[row["accelerator"]]) for row in rows)))

    def predict(self, row, coefficients):
        name = row["accelerator"]
        return [dot(coefficients, self.features[name]) + self.leakage[name]]

    def report_simulated(self, rows, coefficients):
        print("the same at the simulated time")
        for row in rows:
            name, published_ms = row["accelerator"], 1000 / float(row["frames_per_s"])
            stretch = self.simulated_ms[name] / published_ms
            data, clock = self.features[name]
            mj = coefficients[0] * data + stretch * (coefficients[1] * clock + self.leakage[name])
            published = self.columns[0][1](row)
            print(f"{name:12} {published_ms:8.2f} ms {self.simulated_ms[name]:8.2f} ms "
                  f"{error(self.simulated_ms[name], published_ms):>9}   {published:5.2f} mJ "
                  f"{mj:5.2f} mJ {error(mj, published):>9}")
        print()


def io_phy(node, shrink):
    """A reading: from 16 nm on a pad carries twice as much (LPDDR4X 4.27 Gb/s, the DDR3 of TPU v1 2.13),
    so half of them do, and pad and transceiver together have shrunk once, as the logic. Pads alone
    hardly shrink, so this is rather little."""
    of_tpu = TPU_IO_MM2 / TPU_IO_GBPS
    return of_tpu if node == "28nm" else of_tpu / 2 * shrink


def set_areas(technologies, coefficients):
    mac, gbps, control, shrink = coefficients
    scale = {"28nm": 1, "16nm": shrink, "7nm": shrink * AREA_SCALE["7nm"] / AREA_SCALE["16nm"]}
    for node, factor in scale.items():
        technology = technologies[node]
        technology["mac_mm2"] = mac * factor
        technology["vector_element_mm2"] = VECTOR_ELEMENT_IN_MACS * mac * factor
        technology["interconnect_mm2_per_byte"] = INTERCONNECT_BYTE_IN_MACS * mac * factor
        technology["io_mm2_per_gbps"] = gbps * factor
        technology["pe_control_mm2"] = technology["sequencer_mm2"] = control * factor
        technology["io_phy_mm2_per_gbps"] = io_phy(node, shrink)
        technology["logic_leakage_mw_per_mm2"] = LOGIC_LEAKAGE_7NM * scale["7nm"] / factor
    return scale


def set_energies(technologies, coefficients, area_scale):
    activity, clock = coefficients
    for node, scale in ENERGY_SCALE.items():
        technology = technologies[node]
        for key, pj in ENERGY_45NM_PJ.items():
            technology[key] = pj * scale
        technology["data_activity"] = activity
        # The same gates, each with its energy, on the area that they take.
        technology["clock_pj_per_mm2_cycle"] = (
            clock * (scale / ENERGY_SCALE["16nm"]) / (area_scale[node] / area_scale["16nm"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dovetail", help="the program",
                        default=os.path.join(ROOT, "build", "native", "cli", "dovetail"))
    parser.add_argument("--write", action="store_true", help="update configs/technology/*.yaml")
    parser.add_argument("--check", action="store_true", help="compare the areas with the files'")
    args = parser.parse_args()
    if not os.path.isfile(args.dovetail):
        parser.error(f"{args.dovetail}: no such program; build it or name another with --dovetail")

    dovetail = Dovetail(args.dovetail)
    technologies = {node: Technology(node) for node in ("28nm", "16nm", "7nm")}
    before = {node: technology.text() for node, technology in technologies.items()}
    with open(os.path.join(FOLDER, "published.csv"), newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))

    areas = AreaFit(dovetail, rows, technologies)
    area_coefficients = areas.report(rows)
    mac, gbps, control, shrink = area_coefficients
    print(f"28 nm: MAC {1e6 * mac:.0f} um2 (matrix unit of TPU v1 "
          f"{error(mac * TPU_MACS, TPU_MATRIX_UNIT_MM2)}), {gbps:.4f} mm2 per GB/s, control "
          f"{control:.3f} mm2; 16 nm: logic times {shrink:.3f}\n")
    area_scale = set_areas(technologies, area_coefficients)
    if args.check:
        changed = [node for node, text in before.items() if text != technologies[node].text()]
        if changed:
            print(f"not what the fit gives: {', '.join(changed)}", file=sys.stderr)
        sys.exit(1 if changed else 0)

    energies = EnergyFit(dovetail, rows, technologies["16nm"])
    energy_coefficients = energies.report(rows)
    energies.report_simulated(rows, energy_coefficients)
    print(f"16 nm: data activity {energy_coefficients[0]:.3f}, clock "
          f"{energy_coefficients[1]:.1f} pJ per mm2 and cycle")
    set_energies(technologies, energy_coefficients, area_scale)
    if args.write:
        for technology in technologies.values():
            with open(technology.file, "w", encoding="utf-8") as stream:
                stream.write(technology.text())


if __name__ == "__main__":
    main()
