"""A page of HTML that is one file: headings, tables that sort, charts. Every text that may come from a
file is escaped here, and no script but the page's own is allowed to run."""

import base64
import hashlib
import html
import pathlib

import paper

HERE = pathlib.Path(__file__)
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<div id="tip"></div>
<header><h1>{title}</h1><p class="note">{subtitle}</p><nav>{links}</nav></header>
"""
FOOT = """<script>{script}</script>
</body>
</html>
"""


def text(value):
    """As it is to be read, whatever stands in it."""
    return html.escape(paper.printable(str(value)), quote=True)


def number(value):
    """Five digits, and none that say nothing; empty where there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, int) or float(value).is_integer() and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:.5g}"


def cell(value):
    if isinstance(value, (int, float)) or value is None:
        return f"<td>{number(value)}</td>"
    return f'<td class="text">{text(value)}</td>'


def table(names, rows, sortable=True):
    """`names`: of the columns, with their units. Numbers stand to the right."""
    if not rows:
        return ""
    texts = [any(isinstance(row[i], str) for row in rows) for i in range(len(names))]
    heads = [f'<th{" class=text" if is_text else ""}>'
             + (f"<button>{text(name)}</button>" if sortable else text(name)) + "</th>"
             for name, is_text in zip(names, texts)]
    body = "\n".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows)
    kind = ' class="sortable"' if sortable else ""
    return (f'<div class="scroll"><table{kind}><thead><tr>{"".join(heads)}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody></table></div>\n")


def facts(pairs):
    """Names and what they are, each a line."""
    rows = "\n".join(f'<tr><th class="text">{text(name)}</th><td class="text">{text(value)}</td></tr>'
                     for name, value in pairs)
    return f'<table class="facts">\n{rows}\n</table>\n'


def paragraph(words, note=False):
    return f'<p{" class=note" if note else ""}>{text(words)}</p>\n'


def key(entries):
    """A legend: (name, colour)."""
    return "<p>" + " ".join(f'<span class="key"><i style="background:{colour}"></i>{text(name)}</span>'
                            for name, colour in entries) + "</p>\n"


def charts(*parts):
    return '<div class="charts">\n' + "\n".join(parts) + "\n</div>\n"


class Page:
    def __init__(self, title, subtitle):
        self.title, self.subtitle = title, subtitle
        self.sections = []

    def section(self, heading, *parts):
        """None where there is nothing to say."""
        body = "".join(part for part in parts if part)
        if body:
            self.sections.append((heading, body))

    def html(self):
        script = HERE.with_name("page.js").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        links = "".join(f'<a href="#s{i}">{text(heading)}</a>'
                        for i, (heading, _) in enumerate(self.sections))
        style = HERE.with_name("page.css").read_text(encoding="utf-8")
        body = "".join(f'<section id="s{i}"><h2>{text(heading)}</h2>\n{content}</section>\n'
                       for i, (heading, content) in enumerate(self.sections))
        return HEAD.format(hash=digest, title=text(self.title), subtitle=text(self.subtitle),
                           style=style, links=links) + body + FOOT.format(script=script)
