#!/usr/bin/env python3
"""One page about a study, an exploration or a simulation, in one file (run by `dovetail report`)."""

import argparse
import os
import sys

import paper  # before all that takes time to import: it sees to it that a stop is quiet
import page
import report_exploration
import report_pair
import report_study


ALLOWED = ("allowed: folder of a study or an exploration, study.db, CSV of study export or study best, "
           "JSON of simulate")


def schema_of(file):
    """What a file of results says that it is; empty where it says nothing."""
    schema = dict(paper.read_head(file)).get("schema", "")
    if schema:
        return schema
    with paper.opened(file) as stream:
        begin = next((line.lstrip() for line in stream if line.strip()), "")
    return str(paper.read_json(file).get("schema", "")) if begin.startswith("{") else ""


def page_of_folder(folder):
    exploration = os.path.join(folder, "pareto.csv")
    if os.path.isfile(exploration) and schema_of(exploration).startswith("dovetail.exploration_front/"):
        return report_exploration.write(folder)
    if any(name.endswith(".csv.part") for name in os.listdir(folder)):
        raise paper.BadInput(f"{folder}: found an exploration that was stopped or still runs, allowed one that "
                             "is complete; 'dovetail explore' with the same options and --resume goes on")
    raise paper.BadInput(f"{folder}: found neither study.db nor the pareto.csv of an exploration, {ALLOWED}")


def page_of(what, material):
    if material is not None:
        return report_study.write(what, material)
    if os.path.isdir(what):
        return page_of_folder(what)
    if not os.path.isfile(what):
        raise paper.BadInput(f"{what}: found no regular file, {ALLOWED}")
    schema = schema_of(what)
    if schema.startswith("dovetail.trials/"):
        return report_study.write(what, None)
    if not schema.startswith("dovetail.simulation/"):
        found = f"'{schema}'" if schema else "a file that names no schema" if os.path.getsize(what) else "an empty file"
        raise paper.BadInput(f"{what}: found {found}, {ALLOWED}")
    title = report_pair.title(what)
    result = page.Page(f"Dovetail: {title}", "One inference, simulated. Nothing here is fetched from anywhere.")
    result.section("The pair", *report_pair.parts(what))
    return result.html()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", help="a folder or a file of results")
    parser.add_argument("-o", "--output", required=True, help="the page")
    parser.add_argument("--study", help="folder of what the program says of a study")
    parser.add_argument("--refresh", type=float, help="seconds after which a browser reads it again")
    args = parser.parse_args()
    try:
        text = page_of(args.what, args.study)
        if args.refresh:
            text = text.replace("<head>", f'<head>\n<meta http-equiv="refresh" content="{args.refresh:g}">', 1)
        with open(args.output, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except paper.BadInput as error:
        print(paper.printable(str(error)), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
