"""The process that answers: `dovetail evaluate`, JSON lines in and out."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

Answer = Dict[str, Any]


class DovetailError(Exception):
    """The program said that something cannot be done; the message is the program's."""


def find_program(program: Optional[str] = None) -> str:
    """The dovetail program: as given, $DOVETAIL_PROGRAM, on PATH, or in build/ of the sources."""
    named = program or os.environ.get("DOVETAIL_PROGRAM")
    sources = pathlib.Path(__file__).resolve().parents[2]
    built = [str(sources / "build" / preset / "cli" / "dovetail") for preset in ("native", "release")]
    for candidate in [named] if named else [shutil.which("dovetail"), *built]:
        if candidate and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise DovetailError(f"{named}: no such program" if named else
                        "the dovetail program was not found: put it on PATH or name it in $DOVETAIL_PROGRAM")


def _plain(value: Any) -> Any:
    """What JSON has, of a path or of a number or array of NumPy."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise DovetailError(f"found {value!r}, a {type(value).__name__}; allowed is what JSON has: "
                        "texts, numbers, lists and dicts")


class LineProcess:
    """A dovetail process that answers each line of JSON with one."""

    def __init__(self, command: Sequence[str], folder: Optional[str] = None) -> None:
        self._messages = tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=self._messages, cwd=folder, encoding="utf-8")
        self._lock = threading.Lock()
        self.closed = False
        self.said = ""  # on standard error, once it has ended

    @property
    def running(self) -> bool:
        """Whether it can still be asked."""
        return not self.closed and self._process.poll() is None

    def ask(self, requests: Iterable[Mapping[str, Any]]) -> List[Answer]:
        """One answer for each request, in their order. If that is interrupted (Ctrl-C), the process is
        ended: what it still answers must not be taken for answers to later requests."""
        lines = [json.dumps(request, default=_plain) for request in requests]
        if not lines:
            return []
        with self._lock:
            if self.closed:
                raise DovetailError("it is closed, and cannot be asked any more")
            try:
                return self._exchange(lines)
            except BaseException:
                self._process.kill()
                self._process.wait()
                raise

    def _exchange(self, lines: Sequence[str]) -> List[Answer]:
        # Written beside the reading: else both processes wait, each for the other to read.
        writer: Optional[threading.Thread] = None
        if len(lines) > 1:
            writer = threading.Thread(target=self._write, args=(lines,), daemon=True)
            writer.start()
        else:
            self._write(lines)
        answers = [self._read() for _ in lines]
        if writer:
            writer.join()
        return answers

    def _write(self, lines: Sequence[str]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write("\n".join(lines) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # what ended it is told by who reads

    def _read(self) -> Answer:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise DovetailError(self.last_words() or "the dovetail process has ended")
        answer: Answer = json.loads(line)
        return answer

    def last_words(self) -> str:
        """What the process has said on standard error, without the program's name before it."""
        self._messages.seek(0)
        said = self._messages.read().strip()
        return said[len("dovetail: "):] if said.startswith("dovetail: ") else said

    def close(self) -> int:
        """Ends the process, and returns its exit status."""
        self.closed = True
        if self._process.stdin and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass
        status = self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        if not self._messages.closed:
            self.said = self.last_words()
            self._messages.close()
        return status


class Client:
    """Asks a `dovetail evaluate` process of its own, from any number of threads. If a call is interrupted,
    or the process ends, the next call starts another.

    program:  the dovetail program; else it is looked for (find_program())
    workers:  processes that simulate; else one a processor
    accuracy: the accuracy source of requests that name none, with the keys of a study
    trust:    whether accuracy sources may run programs
    folder:   where relative paths count from; else the current folder
    """

    def __init__(self, program: Optional[str] = None, *, workers: Optional[int] = None,
                 accuracy: Optional[Mapping[str, Any]] = None, trust: bool = False,
                 folder: Optional[str] = None) -> None:
        command = [find_program(program), "evaluate"]
        if workers is not None:
            command += ["--workers", str(workers)]
        if accuracy is not None:
            command += ["--accuracy", json.dumps(dict(accuracy))]
        if trust:
            command += ["--trust"]
        self._command, self._folder = command, folder
        self._process = LineProcess(command, folder)
        self._starting = threading.Lock()
        self._ids = itertools.count(1)

    def ask(self, requests: Iterable[Mapping[str, Any]]) -> List[Answer]:
        """Answers of docs/evaluate.md, one for each request; wrong ones have the status invalid."""
        with self._starting:
            if not self._process.closed and not self._process.running:
                self._process.close()
                self._process = LineProcess(self._command, self._folder)
            process = self._process
        return process.ask(requests)

    def ask_one(self, request: Mapping[str, Any]) -> Answer:
        """The answer to a request; raises DovetailError if the request is wrong."""
        answer = self.ask([{**request, "id": next(self._ids)}])[0]
        if answer["status"] == "invalid":
            raise DovetailError(without_line(answer["reason"]))
        return answer

    def close(self) -> None:
        """Ends the process; the client cannot be asked after that."""
        self._process.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def without_line(reason: str) -> str:
    """A message without "line 3: ": nobody wrote the line."""
    head, separator, rest = reason.partition(": ")
    return rest if separator and head.startswith("line ") and head[5:].isdigit() else reason


_default: Optional[Client] = None


def default_client() -> Client:
    """The client of everything that names none; its process is started when it is first needed."""
    global _default
    if _default is None:
        _default = Client()
        atexit.register(_default.close)
    return _default
