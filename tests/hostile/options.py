"""Every option of every command, as the program's own help lists them, and values that hurt."""

import re
import subprocess

NUMBERS = ["-1", "nan", "inf", "1e999", "", " 1", "1 ", "010", "0x10", "18446744073709551616", "abc",
           "1.2.3", "-18446744073709551616", "9" * 400, "\u0661", "--", "1e", "true"]
# As a value of the type; what is a fraction is no whole number.
WRONG_FOR = {
    "UINT": NUMBERS + ["1.5", "-0"],
    "INT": [n for n in NUMBERS if n != "-1"] + ["1.5"],
    "FLOAT": [n for n in NUMBERS if n not in ("-1", "010", "18446744073709551616",
                                                "-18446744073709551616", "9" * 400)],
}
EDGES = ["0", "1", "2", "3", "4096", "2147483647", "4294967296", "9223372036854775807",
         "18446744073709551615", "1e-300", "1e300", "-0", "0.5"]
TEXTS = ["none", "./none.yaml", ".", "..", "/", "/dev/null", "/dev/full", "/proc/self/mem", "x" * 5000,
         "a/" * 3000, "\x1b[31mred", "a\nb", "../../../x", "~", "$HOME", "*", "-", "--", "=", "a=b=c",
         "latency_ms=", "=1", "latency_ms=nan", "latency_ms=-1e999", ",", ",,", "x:y:z", "d.h5", "net.yaml",
         "st", "st/study.db", "n.onnx", "acc.csv", "m.h5", "pred.json", "n.onnx@96px", "net.yaml@0px",
         "net.yaml@99999px", "nahas_edge-99999999999999999999", "sp.yaml:k=[", "acc.yaml:pes_x={", ":=,", "hw.yaml-0", "random:population=-1", "nsga2:population=1e9", "%s%n%n", "é" * 100]


def help_of(dovetail, command):
    return subprocess.run([dovetail, *command, "--help"], capture_output=True, text=True,
                          check=True).stdout


def commands(dovetail, parent=()):
    """Every command that does something, as a tuple of words."""
    text = help_of(dovetail, parent)
    found = re.split(r"(?m)^Subcommands:\n", text)
    if len(found) == 1:
        return [parent] if parent else []
    names = re.findall(r"(?m)^  ([a-z][a-z-]*)", found[1])
    return [c for name in names for c in commands(dovetail, (*parent, name))]


def options(dovetail, command):
    """[(option, type)], the type without its range; positionals have names without a dash."""
    text = help_of(dovetail, command)
    found = re.findall(r"(?m)^  (-[^ ]+|[a-z]+) (TEXT|UINT|INT|FLOAT)", text)
    return [(name.split(",")[-1], kind) for name, kind in found]


def hostile_value(kind, rng):
    """(value, must be refused)"""
    if kind == "TEXT":
        return ("", True) if rng.random() < 0.06 else (rng.choice(TEXTS), False)
    if rng.random() < 0.65:
        return rng.choice(WRONG_FOR[kind]), True
    return rng.choice(EDGES), False


def call_with(call, option, value):
    """The words of a valid call with this option instead of what it has for it."""
    words = call.split()
    short = {"--network": "-n", "--accelerator": "-a", "--space": "-s", "--output": "-o", "--workers": "-w",
             "--count": "-c", "--data": "-d", "--model": "-m", "--calibration": "-c", "--trials": "-t"}
    if not option.startswith("-"):  # the last word that is no option's
        words[-1 if words[-2] not in ("-o", "-a") else 1] = value
        return words
    for name in (option, short.get(option)):
        if name in words:
            at = words.index(name)
            del words[at:at + 2]
            if option == "--output" and "split" in words:
                words = [w for w in words if w != "b.h5"]
    return [*words, f"{option}={value}"] if option.startswith("--") else [*words, option, value]
