"""Source trees to feed the checks, for their tests."""

import contextlib
import pathlib
import tempfile
import unittest


@contextlib.contextmanager
def source_tree(files):
    """The path of a folder that has these files, {name: text}, for the time of a with statement."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield root


class CheckTest(unittest.TestCase):
    """Tests a check by what it says of changes to a tree that is good."""

    good = {}  # {file: text}
    check = None  # takes the path of the tree and gives messages

    def messages(self, changes=None, without=()):
        files = {name: text for name, text in {**self.good, **(changes or {})}.items()
                 if name not in without}
        with source_tree(files) as root:
            return self.check(root)

    def assert_only(self, expected, changes, without=()):
        found = self.messages(changes, without)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])
