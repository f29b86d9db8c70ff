#!/usr/bin/env python3
"""Checks who includes whom: floors, third-party headers, circles.

usage: check_includes.py ROOT      prints FILE:LINE: what is wrong; exit 1 if anything is

Three rules:
  1. A floor includes only itself and the floors before it: FLOORS. Tests and benchmarks of a floor
     may include what that floor may.
  2. A header from outside is included only where ALLOWED says. One that is not in the table is an
     error: to add a dependency is to add a row.
  3. Project headers form no circle, and nothing before the last floors reaches HIDDEN headers,
     however indirectly.
"""

import fnmatch
import pathlib
import re
import sys

FLOORS = ["base", "hw_space", "models", "sim", "cost", "nas", "cli"]
OTHER_FOLDERS = ["tests", "bench"]  # C++ stands in a floor or here
NOT_OURS = {"build", "out"}

# Header patterns -> where they may be included. In both, * also stands for slashes.
ALLOWED = [
    # the language and the operating system
    ("std", ["*"]),
    ("posix", ["*.cpp", "tests/*"]),
    ("immintrin.h", ["cost/surrogate/net/flush_denormals.h"]),
    ("sanitizer/common_interface_defs.h", ["sim/tlm/caller_stack.cpp"]),  # of the compiler
    # libraries of the field and of everyday use
    ("fmt/*", ["*.cpp", "tests/*"]),
    ("yaml-cpp/*", ["base/files/yaml.cpp"]),
    ("boost/random/*", ["base/numbers/random.cpp"]),
    ("boost/container_hash/*", ["nas/analysis/best_trials.cpp"]),
    ("boost/mpi/*", ["base/process/mpi_module.cpp"]),
    ("nlohmann/*", ["models/*.cpp", "sim/*.cpp", "cost/*.cpp", "nas/*.cpp", "cli/*.cpp", "tests/*.cpp"]),
    ("Eigen/*", ["models/accuracy/*.cpp", "cost/*.cpp", "nas/*.cpp", "tests/models/accuracy/*.cpp", "tests/cost/*.cpp", "tests/nas/*.cpp"]),
    ("hdf5*.h", ["base/files/hdf5_file.cpp", "tests/base/files/*.cpp"]),
    ("xgboost/*", ["cost/surrogate/rivals/boosted_trees.cpp"]),
    ("sqlite3.h", ["base/files/sqlite.cpp", "tests/fuzz/study_store_mutator.cpp"]),
    ("onnx/*", ["models/network/onnx/onnx_reader.cpp", "models/network/onnx/onnx_writer.cpp",
                "models/network/onnx/tensor_bytes.cpp", "models/network/onnx/tensor_values.cpp"]),
    ("google/protobuf/*", ["models/network/onnx/slim_model.cpp"]),
    ("grpcpp/*", ["nas/remote/*.cpp", "tests/cli/service_test.cpp"]),
    ("nas/remote/service.grpc.pb.h", ["nas/remote/*.cpp", "tests/cli/service_test.cpp"]),  # made of service.proto
    ("nlopt.h", ["nas/strategy/gaussian_process.cpp"]),
    ("pagmo/*", ["nas/objective/hypervolume.cpp", "tests/nas/*.cpp"]),
    ("zlib.h", ["models/training/data/gzip_file.cpp", "tests/models/training/data/*.cpp"]),
    ("ATen/*", ["bench/network_training_bench.cpp", "models/training/engine/*", "tests/models/training/engine/*.cpp"]),
    ("systemc*", ["sim/*", "tests/sim/*"]),
    ("tlm*", ["sim/*", "tests/sim/*"]),
    ("CLI/*", ["cli/*.cpp"]),
    # tests and benchmarks
    ("gtest/*", ["tests/*"]),
    ("gmock/*", ["tests/*"]),
    ("benchmark/*", ["bench/*.cpp"]),
    ("cblas.h", ["bench/surrogate_bench.cpp"]),
    ("torch/*", ["bench/libtorch_training.cpp", "bench/network_training_bench.cpp", "models/training/engine/*.cpp"]),
]

# The door to the simulator and all that stands behind it is free of these.
HIDDEN = ["systemc*", "tlm*"]
HIDDEN_FROM = ["sim/simulator.h", "cost/*", "nas/*", "cli/*", "tests/cost/*", "tests/nas/*", "tests/cli/*"]

STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv
chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
exception execution filesystem format forward_list fstream functional future initializer_list iomanip
ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set
shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map
unordered_set utility valarray variant vector version
""".split())
POSIX = set("""
dirent.h dlfcn.h fcntl.h fnmatch.h malloc.h poll.h pthread.h sched.h signal.h spawn.h sys/file.h sys/ioctl.h sys/mman.h sys/mount.h
sys/prctl.h sys/resource.h sys/socket.h sys/stat.h sys/time.h sys/types.h sys/wait.h termios.h
unistd.h
""".split())

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)', re.MULTILINE)


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def source_files(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] in NOT_OURS or name.parts[0].startswith("."):
            continue
        if path.suffix in {".h", ".hpp", ".cpp", ".cc", ".cxx", ".inl"} and path.is_file():
            yield name.as_posix()


def read_sources(root):
    """{file: text}"""
    return {name: (root / name).read_text(encoding="utf-8") for name in source_files(root)}


def find_includes(sources):
    """{file: [(line, "quoted" | "angled", header)]}"""
    includes = {}
    for name, text in sources.items():
        includes[name] = []
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(0) + len(match[0])) + 1
            quoted = match[1] is not None
            includes[name].append((line, "quoted" if quoted else "angled", match[1] or match[2]))
    return includes


def floor_of(name):
    """The floor whose rules hold for a file; None if there are none (bench, tests of all)."""
    parts = name.split("/")
    if parts[0] in OTHER_FOLDERS:
        parts = parts[1:]
    return parts[0] if parts and parts[0] in FLOORS else None


def check_project_include(name, header, includes):
    if header not in includes:
        return f'"{header}" is no file of the project (paths count from its root)'
    top = header.split("/")[0]
    if top in OTHER_FOLDERS and name.split("/")[0] != top:
        return f'"{header}" is for {top}/ only'
    floor, included = floor_of(name), floor_of(header)
    if None not in (floor, included) and FLOORS.index(included) > FLOORS.index(floor):
        return f'{floor} must not include {included}: "{header}"'
    return None


def check_outside_include(name, header):
    kind = "std" if header in STANDARD else "posix" if header in POSIX else header
    rows = [places for pattern, places in ALLOWED if fnmatch.fnmatchcase(kind, pattern)]
    if not rows:
        return f"<{header}> is in no row of the table of third-party headers"
    if not any(matches(name, places) for places in rows):
        return f"<{header}> is allowed in {', '.join(rows[0])} only"
    return None


def project_includes(includes, name):
    return [header for _, kind, header in includes[name] if kind == "quoted" and header in includes]


def find_circles(includes):
    """One message for each include that closes a circle."""
    done, messages = set(), []

    def visit(name, trail):
        if name in trail:
            messages.append(f"{trail[-1]}:1: circle: {' -> '.join(trail[trail.index(name):] + [name])}")
        elif name not in done:
            for header in project_includes(includes, name):
                visit(header, trail + [name])
            done.add(name)

    for name in includes:
        visit(name, [])
    return messages


def find_leaks(includes):
    """Files that must not see the HIDDEN headers and yet reach one, with the way there."""
    messages = []
    for start in includes:
        if not matches(start, HIDDEN_FROM):
            continue
        trails, seen = [[start]], {start}
        while trails:
            trail = trails.pop(0)
            hidden = [h for _, kind, h in includes[trail[-1]] if kind == "angled" and matches(h, HIDDEN)]
            if hidden:
                messages.append(f"{start}:1: reaches <{hidden[0]}>: {' -> '.join(trail)}")
                break
            for header in project_includes(includes, trail[-1]):
                if header not in seen:
                    seen.add(header)
                    trails.append(trail + [header])
    return messages


def check(root):
    root = pathlib.Path(root)
    includes = find_includes(read_sources(root))
    messages = [f"{root}: no source files in {floor}/" for floor in FLOORS
                if not any(name.startswith(floor + "/") for name in includes)]
    for name, found in includes.items():
        if name.split("/")[0] not in FLOORS + OTHER_FOLDERS:
            messages.append(f"{name}:1: stands in no floor, test or benchmark")
            continue
        for line, kind, header in found:
            problem = (check_project_include(name, header, includes) if kind == "quoted"
                       else check_outside_include(name, header))
            if problem:
                messages.append(f"{name}:{line}: {problem}")
    return messages + find_circles(includes) + find_leaks(includes)


def report(messages, script):
    """Prints what is wrong; returns the exit status."""
    for message in messages:
        print(message)
    if messages:
        print(f"{len(messages)} violations; the rules are in {pathlib.Path(script).name}")
    return 1 if messages else 0


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return report(check(arguments[0]), __file__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
