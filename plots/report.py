#!/usr/bin/env python3
"""One page about a study, an exploration or a simulation, in one file (run by `dovetail report`)."""

import argparse
import os
import sys

import page
import paper
import report_exploration
import report_pair
import report_study


def page_of(what, material):
    if material is not None:
        return report_study.write(what, material)
    if os.path.isdir(what):
        exploration = os.path.join(what, "pareto.csv")
        schema = dict(paper.read_head(exploration)).get("schema", "") if os.path.isfile(exploration) else ""
        if not schema.startswith("dovetail.exploration_front/"):
            raise paper.BadInput(f"{what}: found neither study.db nor the pareto.csv of an exploration, "
                                 "allowed the folder of a study or of an exploration")
        return report_exploration.write(what)
    if dict(paper.read_head(what)).get("schema", "").startswith("dovetail.trials/"):
        return report_study.write(what, None)
    title = report_pair.title(what)
    result = page.Page(f"Dovetail: {title}", "One inference, simulated. Nothing here is fetched from anywhere.")
    result.section("The pair", *report_pair.parts(what))
    return result.html()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", help="a folder or a file of results")
    parser.add_argument("-o", "--output", required=True, help="the page")
    parser.add_argument("--study", help="folder of what the program says of a study")
    args = parser.parse_args()
    try:
        text = page_of(args.what, args.study)
        with open(args.output, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except paper.BadInput as error:
        print(paper.printable(str(error)), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
