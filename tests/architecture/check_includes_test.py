#!/usr/bin/env python3
"""Feeds check_includes.py good and bad trees: each rule must find its own violation and no other."""

import subprocess
import sys
import unittest

import check_includes
import source_trees

GOOD = {
    "base/text/error.h": "#include <string>\n",
    "base/files/yaml.h": '#include "base/text/error.h"\n',
    "base/files/yaml.cpp": '#include <unistd.h>\n#include <yaml-cpp/parser.h>\n#include "base/files/yaml.h"\n',
    "hw_space/config.h": '#include "base/files/yaml.h"\n',
    "models/network.h": '#include "base/text/error.h"\n',
    "sim/simulator.h": '#include "hw_space/config.h"\n#include "models/network.h"\n',
    "sim/tlm/clock.h": "#include <systemc>\n#include <tlm_utils/simple_target_socket.h>\n",
    "sim/simulator.cpp": '#include "sim/simulator.h"\n#include "sim/tlm/clock.h"\n',
    "cost/labels.h": '#include "sim/simulator.h"\n',
    "nas/study.h": '#include "cost/labels.h"\n',
    "cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "nas/study.h"\n',
    "tests/help.h": "#include <gtest/gtest.h>\n",
    "tests/base/files/yaml_test.cpp": '#include "base/files/yaml.h"\n#include "tests/help.h"\n',
    "bench/all.cpp": '#include <benchmark/benchmark.h>\n#include "cli/commands.h"\n',
    "cli/commands.h": "#include <string>\n",
    "build/x/generated.cpp": "#include <whatever>\n",
    ".hidden/x.cpp": "#include <whatever>\n",
}


class CheckIncludesTest(source_trees.CheckTest):
    good = GOOD
    check = staticmethod(check_includes.check)

    def test_good_tree(self):
        self.assertEqual(self.messages(), [])

    def test_arrows_do_not_turn(self):
        floors = check_includes.FLOORS
        for low, floor in enumerate(floors):
            for above in floors[low + 1:]:
                self.assert_only(f'{floor}/new.cpp:2: {floor} must not include {above}: "{above}/new.h"',
                                 {f"{floor}/new.cpp": f'\n#include "{above}/new.h"\n',
                                  f"{above}/new.h": ""})
            for below in floors[:low + 1]:
                self.assertEqual(self.messages({f"{floor}/new.cpp": f'#include "{below}/new.h"\n',
                                                f"{below}/new.h": ""}), [])

    def test_tests_follow_their_floor(self):
        self.assert_only('base must not include sim: "sim/simulator.h"',
                         {"tests/base/new_test.cpp": '#include "sim/simulator.h"\n'})

    def test_tests_do_not_include_tests_of_later_floors(self):
        self.assert_only('base must not include sim: "tests/sim/help.h"',
                         {"tests/base/new_test.cpp": '#include "tests/sim/help.h"\n',
                          "tests/sim/help.h": ""})

    def test_floors_do_not_include_tests(self):
        self.assert_only('"tests/help.h" is for tests/ only',
                         {"base/new.cpp": '#include "tests/help.h"\n'})

    def test_paths_count_from_the_root(self):
        self.assert_only('base/new.cpp:1: "yaml.h" is no file of the project',
                         {"base/new.cpp": '#include "yaml.h"\n'})
        self.assert_only("is no file of the project",
                         {"nas/new.cpp": '#include "onnx/onnx.pb.h"\n'})

    def test_third_party_headers_have_their_places(self):
        for header, wrong, right in [
                ("yaml-cpp/yaml.h", "base/new.cpp", None),
                ("hdf5.h", "nas/new.cpp", "base/files/hdf5_file.cpp"),
                ("hdf5_hl.h", "base/files/new.h", "tests/base/files/new.cpp"),
                ("Eigen/Core", "models/new.h", "models/accuracy/new.cpp"),
                ("Eigen/Dense", "nas/new.h", "nas/strategy/new.cpp"),
                ("sqlite3.h", "nas/study/new.cpp", None),
                ("pagmo/utils/hypervolume.hpp", "nas/new.cpp", None),
                ("systemc", "models/new.cpp", "sim/tlm/new.h"),
                ("systemc.h", "hw_space/new.cpp", "sim/new.cpp"),
                ("tlm_core/tlm.h", "base/new.h", "tests/sim/new_test.cpp"),
                ("CLI/App.hpp", "cli/new.h", "cli/new.cpp"),
                ("gtest/gtest.h", "base/new.cpp", "tests/new.cpp"),
                ("unistd.h", "base/new.h", "base/new.cpp"),
                ("boost/random/uniform_01.hpp", "nas/new.cpp", None),
                ("nlohmann/json.hpp", "nas/new.h", "nas/new.cpp"),
        ]:
            self.assert_only(f"{wrong}:1: <{header}> is allowed in",
                             {wrong: f"  #  include <{header}>\n"})
            if right:
                self.assertEqual(self.messages({right: f"#include <{header}>\n"}), [], header)

    def test_unknown_third_party_headers_are_errors(self):
        for header in ["caffe2/core.h", "tbb/tbb.h", "arrow/api.h", "bits/stdc++.h",
                       "boost/asio.hpp"]:
            self.assert_only("is in no row of the table", {"nas/new.cpp": f"#include <{header}>\n"})

    def test_systemc_stays_behind_the_door(self):
        direct = self.messages({"nas/new.cpp": "#include <systemc>\n"})
        self.assertEqual(len(direct), 2, direct)  # the wrong place, and it reaches it
        self.assert_only("nas/new.cpp:1: reaches <systemc>: nas/new.cpp -> sim/tlm/clock.h",
                         {"nas/new.cpp": '#include "sim/tlm/clock.h"\n'})
        leaks = self.messages({"sim/simulator.h": '#include "sim/a.h"\n',
                               "sim/a.h": '#include "sim/tlm/clock.h"\n'})
        self.assertIn("cli/main.cpp:1: reaches <systemc>: cli/main.cpp -> nas/study.h -> "
                      "cost/labels.h -> sim/simulator.h -> sim/a.h -> sim/tlm/clock.h", leaks)
        self.assertTrue(any(leak.startswith("sim/simulator.h:1: reaches") for leak in leaks))

    def test_circles(self):
        self.assert_only("circle: base/a.h -> base/b.h -> base/a.h",
                         {"base/a.h": '#include "base/b.h"\n', "base/b.h": '#include "base/a.h"\n'})
        self.assert_only("circle: base/a.h -> base/a.h", {"base/a.h": '#include "base/a.h"\n'})

    def test_every_file_has_a_floor(self):
        self.assert_only("extra/new.cpp:1: stands in no floor", {"extra/new.cpp": ""})

    def test_an_empty_floor_is_not_a_clean_one(self):
        self.assert_only("no source files in hw_space/", {"sim/simulator.h": ""},
                         without=["hw_space/config.h"])

    def test_command_fails_with_the_messages(self):
        script = check_includes.__file__
        with source_trees.source_tree({"base/new.cpp": "#include <torch/torch.h>\n"}) as root:
            run = subprocess.run([sys.executable, script, root], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("base/new.cpp:1: <torch/torch.h>", run.stdout)
        self.assertIn("violations", run.stdout)


if __name__ == "__main__":
    unittest.main()
