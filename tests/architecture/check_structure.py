#!/usr/bin/env python3
"""Checks how the sources stand: folders, names of types, headers, tests.

usage: check_structure.py ROOT           prints FILE:LINE: what is wrong; exit 1 if anything is
       check_structure.py --count ROOT   prints the graph among the folders of the floors in numbers

Five rules:
  1. Folders form no circle. A folder is the files that stand directly in it; it points to those
     whose files they include. Nor is there a circle when all below a depth is taken together: the
     rooms of a floor form none, and a door is a room of its own.
  2. A folder of a floor holds files or folders, not both, but for its door: DOORS.
  3. A type's name is defined in one file of the floors, wherever it can be seen from: a word means
     one thing. An alias may stand in several files if it means the same in all of them.
  4. What x.cpp defines for others is declared in x.h, which it includes. The exceptions are in
     IN_ANOTHER_HEADER and IN_NO_HEADER.
  5. Tests stand as the sources do: tests/A/B/x_test.cpp wants a folder A/B, and if there are units
     named x, the folder of one. The exceptions are TESTS_OF_THEIR_OWN.
"""

import fnmatch
import pathlib
import sys

from check_includes import FLOORS, find_includes, read_sources, report
from declarations import read_declarations

# Folders that hold folders -> the units that stand in them all the same. A unit is a file without
# its .h or .cpp.
DOORS = {
    "sim": ["simulator", "report"],
    "models/network": ["zoo"],
    "models/accuracy": ["accuracy_sources"],
    "cost": ["cost_models"],
    "cost/surrogate": ["surrogate_costs"],
}

# .cpp files -> a header that may declare what they define, beside that of their name.
IN_ANOTHER_HEADER = [
    ("cli/*.cpp", "cli/commands.h"),  # a function each, for main(); and main.cpp what they all call
    ("models/network/onnx/convert_*.cpp", "models/network/onnx/converters.h"),  # one table in parts
]

# Functions that no header declares, since no file of the project calls them -> what does.
IN_NO_HEADER = {
    "main": "the system",
    "sc_main": "the SystemC library",
    "dovetail_connect_mpi": "base, which finds it by its name in a module that it loads",
}

# Folders of tests that are like no folder of the sources.
TESTS_OF_THEIR_OWN = ["tests/architecture", "tests/fuzz", "tests/hostile", "tests/package"]


def folder_of(name):
    return name.rpartition("/")[0]


def unit_of(name):
    return name.rpartition(".")[0]


def is_product(name):
    return name.split("/")[0] in FLOORS


def with_those_above(folders):
    parts = [folder.split("/") for folder in folders]
    return {"/".join(names[:end]) for names in parts for end in range(1, len(names) + 1)}


# The graph among the folders: rule 1, and the numbers.


def folder_to_depth(name, depth):
    """The folder of a file, or the one at this depth that it stands below."""
    return "/".join(name.split("/")[:-1][:depth])


def find_arrows(includes, node_of):
    """{(node, node): (file, line, header)}, with the first include of each arrow."""
    arrows = {}
    for name, found in includes.items():
        for line, _, header in found:
            if header in includes and node_of(name) != node_of(header):
                arrows.setdefault((node_of(name), node_of(header)), (name, line, header))
    return arrows


def find_trails(start, targets):
    """{node: shortest trail from `start` to it}; to `start` only if a circle leads there."""
    trails, ends = {}, [[start]]
    while ends:
        trail = ends.pop(0)
        for target in targets.get(trail[-1], []):
            if target not in trails:
                trails[target] = trail + [target]
                ends.append(trails[target])
    return trails


def find_circles(arrows):
    """[(shortest circle, nodes)] of each largest set of nodes that all lead to each other."""
    targets = {}
    for source, target in sorted(arrows):
        targets.setdefault(source, []).append(target)
    trails = {node: find_trails(node, targets) for node in targets}
    circles, done = [], set()
    for start in trails:
        if start in trails[start] and start not in done:
            nodes = [node for node in trails if node in trails[start] and start in trails[node]]
            circles.append((min((trails[node][node] for node in nodes), key=len), nodes))
            done.update(nodes)
    return circles


def check_circles(includes):
    """A message for each set of folders in circles; none for what a finer depth has told of."""
    messages, told = [], []
    for depth in range(max((name.count("/") for name in includes), default=0), 0, -1):
        def node_of(name):
            return folder_to_depth(name, depth)

        arrows = find_arrows(includes, node_of)
        for circle, nodes in find_circles(arrows):
            steps = [arrows[arrow] for arrow in zip(circle, circle[1:])]
            if any(len({node_of(name) for name, _, _ in earlier}.intersection(nodes)) > 1
                   for earlier in told):
                continue
            told.append(steps)
            places = ", ".join(f'{name}:{line} includes "{header}"' for name, line, header in steps)
            others = [node for node in nodes if node not in circle]
            more = f"; in circles with these: {', '.join(others)}" if others else ""
            messages.append(f"{steps[0][0]}:{steps[0][1]}: circle of folders: "
                            f"{' -> '.join(circle)}: {places}{more}")
    return messages


def count(root):
    """The lines to print. A room is a folder with files in it; rooms that all lead to each other are
    one circle, however many ways there are through them."""
    sources = read_sources(pathlib.Path(root))
    sources = {name: text for name, text in sources.items() if is_product(name)}
    arrows = find_arrows(find_includes(sources), folder_of)

    def row(title, names):
        lines = sum(sources[name].count("\n") for name in names)
        return f"{title:<10}{len({folder_of(name) for name in names}):>8}{lines:>8}"

    floors = [row(floor, [name for name in sources if name.startswith(floor + "/")])
              for floor in FLOORS]
    return [f"{'floor':<10}{'rooms':>8}{'lines':>8}", *floors, row(f"all {len(FLOORS)}", sources),
            f"arrows among rooms: {len(arrows)}", f"circles of rooms: {len(find_circles(arrows))}"]


# Rule 2.


def check_doors(names):
    product = [name for name in names if is_product(name)]
    above = with_those_above(folder_of(folder_of(name)) for name in product)
    beside_folders = {unit_of(name): name for name in product if folder_of(name) in above}
    doors = [f"{folder}/{unit}" for folder, units in DOORS.items() for unit in units]
    return ([f"{name}:1: stands beside folders, and is no door of {folder_of(name)}"
             for unit, name in beside_folders.items() if unit not in doors] +
            [f"DOORS: {door} does not stand beside folders"
             for door in doors if door not in beside_folders])


# Rules 3 and 4: what the files declare.


def check_type_names(declared):
    places, meanings = {}, {}  # {type: {file: first place in it}}, {type: what its aliases stand for}
    for name, declarations in declared.items():
        for found in declarations:
            in_project = found.scope[:1] == ("dovetail",)
            if in_project and found.kind in ("type", "alias") and len(found.name) == 1:
                places.setdefault(found.name[0], {}).setdefault(name, f"{name}:{found.line}")
                meanings.setdefault(found.name[0], set()).add(found.meaning)
    messages = []
    for type_name, files in places.items():
        first, *others = files.values()
        if others and (len(meanings[type_name]) > 1 or "" in meanings[type_name]):
            messages.append(f"{first}: the type's name {type_name} is also defined at "
                            f"{', '.join(others)}")
    return messages


def names_for_others(declarations):
    """{name: line} of what a .cpp file defines for other files; of a class's member, the class."""
    own_types = {found.name[0] for found in declarations
                 if found.kind == "type" and len(found.name) == 1}
    names = {}
    for found in declarations:
        parts = [part for part in found.name if part != "dovetail"]
        is_member_of_own = len(parts) > 1 and parts[0] in own_types
        if (found.kind in ("type", "function", "variable") and not found.internal
                and not is_member_of_own and parts[0] not in IN_NO_HEADER):
            names.setdefault(parts[0], found.line)
    return names


def check_headers_of(name, includes, declared):
    own_header = unit_of(name) + ".h"
    headers = [own_header] + [header for pattern, header in IN_ANOTHER_HEADER
                              if fnmatch.fnmatchcase(name, pattern)]
    known = {header: {found.name[0] for found in declared[header] if found.kind != "forward"}
             for header in headers if header in declared}
    wanted = names_for_others(declared[name])
    if wanted and not known:
        return [f"{name}:{min(wanted.values())}: there is no {own_header} to declare "
                f"{', '.join(wanted)}"]
    included = {header for _, _, header in includes[name]}
    return ([f"{name}:{line}: {wanted_name} is not declared in {' or '.join(known)}"
             for wanted_name, line in wanted.items()
             if not any(wanted_name in names for names in known.values())] +
            [f'{name}:1: does not include "{header}", which declares what it defines'
             for header, names in known.items()
             if header not in included and not names.isdisjoint(wanted)])


def check_headers(includes, declared):
    return [message for name in declared if name.endswith(".cpp")
            for message in check_headers_of(name, includes, declared)]


# Rule 5.


def check_tests(names):
    product = [name for name in names if is_product(name)]
    folders = with_those_above(folder_of(name) for name in product)
    homes = {}  # {unit's own name: its folders}
    for name in product:
        homes.setdefault(unit_of(name).rpartition("/")[2], set()).add(folder_of(name))
    messages = []
    for name in names:
        if not fnmatch.fnmatchcase(name, "tests/*_test.cpp") or folder_of(name) in TESTS_OF_THEIR_OWN:
            continue
        folder = folder_of(name).removeprefix("tests").removeprefix("/")
        unit = unit_of(name).rpartition("/")[2].removesuffix("_test")
        if unit in homes and folder not in homes[unit]:
            messages.append(f"{name}:1: {unit} stands in {' and '.join(sorted(homes[unit]))}")
        elif folder not in folders:
            messages.append(f'{name}:1: there is no folder "{folder}" among the sources')
    return messages


def check(root):
    sources = read_sources(pathlib.Path(root))
    includes = find_includes(sources)
    declared = {name: read_declarations(text) for name, text in sources.items() if is_product(name)}
    return (check_circles(includes) + check_doors(sources) + check_type_names(declared) +
            check_headers(includes, declared) + check_tests(sources))


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--count":
        print("\n".join(count(arguments[1])))
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return report(check(arguments[0]), __file__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
