"""What the program says of itself: help, one meaning a letter, completion, and JSON on standard output.

usage: help_test.py PROGRAM GLOSSARY"""

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hostile"))
import options  # noqa: E402

DOVETAIL, GLOSSARY = sys.argv[1:3]
GROUPS = [(), ("study",), ("dataset",), ("bench",)]


def run(*words):
    return subprocess.run([DOVETAIL, *words], capture_output=True, text=True)


def all_commands():
    return [(), *options.commands(DOVETAIL), *GROUPS[1:]]


class Help(unittest.TestCase):
    def test_a_command_without_its_subcommand_prints_its_help(self):
        for group in GROUPS:
            bare = run(*group)
            self.assertEqual((bare.returncode, bare.stderr), (0, ""), group)
            self.assertEqual(bare.stdout, run(*group, "--help").stdout, group)
            self.assertIn("Subcommands:", bare.stdout)

    def test_a_letter_has_one_meaning(self):
        names = {}
        for command in all_commands():
            for letter, name in re.findall(r"(?m)^  -(\w),--([\w-]+)", options.help_of(DOVETAIL, command)):
                names.setdefault(letter, {}).setdefault(name, []).append(" ".join(command))
        self.assertGreater(len(names), 10)
        for letter, meanings in names.items():
            self.assertEqual(len(meanings), 1, f"-{letter}: {meanings}")

    def test_the_glossary_is_there_and_says_what_figures_are(self):
        self.assertIn("docs/glossary.md", run("--help").stdout)
        text = Path(GLOSSARY).read_text()
        for word in ["latency_ms", "energy_mj", "area_mm2", "power_mw", "top1_percent", "hypervolume",
                     "PE", "Pareto front", "surrogate", "supernet"]:
            self.assertRegex(text, rf"(?m)^\| [^|]*{re.escape(word)}", word)


class Completion(unittest.TestCase):
    def complete(self, *words):
        """What bash offers for the last of the words."""
        line = " ".join(f"'{word}'" for word in words)
        script = (f"source <('{DOVETAIL}' completion bash)\nCOMP_WORDS=('{DOVETAIL}' {line})\n"
                  f"COMP_CWORD={len(words)}\n_dovetail\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd="/")
        self.assertEqual((done.returncode, done.stderr), (0, ""), script)
        return done.stdout.split()

    def test_commands_and_options_are_those_of_the_help(self):
        for command in all_commands():
            text = options.help_of(DOVETAIL, command)
            offered = set(self.complete(*command, "-"))
            listed = {name for names in re.findall(r"(?m)^  (-\S+)", text) for name in names.split(",")}
            self.assertEqual(offered, listed, command)
        for group in GROUPS:
            text = options.help_of(DOVETAIL, group)
            listed = re.findall(r"(?m)^  ([a-z][a-z-]*)", text.split("Subcommands:\n")[1])
            self.assertEqual(self.complete(*group, ""), listed, group)

    def test_names_are_those_that_are_listed(self):
        for option, kind in [("-n", "networks"), ("--accelerator", "accelerators"), ("-a", "accelerators")]:
            names = run("list", kind, "--names").stdout.split()
            self.assertGreater(len(names), 3)
            prefix = names[0][:3]
            self.assertEqual(self.complete("simulate", option, prefix),
                             [name for name in names if name.startswith(prefix)])
        self.assertEqual(self.complete("sim"), ["simulate"])

    def test_every_shell_has_one(self):
        zsh, fish = run("completion", "zsh").stdout, run("completion", "fish").stdout
        self.assertIn("bashcompinit", zsh)
        for line in fish.splitlines()[1:]:
            self.assertRegex(line, r"^complete -c dovetail -n '.*' ")
            self.assertEqual(len(re.findall(r"(?<!\\)'", line)) % 2, 0, line)
        unknown = run("completion", "bsh")
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("did you mean 'bash'", unknown.stderr)


class StandardOutput(unittest.TestCase):
    PAIR = ["-n", "mobilenetv2_0.5_160", "-a", "nahas_baseline"]

    def test_it_takes_json_and_nothing_else_then(self):
        for command in [["simulate", *self.PAIR], ["explain", *self.PAIR], ["area", *self.PAIR[2:]]]:
            done = run(*command, "--json", "-")
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            self.assertIn("schema", json.loads(done.stdout))
        table = run("simulate", *self.PAIR, "--csv", "-").stdout
        self.assertTrue(table.startswith("# schema: "))

    def test_two_outputs_are_not_mixed_and_no_file_is_called_so(self):
        both = run("simulate", *self.PAIR, "--csv", "-", "--json", "-")
        self.assertEqual(both.returncode, 2)
        self.assertIn("standard output is written as --json and as --csv", both.stderr)
        for words in [["simulate", *self.PAIR, "--trace", "-"], ["export", *self.PAIR[2:], "-o", "-"]]:
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("found '-', allowed a file", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
