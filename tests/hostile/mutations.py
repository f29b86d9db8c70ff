"""Ways to spoil a file. Each returns (bytes, what, invalid): `invalid` if it must be refused."""

import json
import os
import re
import sqlite3
import tempfile

HOSTILE_VALUES = ["-1", "0", "1e400", "-1e400", "nan", ".inf", "null", "~", "[]", "{}", '""', "abc", "04",
                  "0x10", "1_000", "999999999999", "18446744073709551616", "9" * 400, "true", "!!binary x",
                  "*a", "&a b", "'" + "x" * 5000 + "'", '"\\x1b[31m"', '"a\\nb"', "../../etc/passwd",
                  "/dev/zero", "1e-320", "2147483647", "-0", "0.5", "[1, 2]", "{a: 1}", "$k", "%s%n"]


def flipped(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1:], f"bit of byte {at}"


def truncated(data, rng):
    at = rng.randrange(len(data))
    return data[:at], f"cut at {at}"


def overwritten(data, rng):
    at = rng.randrange(len(data))
    junk = rng.choice([b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7, rng.randbytes(8)])
    return data[:at] + junk + data[at + len(junk):], f"{junk.hex()} at {at}"


def spliced(data, rng):
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    at = rng.randrange(len(data))
    return data[:at] + data[a:b][:4096] + data[at:], f"{a} to {b} again at {at}"


def raw_bytes(data, rng):
    return rng.choice([flipped, truncated, overwritten, spliced])(data, rng)


def lines_of(data):
    return data.decode("utf-8", "replace").split("\n")


def misspelt_key(data, rng):
    """An x behind a key, of which no schema knows."""
    text = data.decode()
    places = [m for m in re.finditer(r"(?m)([A-Za-z_][A-Za-z0-9_]*)(?=:)", text)
              if "#" not in text[text.rfind("\n", 0, m.start()) + 1:m.start()]
              and '"' not in text[text.rfind("\n", 0, m.start()) + 1:m.start()]]
    at = rng.choice(places)
    return (text[:at.end()] + "x" + text[at.end():]).encode(), f"key {at.group()}x", True


def replaced_value(data, rng):
    lines = lines_of(data)
    places = [i for i, line in enumerate(lines) if re.search(r"[:,=] ?[^ ]", line.split("#")[0])]
    i = rng.choice(places)
    spots = list(re.finditer(r"(?<=[:,=\[ ])[^\s:,=\[\]{}#]+", lines[i].split("#")[0]))
    value = rng.choice(HOSTILE_VALUES)
    if not spots:
        return data, "nothing", False
    spot = rng.choice(spots)
    lines[i] = lines[i][:spot.start()] + value + lines[i][spot.end():]
    return "\n".join(lines).encode(), f"line {i + 1}: {value[:30]} for {spot.group()}", False


def changed_lines(data, rng):
    lines = lines_of(data)
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(4)
    if how == 0:
        del lines[i]
    elif how == 1:
        lines.insert(j, lines[i])
    elif how == 2:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = " " * rng.randrange(9) + lines[i].strip()
    return "\n".join(lines).encode(), f"lines {i + 1} and {j + 1}, way {how}", False


def large_or_odd(data, rng):
    """Whole files that are none."""
    odd = {
        "empty": b"", "NUL": b"\0" * 100, "not UTF-8": b"\xff\xfe" + data, "deep": b"[" * 100000,
        "deep map": b"a: " * 5000 + b"1", "one long line": b"x" * 1000000,
        "aliases": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
            f"b{i}: &b{i} [{','.join([f'*b{i - 1}' if i else '*a'] * 9)}]\n".encode() for i in range(9)),
        "many keys": "".join(f"k{i}: {i}\n" for i in range(20000)).encode(),
        "a control character": b"\x1b[2J" + data,
    }
    name = rng.choice(sorted(odd))
    return odd[name], name, True


def text_file(data, rng):
    how = rng.random()
    if how < 0.5:
        return replaced_value(data, rng)
    if how < 0.65:
        return changed_lines(data, rng)
    if how < 0.75:
        return large_or_odd(data, rng)
    return (*raw_bytes(data, rng), False)


def yaml_file(data, rng):
    return misspelt_key(data, rng) if rng.random() < 0.25 else text_file(data, rng)


NULL_ALLOWED = r"\.(single|pairs)\.\d+\.\d+\.\d+$"  # a coefficient that no network showed


def json_file(data, rng):
    """A value of the document is another one; where a null is none that is allowed it is refused."""
    if rng.random() < 0.4:
        return (*raw_bytes(data, rng), False)
    document = json.loads(data)
    places = []

    def visit(value, path):
        for key in (value if isinstance(value, dict) else range(len(value))):
            places.append((value, key, f"{path}.{key}"))
            if isinstance(value[key], (dict, list)):
                visit(value[key], f"{path}.{key}")

    visit(document, "")
    holder, key, path = rng.choice(places)
    value = rng.choice([None, None, -1, 1e308, "", "x" * 3000, [], {}, True, 2**70, "\x1b[2J", [[1]]])
    same = holder[key] == value
    holder[key] = value
    return json.dumps(document).encode(), f"{path} = {str(value)[:20]}", value is None and not same and not re.match(NULL_ALLOWED, path)


def fnv1a64(data):
    state = 0xcbf29ce484222325
    for byte in data:
        state = ((state ^ byte) * 0x100000001b3) & 0xffffffffffffffff
    return state


def sealed_file(data, rng):
    """HDF5: as it is the seal tells; with a seal that fits the reader has to."""
    body = data[512:]
    if rng.random() < 0.3:
        spoilt, what = raw_bytes(data, rng)
        at = next((i for i, (a, b) in enumerate(zip(spoilt, data)) if a != b), len(spoilt))
        return spoilt, what, spoilt != data and at < len(data)
    spoilt, what = raw_bytes(body, rng)
    schema = data[:data.index(b" ")]
    seal = schema + f" bytes={len(spoilt)} fnv1a64={fnv1a64(spoilt):016x}\n".encode()
    return seal.ljust(512, b"\0") + spoilt, what + ", sealed again", False


SQL = ["DELETE FROM trials WHERE id = {i}", "DELETE FROM trials", "DELETE FROM trial_checksums",
       "UPDATE trials SET run = run + 1", "UPDATE trials SET id = id + 10", "DROP TABLE figures",
       "UPDATE trials SET number = number + 1", "UPDATE trials SET choices = '[99,99,99]' WHERE id = {i}",
       "UPDATE trials SET choices = 'null' WHERE id = {i}", "UPDATE trials SET status = '' WHERE id = {i}",
       "UPDATE trial_figures SET value = -1 WHERE trial = {i}", "DELETE FROM trial_figures",
       "UPDATE trial_figures SET value = 9e999 WHERE trial = {i}", "UPDATE facts SET value = ''",
       "UPDATE facts SET value = replace(value, 'random', 'nsga2')", "DELETE FROM facts",
       "UPDATE runs SET seed = 'x'", "UPDATE runs SET seed = 99999999999999999999999", "DELETE FROM runs",
       "UPDATE decisions SET choices = '['", "UPDATE decisions SET choice_values = '[null]'",
       "DELETE FROM decisions", "UPDATE trials SET reward = 5 WHERE id = {i}", "PRAGMA user_version = 4000",
       "CREATE VIEW v AS SELECT 1", "CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
       "UPDATE trials SET step = 1 WHERE id = {i}", "UPDATE trials SET stage = 'x' WHERE id = {i}",
       "UPDATE trials SET reason = printf('%.*c', 3000000, 'x') WHERE id = {i}", "PRAGMA application_id = 1",
       "DELETE FROM figures WHERE figure = 1", "UPDATE figures SET key = '' WHERE figure = 2"]


def database(data, rng):
    if rng.random() < 0.5:
        return (*raw_bytes(data, rng), False)
    sql = rng.choice(SQL).format(i=rng.randrange(1, 7))
    handle, name = tempfile.mkstemp()
    try:
        os.write(handle, data)
        os.close(handle)
        connection = sqlite3.connect(name)
        try:
            with connection:
                connection.execute(sql)
        except sqlite3.IntegrityError:  # the store itself does not allow it
            return data, sql, False
        finally:
            connection.close()
        with open(name, "rb") as file:
            return file.read(), sql, True
    finally:
        os.remove(name)


def onnx_file(data, rng):
    spoilt, what = raw_bytes(data[:], rng)
    return spoilt, what, False


def request_file(data, rng):
    """What is wrong with one request is told in its answer, and is no failure of the whole."""
    spoilt, what, _ = text_file(data, rng)
    return spoilt, what, False


OF_SUFFIX = {".yaml": yaml_file, ".csv": text_file, ".json": json_file, ".jsonl": request_file,
             ".h5": sealed_file, ".db": database, ".onnx": onnx_file}
