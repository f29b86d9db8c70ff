#!/usr/bin/env python3
"""Feeds check_structure.py good and bad trees: each rule must find its own violation and no other."""

import subprocess
import sys
import unittest
import unittest.mock

import check_structure
import source_trees

# Tables of their own, so that the trees here stand whatever the project's become.
TABLES = {
    "FLOORS": ["base", "models", "cli"],
    "DOORS": {"models": ["zoo"]},
    "IN_ANOTHER_HEADER": [("cli/*.cpp", "cli/commands.h")],
    "IN_NO_HEADER": {"main": "the system"},
    "TESTS_OF_THEIR_OWN": ["tests/fuzz"],
}


def source(text, *headers):
    """A file that includes `headers` and has `text` in the project's namespace, on its own lines."""
    includes = "".join(f'#include "{header}"\n' for header in headers)
    return f"#include <string>\n{includes}namespace dovetail {{\n{text}\n}}\n"


GOOD = {
    "base/yaml.h": source("class YamlMap;\nclass Yaml { void read(); struct Data; };\nint parse(int);"),
    "base/yaml.cpp": source("namespace { class Reader { void go(); };\nvoid Reader::go() {} }\n"
                            "void Yaml::read() {}\nint parse(int) { return 0; }", "base/yaml.h"),
    "models/zoo.h": source("int zoo();", "models/network/network.h", "models/onnx/onnx.h"),
    "models/network/network.h": source("struct Network {};", "base/yaml.h"),
    "models/onnx/onnx.h": source("class Reader;", "models/network/network.h"),
    "cli/commands.h": source("void add_area();"),
    "cli/area.cpp": source("void add_area() {}", "cli/commands.h", "models/zoo.h"),
    "cli/main.cpp": '#include "cli/commands.h"\nint main() { return 0; }\n',
    "tests/base/yaml_test.cpp": '#include "base/yaml.h"\n#include "tests/base/files.h"\n',
    "tests/base/files.h": "struct Yaml {};\n",
    "tests/help.h": "",
    "tests/models/network/rules_test.cpp": '#include "tests/base/files.h"\n',
    "tests/fuzz/onnx_test.cpp": "int fuzz() { return 0; }\n",
    "bench/all.cpp": source("struct Network {};\nint bench() { return 0; }", "cli/commands.h"),
    "build/x/generated.cpp": source("struct Network {};"),
}


class CheckStructureTest(source_trees.CheckTest):
    good = GOOD
    check = staticmethod(check_structure.check)

    def setUp(self):
        tables = unittest.mock.patch.multiple(check_structure, **TABLES)
        tables.start()
        self.addCleanup(tables.stop)

    def assert_good(self, changes, without=()):
        self.assertEqual(self.messages(changes, without), [])

    def test_good_tree(self):
        self.assert_good({})

    # Rule 1.

    def test_folders_form_no_circle(self):
        self.assert_good({"models/network/a.h": '#include "models/network/network.h"\n'})
        self.assert_only('models/network/a.h:2: circle of folders: models/network -> models/onnx -> '
                         'models/network: models/network/a.h:2 includes "models/onnx/b.h", '
                         'models/onnx/onnx.h:2 includes "models/network/network.h"',
                         {"models/network/a.h": '\n#include "models/onnx/b.h"\n',
                          "models/onnx/b.h": ""})

    def test_folders_of_tests_form_no_circle(self):
        self.assert_only("circle of folders: tests/base -> tests/models/network -> tests/base: ",
                         {"tests/base/files.h": '#include "tests/models/network/a.h"\n',
                          "tests/models/network/a.h": ""})

    def test_of_folders_in_circles_the_shortest_circle_is_told(self):
        self.assert_only("circle of folders: models/c -> models/onnx -> models/c: models/c/a.h:2 "
                         'includes "models/onnx/b.h", models/onnx/a.h:1 includes "models/c/b.h"; '
                         "in circles with these: models/d, models/network",
                         {"models/network/a.h": '#include "models/d/a.h"\n',
                          "models/d/a.h": '#include "models/c/b.h"\n',
                          "models/c/a.h": '#include "models/network/b.h"\n#include "models/onnx/b.h"\n',
                          "models/onnx/a.h": '#include "models/c/b.h"\n',
                          "models/network/b.h": "", "models/onnx/b.h": "", "models/c/b.h": ""})

    def test_circles_apart_are_told_apart(self):
        found = self.messages({"models/a/x.h": '#include "models/b/x.h"\n', "models/a/y.h": "",
                               "models/b/y.h": '#include "models/a/y.h"\n', "models/b/x.h": "",
                               "models/c/x.h": '#include "models/d/x.h"\n', "models/c/y.h": "",
                               "models/d/y.h": '#include "models/c/y.h"\n', "models/d/x.h": ""})
        self.assertEqual([message.split(": ")[2] for message in found],
                         ["models/a -> models/b -> models/a", "models/c -> models/d -> models/c"])

    def test_no_circle_where_folders_are_taken_together(self):
        there = {"models/a/one/x.h": '#include "models/b/two/x.h"\n', "models/b/two/x.h": ""}
        back = {"models/b/three/x.h": '#include "models/a/four/x.h"\n', "models/a/four/x.h": ""}
        self.assert_good(there)
        self.assert_good(back)
        self.assert_only("circle of folders: models/a -> models/b -> models/a: "
                         'models/a/one/x.h:1 includes "models/b/two/x.h", models/b/three/x.h:1',
                         {**there, **back})

    def test_doors_are_not_seen_from_what_they_include(self):
        self.assert_only("circle of folders: models -> models/network -> models: models/zoo.h:2 ",
                         {"models/network/a.h": '#include "models/zoo.h"\n'})
        self.assert_good({"models/new/a.h": '#include "models/zoo.h"\n'})

    # Rule 2.

    def test_folders_hold_files_or_folders(self):
        self.assert_only("models/new.h:1: stands beside folders, and is no door of models",
                         {"models/new.h": "", "models/new.cpp": ""})
        self.assert_only("models/network/network.h:1: stands beside folders",
                         {"models/network/new/new.h": ""})
        self.assert_only("base/yaml.h:1: stands beside folders", {"base/a/b/new.h": ""})
        self.assert_good({"models/zoo.cpp": "", "models/network/new.h": "", "tests/new.h": ""})

    def test_the_table_of_doors_has_no_row_too_many(self):
        self.assert_only("DOORS: models/zoo does not stand beside folders", {},
                         without=["models/zoo.h"])
        with unittest.mock.patch.dict(check_structure.DOORS, {"base": ["yaml"]}):
            self.assert_only("DOORS: base/yaml does not stand beside folders", {})

    # Rule 3.

    def test_types_have_names_of_their_own(self):
        for text in ["struct Network {};", "class Network final : public Reader {};",
                     "enum class Network { kOne };", "using Network = int;",
                     "template <typename T> struct Network {};",
                     "namespace { struct Network {}; }", "namespace inner { struct Network {}; }"]:
            self.assert_only("cli/new.h:3: the type's name Network is also defined at "
                             "models/network/network.h:4", {"cli/new.h": source(text)})
        self.assert_only("cli/a.cpp:3: the type's name New is also defined at cli/b.cpp:3, cli/c.h:3",
                         {"cli/a.cpp": source("namespace { struct New {}; }"),
                          "cli/b.cpp": source("namespace { using New = int; }"),
                          "cli/c.h": source("enum New {};")})

    def test_an_alias_may_stand_again_if_it_means_the_same(self):
        again = "namespace { using Clock = std::chrono::steady_clock; }"
        other = "namespace { using Clock = std::chrono::system_clock; }"
        self.assert_good({"cli/a.cpp": source(again), "cli/b.cpp": source(again)})
        self.assert_only("the type's name Clock is also defined at cli/b.cpp:3",
                         {"cli/a.cpp": source(again), "cli/b.cpp": source(other)})

    def test_what_gives_no_type_a_second_name(self):
        for text in ["class Network;", "struct Holder { struct Network {}; };", "using other::Network;",
                     "// struct Network {};", "inline void f() { struct Network {}; }",
                     'inline const auto kText = R"(\nstruct Network {};\n)";',
                     "struct Holder::Network {};"]:
            self.assert_good({"cli/new.h": source(text)})
        self.assert_good({"cli/new.h": "namespace other { struct Network {}; }\nstruct Network;\n",
                          "tests/cli/new_test.cpp": source("struct Network {};"),
                          "tests/cli/b_test.cpp": source("struct Network {};")})

    # Rule 4.

    def test_what_others_can_use_is_declared_in_the_header_of_the_name(self):
        for text, name in [("int write() { return 0; }", "write"), ("int write();", "write"),
                           ("int kWords = 3;", "kWords"), ('const char* kWord = "";', "kWord"),
                           ("struct Word {};", "Word"), ("void YamlMap::read() {}", "YamlMap"),
                           ("void Network::read() {}", "Network"),
                           ("struct Network::Data {};", "Network"),
                           ("bool operator==(Yaml a, Yaml b) { return true; }", "operator==")]:
            self.assert_only(f"base/yaml.cpp:4: {name} is not declared in base/yaml.h",
                             {"base/yaml.cpp": source(text, "base/yaml.h")})
            self.assert_only(f"base/new.cpp:4: there is no base/new.h to declare {name}",
                             {"base/new.cpp": source(text, "base/yaml.h")})

    def test_what_needs_no_header(self):
        for text in ["namespace { int write() { return 0; } }", "static int write() { return 0; }",
                     "constexpr int kWords = 3;", "const int kWords = 3;", "extern char** environ;",
                     "namespace { struct Word { void f(); }; }\nvoid Word::f() {}", "class Word;",
                     "using nlohmann::json;", "namespace fs = std::filesystem;",
                     "}\nint main() {\n  return 0;\n"]:
            self.assert_good({"base/new.cpp": source(text)})
            self.assert_good({"base/yaml.cpp": source(text)})

    def test_members_of_nested_types_are_of_the_class_in_the_header(self):
        text = "struct Yaml::Data { void f(); };\nvoid Yaml::Data::f() {}"
        self.assert_good({"base/yaml.cpp": source(text, "base/yaml.h")})

    def test_what_is_defined_outside_the_namespace_may_name_it(self):
        text = '#include "base/yaml.h"\nint dovetail::parse(int) { return 0; }\n'
        self.assert_good({"base/yaml.cpp": text})

    def test_the_header_of_the_name_is_included(self):
        self.assert_only('base/yaml.cpp:1: does not include "base/yaml.h", which declares what it '
                         "defines", {"base/yaml.cpp": source("int parse(int) { return 0; }")})

    def test_headers_that_declare_for_others(self):
        self.assert_good({"cli/map.cpp": source("void add_map() {}", "cli/commands.h"),
                          "cli/commands.h": source("void add_area();\nvoid add_map();")})
        self.assert_only("cli/map.cpp:3: add_map is not declared in cli/commands.h",
                         {"cli/map.cpp": source("void add_map() {}")})
        self.assert_only('cli/area.cpp:1: does not include "cli/commands.h"',
                         {"cli/area.cpp": source("void add_area() {}")})
        own = {"cli/map.h": source("void map();"), "cli/map.cpp": source("void map() {}", "cli/map.h")}
        self.assert_good(own)
        self.assert_only("cli/map.cpp:4: add_map is not declared in cli/map.h or cli/commands.h",
                         {**own, "cli/map.cpp": source("void add_map() {}", "cli/map.h")})

    # Rule 5.

    def test_tests_stand_as_the_sources_do(self):
        self.assert_only("tests/models/network_test.cpp:1: network stands in models/network",
                         {"tests/models/network_test.cpp": ""})
        self.assert_only('tests/cli/new/rules_test.cpp:1: there is no folder "cli/new" among the '
                         "sources", {"tests/cli/new/rules_test.cpp": ""})
        self.assert_only('tests/rules_test.cpp:1: there is no folder ""', {"tests/rules_test.cpp": ""})
        self.assert_only("tests/fuzz/new/rules_test.cpp:1: there is no folder",
                         {"tests/fuzz/new/rules_test.cpp": ""})
        self.assert_good({"tests/models/network/network_test.cpp": "", "tests/models/zoo_test.cpp": "",
                          "tests/models/rules_test.cpp": "", "tests/new/help.cpp": "",
                          "bench/rules.cpp": "", "bench/new/yaml_test.cpp": ""})

    def test_a_test_of_a_name_that_two_units_have_stands_with_one(self):
        two = {"models/onnx/area.h": ""}
        for folder in ["cli", "models/onnx"]:
            self.assert_good({**two, f"tests/{folder}/area_test.cpp": ""})
        self.assert_only("tests/base/area_test.cpp:1: area stands in cli and models/onnx",
                         {**two, "tests/base/area_test.cpp": ""})

    # The commands.

    def test_numbers(self):
        with source_trees.source_tree(GOOD) as root:
            self.assertEqual(check_structure.count(root), [
                "floor        rooms   lines",
                "base             1      14",
                "models           3      16",
                "cli              1      12",
                "all 3            5      42",
                "arrows among rooms: 5",
                "circles of rooms: 0"])
        circle = {"models/network/a.h": '#include "models/zoo.h"\n'}
        with source_trees.source_tree({**GOOD, **circle}) as root:
            self.assertEqual(check_structure.count(root)[-2:],
                             ["arrows among rooms: 6", "circles of rooms: 1"])

    def test_command_fails_with_the_messages(self):
        script = check_structure.__file__
        with source_trees.source_tree({"base/new.cpp": "int f() { return 0; }\n"}) as root:
            run, numbers = (subprocess.run([sys.executable, script, *options, root],
                                           capture_output=True, text=True)
                            for options in ([], ["--count"]))
        self.assertEqual(run.returncode, 1)
        self.assertIn("base/new.cpp:1: there is no base/new.h to declare f", run.stdout)
        self.assertIn("violations", run.stdout)
        self.assertEqual(numbers.returncode, 0)
        self.assertRegex(numbers.stdout, r"base +1 +1\n")
        self.assertEqual(subprocess.run([sys.executable, script], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
