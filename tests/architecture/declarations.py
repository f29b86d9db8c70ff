"""Reads what a C++ file declares at namespace scope: types, functions and variables.

No compiler is asked: the text is cut into words, and what stands in brackets is stepped over but
for the bodies of namespaces. Both sides of an #if are read. That is enough for the C++ of this
project, which declares one name a declaration; it is not for all of C++.
"""

import re
import typing

WORD = re.compile(r"""
    (?P<nothing> //[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?:\\\n|[^\n])* )
  | (?P<literal> (?:u8|[uUL])?R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)"
               | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
  | operator\s*(?:\(\s*\)|\[\s*\]) | operator\b[^()\[\]{};]+
  | [A-Za-z_]\w* | [0-9][\w.']* | :: | -> | \S
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

LITERAL = '""'  # stands for any string or character
CLOSING = {"(": ")", "[": "]", "{": "}"}
TYPE_WORDS = {"class", "struct", "union", "enum"}
WITH_ARGUMENT = {"alignas", "decltype"}  # the () behind them hold no parameters
NO_DECLARATION = {"namespace", "static_assert", "typedef", "using", "template"}


class Word(typing.NamedTuple):
    text: str
    place: int  # in the file's text


class Declaration(typing.NamedTuple):
    """What one declaration says of a name."""

    kind: str  # "type", "alias", "function" or "variable"; not defined here: "forward" or "extern"
    name: tuple[str, ...]  # in its parts: a member of a class is ("Class", "member")
    line: int
    scope: tuple[str, ...]  # the namespaces around it; one without a name is ""
    internal: bool  # no other file can mean it
    meaning: str = ""  # of an alias: the words that it stands for


def read_declarations(text):
    """[Declaration] of all that a file declares at namespace scope, in its order."""
    words = [Word(LITERAL if match["literal"] else match[0], match.start())
             for match in WORD.finditer(text) if match["nothing"] is None]
    found = []
    for scope, head in declarations_among(words, ()):
        kind, name, internal = what_is_declared(plain(head))
        if name:
            line = text.count("\n", 0, name[0].place) + 1
            found.append(Declaration(kind, tuple(part.text for part in name), line, scope,
                                     internal or "" in scope,
                                     meaning_of(head) if kind == "alias" else ""))
    return found


def declarations_among(words, scope):
    """(namespaces, words) of each declaration; brackets and what is in them are one word."""
    head, i = [], 0
    while i < len(words):
        text, place = words[i]
        end = bracket_end(words, i) if text in CLOSING else i + 1
        namespaces = namespaces_opened(head) if text == "{" else None
        if namespaces is not None:
            yield from declarations_among(words[i + 1:end - 1], scope + namespaces)
            head = []
        elif text == ";" or text == "{" and ends_at_body(head):
            yield scope, head
            head = []
        else:
            head.append(Word(text + CLOSING.get(text, ""), place))
        i = end


def bracket_end(words, start):
    """The place behind the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(words)):
        text = words[i].text
        if text in CLOSING:
            depth += 1
        elif text in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(words)


def namespaces_opened(head):
    """The names of the namespaces that a { after these words opens; None if it opens none."""
    texts = [word.text for word in head]
    if texts == ["extern", LITERAL]:
        return ()
    if "namespace" not in texts[:2]:
        return None
    return tuple(filter(is_name, texts[texts.index("namespace") + 1:])) or ("",)


def ends_at_body(head):
    """Whether a { after these words opens the body of a function, which no ; follows."""
    texts = [word.text for word in plain(head)]
    initializes_a_member = ":" in texts and is_name(texts[-1])
    return "()" in texts and not initializes_a_member


def is_name(text):
    return text[0].isalpha() or text[0] == "_"


def plain(head):
    """The words of a declaration up to its value, without parameters and arguments of templates."""
    words, depth = [], 0
    for word in head:
        before = words[-1].text if words else ""
        if word.text == "<":
            depth += 1
        elif depth > 0:
            depth -= word.text == ">"
        elif word.text == "()" and before in WITH_ARGUMENT:
            words.pop()
        else:
            words.append(word)
            if word.text == "=":
                break
    of_template = len(head) > 1 and head[0].text == "template" and head[1].text == "<"
    return [word for word in words if not of_template or word.text != "template"]


def what_is_declared(words):
    """(kind, words of the name, whether it is internal by itself); no words if it is nothing."""
    texts = [word.text for word in words]
    if texts[:1] == ["using"] and texts[2:] == ["="]:
        return "alias", words[1:2], False
    if not texts or texts[0] in NO_DECLARATION or texts[:2] == ["extern", "template"]:
        return "forward", [], False
    if texts[0] in TYPE_WORDS and "()" not in texts:
        return "type" if "{}" in texts else "forward", type_name(words), False
    name = declared_name(words)
    before = texts[:words.index(name[0])] if name else []
    if "extern" in before and LITERAL not in before:
        return "extern", name, False
    if "()" in texts:
        return "function", name, "static" in before
    of_pointer = max((i + 1 for i, text in enumerate(before) if text in "*&"), default=0)
    constant = "constexpr" in before or "const" in before[of_pointer:]
    return "variable", name, constant or "static" in before


def meaning_of(head):
    """What stands behind the = of an alias, with what brackets hold left out."""
    texts = [word.text for word in head]
    return " ".join(texts[texts.index("=") + 1:])


def type_name(words):
    """The words of the name behind class, struct, union or enum."""
    name = []
    for i, word in enumerate(words):
        if is_name(word.text) and word.text not in TYPE_WORDS:
            if name and words[i - 1].text != "::":
                break
            name.append(word)
    return name


def declared_name(words):
    """The words of the name of a function or variable: the last one before its parameters or value."""
    name = []
    for i, word in enumerate(words):
        if is_name(word.text):
            is_part = i > 0 and words[i - 1].text in ("::", "~")
            name = name + [word] if is_part else [word]
        elif name and word.text in ("()", "[]", "{}", "="):
            break
    return name
