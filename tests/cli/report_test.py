#!/usr/bin/env python3
"""The pages of `dovetail report`: those that docs/report.md makes, and one of hostile files. Each is whole HTML that
asks nothing of anything else; with Chromium (Debian: chromium) they are also opened, hovered over and sorted.
usage: report_test.py DOVETAIL REPORT_MD      skipped without matplotlib"""

import copy
import importlib.util
import html.parser
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

if importlib.util.find_spec("matplotlib") is None:
    print("this Python has no matplotlib: nothing to see here")
    sys.exit(0)

if shutil.which("chromium") is None:
    print("no chromium here: no page is opened in a browser")

MOST_BYTES = 2_000_000
HOSTILE = "<script>alert(1)</script><img src=x onerror=\"alert(2)\"> &lt; ' \" \u202e\x1b[31m"
WITHOUT_END = {"meta", "link", "br", "img"}
# Moves over a mark and sorts the first table twice, and says what came of it.
VISITOR = """<script>
const mark = document.querySelector("circle[data-tip], rect[data-tip]");
mark.dispatchEvent(new MouseEvent("mousemove", {bubbles: true, clientX: 50, clientY: 50}));
const shown = getComputedStyle(document.getElementById("tip")).display === "block"
  && document.getElementById("tip").textContent === mark.dataset.tip;
const table = document.querySelector("table.sortable");
const heads = Array.from(table.tHead.rows[0].cells);
const column = heads.findIndex(head => !head.classList.contains("text"));
const values = () => Array.from(table.tBodies[0].rows).map(
  row => row.cells[column].textContent.replace(/,/g, "")).filter(text => text !== "").map(Number);
const button = heads[column].querySelector("button");
button.click();
const up = values().every((value, i, all) => i === 0 || all[i - 1] <= value);
button.click();
const down = values().every((value, i, all) => i === 0 || all[i - 1] >= value);
document.title = ["visited", shown, up, down, values().length].join(" ");
</script>"""


class Structure(html.parser.HTMLParser):
    """Whether every element is closed, what stands in it, and what it would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.counts, self.fetched, self.handlers, self.words = [], {}, [], [], []

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attributes:
            if name in ("src", "href", "data", "action", "xlink:href") and not (value or "").startswith("#"):
                self.fetched.append(value)
            if name.startswith("on"):
                self.handlers.append((tag, name))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in WITHOUT_END:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> ends <{self.open[-1:]}>"
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        script = "set -eu\n" + "".join(re.findall(r"(?ms)^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8")))
        done = subprocess.run(["sh", "-c", script], cwd=cls.folder, capture_output=True, text=True,
                              env={"PATH": f"{DOVETAIL.parent}:/usr/bin:/bin"})
        assert done.returncode == 0, done.stderr
        cls.write_hostile_files()

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def write_hostile_files(cls):
        """What the program wrote, with names as an attacker would have them."""
        simulation = json.loads((cls.folder / "b0.json").read_text())
        simulation["network"] = simulation["accelerator"]["name"] = HOSTILE
        for layer in simulation["layers"]:
            layer["name"] = HOSTILE + layer["name"]
        (cls.folder / "hostile.json").write_text(json.dumps(simulation))
        text = (cls.folder / "trials.csv").read_text()
        cell = '"' + HOSTILE.replace('"', '""') + '"'
        text = re.sub(r"(?m)^(\d+),joint,", lambda row: f"{row[1]},{cell},", text)
        text = text.replace("hw.pes_x", '"hw.<b onclick=""x()"">"').replace("# study: quick", f"# study: {HOSTILE}")
        (cls.folder / "hostile.csv").write_text(text)
        for name in ("hostile.json", "hostile.csv"):
            done = cls.report(name, f"{name.replace('.', '_')}.html")
            assert done.returncode == 0, done.stderr

    @classmethod
    def report(cls, what, output):
        return subprocess.run([DOVETAIL, "-q", "report", what, "-o", output], cwd=cls.folder, capture_output=True,
                              text=True)

    def pages(self):
        pages = sorted(self.folder.glob("*.html"))
        self.assertEqual(len(pages), 6)
        return pages

    def structure(self, page):
        parsed = Structure()
        parsed.feed(page.read_text(encoding="utf-8"))
        parsed.close()
        return parsed

    def test_each_is_whole_and_asks_nothing_of_others(self):
        for page in self.pages():
            with self.subTest(page=page.name):
                found = self.structure(page)
                self.assertEqual(found.open, [])
                self.assertEqual(found.counts["h1"], 1)
                self.assertEqual(found.counts["script"], 1)
                self.assertGreaterEqual(found.counts["svg"], 3)
                self.assertEqual(found.fetched, [])
                self.assertEqual(found.handlers, [])
                self.assertNotIn("img", found.counts)
                self.assertLessEqual(page.stat().st_size, MOST_BYTES)
                self.assertIn("Content-Security-Policy", page.read_text(encoding="utf-8"))

    def test_hostile_names_are_text(self):
        for page in self.pages():
            if page.name.startswith("hostile"):
                words = "".join(self.structure(page).words)
                self.assertIn("<script>alert(1)</script><img src=x onerror=", words)
                self.assertIn("\\x202e\\x1b[31m", words)  # what would turn text round is spelt out

    def test_each_has_its_sections(self):
        for name, headings in (
                ("quick", ["What was asked", "The front", "Decisions along the front", "Which decisions matter",
                           "How the searches converged", "Pairs of the front", "Where the cycles go"]),
                ("two", ["What was asked", "One chip for all", "The front of each network", "What cannot run"]),
                ("b0", ["The pair", "Where the cycles go"]), ("trials", ["The front", "Which decisions matter"])):
            words = "".join(self.structure(self.folder / f"{name}.html").words)
            for heading in headings:
                self.assertIn(heading, words, name)

    def test_the_front_is_that_of_the_study(self):
        lines = [line for line in (self.folder / "quick/pareto.csv").read_text().splitlines() if line[0] != "#"]
        fronts = re.findall(r'<circle[^>]* data-tip="trial (\d+)', (self.folder / "quick.html").read_text())
        self.assertEqual(sorted(int(line.split(",")[2]) for line in lines[1:]), sorted(map(int, fronts)))
        of_csv = re.findall(r'<circle[^>]* data-tip="trial (\d+)', (self.folder / "trials.html").read_text())
        self.assertEqual(len(fronts), len(of_csv))

    def test_the_same_study_gives_the_same_page(self):
        self.assertEqual(self.report("quick", "again.htm").returncode, 2)
        with tempfile.TemporaryDirectory() as other:
            again = pathlib.Path(other) / "again.html"
            self.assertEqual(self.report("quick", str(again)).returncode, 0)
            self.assertEqual(again.read_bytes(), (self.folder / "quick.html").read_bytes())

    def test_what_is_no_result_is_refused_and_nothing_is_written(self):
        (self.folder / "empty").mkdir(exist_ok=True)
        (self.folder / "no.json").write_text("{}")
        for what in ("nowhere", "empty", "no.json", "chosen.yaml", "two/infeasible.csv"):
            done = self.report(what, "refused.html")
            self.assertEqual(done.returncode, 2, what)
            self.assertFalse((self.folder / "refused.html").exists())
        self.assertIn("allowed .html", self.report("quick", "quick/pareto.csv").stderr)
        shutil.copy(self.folder / "b0.json", self.folder / "input.html")
        done = self.report("input.html", "input.html")
        self.assertEqual(done.returncode, 2)
        self.assertEqual((self.folder / "input.html").read_bytes(), (self.folder / "b0.json").read_bytes())
        (self.folder / "input.html").unlink()

    def refusal(self, what):
        """What is said of a file or folder that no page is made of."""
        done = self.report(what, "refused.html")
        self.assertEqual(done.returncode, 2, f"{what}: {done.stderr}")
        self.assertFalse((self.folder / "refused.html").exists())
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def words_of(self, what):
        """Those of a page, which is not kept."""
        with tempfile.TemporaryDirectory() as other:
            page = pathlib.Path(other) / "page.html"
            done = self.report(what, str(page))
            self.assertEqual(done.returncode, 0, done.stderr)
            return "".join(self.structure(page).words)

    def run_program(self, *words):
        return subprocess.run([DOVETAIL, "-q", *words], cwd=self.folder, capture_output=True, text=True)

    def test_what_is_not_wanted_is_named_and_what_is_allowed(self):
        (self.folder / "empty.csv").write_text("")
        (self.folder / "no_schema.json").write_text("{}")
        (self.folder / "plain.csv").write_text("a,b\n1,2\n")
        for what, found in (("quick/pareto.csv", "found 'dovetail.pareto/1'"), ("empty.csv", "found an empty file"),
                            ("plain.csv", "found a file that names no schema"),
                            ("/etc/passwd", "found a file that names no schema"),
                            ("no_schema.json", "found a file that names no schema"),
                            ("/dev/zero", "found no regular file")):
            self.assertIn(f"{what}: {found}, allowed: folder of a study or an exploration, study.db, CSV of study "
                          "export or study best, JSON of simulate", self.refusal(what))

    def test_a_byte_order_mark_is_no_part_of_a_file(self):
        for name, heading in (("b0.json", "Where the cycles go"), ("trials.csv", "The front")):
            marked = self.folder / f"marked_{name}"
            marked.write_bytes(b"\xef\xbb\xbf" + (self.folder / name).read_bytes())
            self.assertIn(heading, self.words_of(marked.name))

    def test_a_page_in_the_folder_it_is_of_may_be_made_anew(self):
        with tempfile.TemporaryDirectory() as other:
            copy = pathlib.Path(other) / "two"
            shutil.copytree(self.folder / "two", copy)
            for _ in range(2):
                done = subprocess.run([DOVETAIL, "-q", "report", ".", "-o", "page.html"], cwd=copy,
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_explorations_in_which_nothing_is_left(self):
        networks = ["-n", "mobilenet_v2", "-n", "resnet_18"]
        for folder, options, status, words in (
                ("none", [*networks, "--max", "area_mm2=1"], 0, "The limits are such that nothing holds them all."),
                ("none_chosen", [*networks, "--max", "area_mm2=1", "--choose", "area_mm2"], 1,
                 "|One chip for all|The limits are such that nothing holds them all."),
                ("none_small", [*networks[:2], "--max-area", "1"], 0, "No accelerator of the space is left")):
            with self.subTest(folder=folder):
                self.assertEqual(self.run_program("explore", *options, "-o", folder).returncode, status)
                page = re.sub(r"\s*\n\s*", "|", self.words_of(folder))
                for expected in (words, "What was asked", "What cannot run", "over_max_area",
                                 "Every accelerator of the space with an area of at most 1 mm² was simulated"):
                    self.assertIn(expected, page)

    def test_only_what_was_simulated_is_said_to_be(self):
        self.assertEqual(self.run_program("explore", "-n", "resnet_18", "-o", "all").returncode, 0)
        self.assertIn("Every accelerator of the space was simulated.", self.words_of("all"))
        words = "".join(self.structure(self.folder / "two.html").words)
        self.assertIn("Every accelerator of the space with an area of at most 4 mm² was simulated.", words)

    def test_a_study_without_trials(self):
        study = (self.folder / "quick/effective.yaml").read_text()
        study = re.sub(r"(?m)^seeds:.*$", "seeds: [0]", re.sub(r"(?m)^comparison:.*\n", "", study))
        (self.folder / "asked.yaml").write_text(study)
        asked = self.run_program("study", "ask", "asked", "--study", "./asked.yaml")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        for what in ("asked", "asked/study.db"):
            self.assertTrue(self.refusal(what).startswith(f"{what}: no trials yet\n"))

    def test_a_stopped_exploration_is_gone_on_with(self):
        stopped = self.folder / "stopped"
        stopped.mkdir(exist_ok=True)
        lines = (self.folder / "two/resnet_18.csv").read_text().splitlines(keepends=True)
        (stopped / "resnet_18.csv.part").write_text("".join(lines[:20]))
        self.assertRegex(self.refusal("stopped"), "stopped: found an exploration that was stopped .*--resume goes on")

    def test_a_stop_leaves_no_traceback_and_no_page(self):
        for seconds in (0, 0.05, 0.3):  # while Python starts, and while it imports
            with self.subTest(seconds=seconds):
                self.stop_after(seconds)

    def stop_after(self, seconds):
        process = subprocess.Popen([DOVETAIL, "report", "quick", "-o", "halted.html"], cwd=self.folder,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        while self.python_below(process.pid) is None:
            self.assertIsNone(process.poll(), "it ended before it could be stopped")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.communicate()[1], "")
        self.assertIn(process.returncode, (-signal.SIGINT, 128 + signal.SIGINT))
        self.assertFalse((self.folder / "halted.html").exists())

    def test_a_study_is_watched_until_its_search_ends(self):
        refresh = '<meta http-equiv="refresh" content="1">'
        page = self.folder / "watched.html"
        search = subprocess.Popen([DOVETAIL, "-q", "search", "quick", "-o", "watched", "-e", "1000000000"],
                                  cwd=self.folder)
        try:
            while self.report("watched", "watched.html").returncode != 0:  # not stored yet
                self.assertIsNone(search.poll())
            watch = subprocess.Popen([DOVETAIL, "-q", "report", "watched", "-o", "watched.html", "--watch", "1"],
                                     cwd=self.folder)
            while refresh not in page.read_text():
                self.assertIsNone(watch.poll())
                time.sleep(0.05)
        finally:
            search.send_signal(signal.SIGINT)
            search.wait()
        self.assertEqual(watch.wait(), 0)
        self.assertNotIn(refresh, page.read_text())
        page.unlink()
        done = subprocess.run([DOVETAIL, "report", "b0.json", "-o", "x.html", "--watch", "1"], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("b0.json: found no study, allowed with --watch", done.stderr)

    def test_a_killed_program_leaves_nobody_who_goes_on(self):
        process = subprocess.Popen([DOVETAIL, "plot", "importance", "trials.csv", "-o", "orphan.png"], cwd=self.folder,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        while (script := self.python_below(process.pid, b"importance.py")) is None:
            self.assertIsNone(process.poll(), "it ended before it could be killed")
        process.kill()
        process.wait()
        while self.runs(script):
            time.sleep(0.02)
        self.assertFalse((self.folder / "orphan.png").exists())

    @staticmethod
    def runs(process):
        try:
            return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def python_below(self, program, script=b"report.py"):
        """The process that runs the script, once it is there."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == program and script in (entry / "cmdline").read_bytes():
                    return int(entry.name)
            except (OSError, IndexError):
                continue  # ended meanwhile
        return None

    def test_figures_that_no_page_has_room_for(self):
        simulation = json.loads((self.folder / "b0.json").read_text())
        for name, change, words in (
                ("large", lambda s: s.update(latency_ms=1e308), "latency_ms: found a number above 1e+100"),
                ("long", lambda s: s["layers"][3].update(macs=10 ** 400), "layers.3.macs: found a number above 1e+100"),
                ("no_cycles", lambda s: s.update(cycles=0), "total: cycles: found 0, allowed a number above 0"),
                ("no_area", lambda s: s.update(components_mm2=dict.fromkeys(s["components_mm2"], 0)),
                 "components_mm2: macs, vector_units, register_files, local_memory, pe_control: found 0 for each"),
                ("no_pes", lambda s: s["accelerator"].update(pes_x=0),
                 "accelerator: pes_x: found 0, allowed a whole number from 1")):
            changed = copy.deepcopy(simulation)
            change(changed)
            (self.folder / f"{name}.json").write_text(json.dumps(changed))
            self.assertIn(f"{name}.json: {words}", self.refusal(f"{name}.json"))
        head, rows = re.fullmatch(r"(?s)((?:#[^\n]*\n)*[^\n]*\n)(.*)", (self.folder / "trials.csv").read_text()).groups()
        at = head.splitlines()[-1].split(",").index("latency_ms")
        cells = [row.split(",") for row in rows.splitlines()]
        acceptable = head.splitlines()[-1].split(",").index("acceptable")
        next(row for row in cells if row[acceptable] == "1")[at] = "1e308"
        (self.folder / "large.csv").write_text(head + "\n".join(map(",".join, cells)) + "\n")
        self.assertRegex(self.refusal("large.csv"), r"large.csv: row \d+: found '1e308', allowed a number up to 1e\+100")

    @unittest.skipIf(shutil.which("chromium") is None, "no chromium")
    def test_a_browser_opens_hovers_and_sorts(self):
        for page in self.pages():
            with self.subTest(page=page.name):
                self.assertEqual(self.console(page), [])
                visited = pathlib.Path(self.temporary.name) / "visited" / page.name
                visited.parent.mkdir(exist_ok=True)
                text = page.read_text(encoding="utf-8")
                text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
                visited.write_text(text.replace("</body>", VISITOR + "</body>"), encoding="utf-8")
                title = re.search(r"<title>([^<]*)</title>", self.browse(visited, "--dump-dom").stdout)[1]
                self.assertRegex(title, r"^visited true true true [1-9]")

    def browse(self, page, *options):
        with tempfile.TemporaryDirectory() as profile:
            return subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                                   f"--user-data-dir={profile}", *options, page.as_uri()],
                                  capture_output=True, text=True, timeout=120)

    def console(self, page):
        log = self.browse(page, "--dump-dom").stderr
        return [line for line in log.splitlines() if "CONSOLE" in line]


if __name__ == "__main__":
    DOVETAIL, PAGE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
