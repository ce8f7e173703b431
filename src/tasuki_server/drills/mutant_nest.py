# SPDX-License-Identifier: Apache-2.0
"""変異体の試験 — a process that has loaded what tests load, and forks one child for each mutant.

The child finds the mutant in the module's place and runs the tests that judge it; the first failing one is its end. A
module of the server is judged on a database of its own, copied from a template that was made once.

Run as ``python -m tasuki_server.drills.mutant_nest``: one order a line on stdin, one answer a line on stdout.
"""

from __future__ import annotations

import doctest
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import pkgutil
import signal
import sys
import time
import types
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

import tasuki
from tasuki_server.drills.mutations import KILLED, NO_TEST, SURVIVED, TIMED_OUT, Mutant, mutants

# pytest's own codes: all passed, some failed, interrupted while collecting, internal error, wrong use, nothing ran.
_PASSED, _NOTHING_RAN = 0, 5
# 答えの口: a second name of stdout, because pytest keeps the first for itself.
_ANSWERS = os.dup(1)
_LOADED = ("hypothesis", "yaml", "django.test", "psycopg", "cryptography.fernet")
_SERVED_BY = (
    "asyncpg",
    "django.forms",
    "fido2.webauthn",
    "joserfc.jwk",
    "joserfc.jws",
    "prometheus_client",
    "sqlparse",
)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """変異体の差込み — gives the mutant's code for one module name."""

    def __init__(self, module: str, file: Path, code: types.CodeType) -> None:
        self._module, self._file, self._code = module, file, code

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """モジュールの所在 — see :class:`importlib.abc.MetaPathFinder`."""
        if fullname != self._module:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(self._file))
        spec.has_location = True
        return spec

    def get_code(self, fullname: str) -> types.CodeType:
        """モジュールの中身 — the mutant's; how a module is made of it is the import system's."""
        return self._code

    def get_source(self, fullname: str) -> str:
        """モジュールの文 — as it was before the change."""
        return self._file.read_text(encoding="utf-8")

    def is_package(self, fullname: str) -> bool:
        """パッケージか — never."""
        return False


class Order(msgspec.Struct):
    """試験の注文 — a module, the tests that judge it, and which of its mutants; None asks about the module itself.

    The examples in the module's docstrings judge beside the tests, unless it is to be judged by the tests alone.
    """

    module: str
    file: str
    tests: list[str]
    places: list[int] | None
    longest: float
    needs_database: bool
    with_examples: bool = True


class _Branching:
    """枝分かれ — a pytest plugin: pytest is loaded once, and a child goes on from there for each mutant."""

    def __init__(self, order: Order, planted: Sequence[Mutant | None]) -> None:
        self.order, self.planted = order, planted
        self.is_child = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """収集の前 — the mutant must be there before any test asks for its module."""
        for mutant in self.planted:
            child = os.fork()
            if child == 0:
                self.is_child = True
                os.setpgid(0, 0)
                self._plant(mutant)
                return
            _tell(mutant, *_awaited(child, self.order.longest))
        os._exit(0)

    def _plant(self, mutant: Mutant | None) -> None:
        if self.order.module in sys.modules:
            # Loaded already, so nothing could be planted: told as no test rather than as one that noticed.
            os._exit(_NOTHING_RAN)
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant.module, Path(self.order.file), mutant.code))


def _answer(order: Order) -> None:
    """One line for each mutant; the children write nothing else."""
    file = Path(order.file)
    planted: Sequence[Mutant | None] = [None]
    if order.places is not None:
        found = list(mutants(order.module, file.read_text(encoding="utf-8"), str(file)))
        planted = [found[place] for place in order.places]
    child = os.fork()
    if child == 0:
        if order.needs_database:
            _answer_on_database(order, planted)
        branching = _Branching(order, planted)
        ended = _judge(order, ["-p", "no:django"], branching)
        os._exit(ended if branching.is_child else _NOTHING_RAN)
    os.waitpid(child, 0)


def _answer_on_database(order: Order, planted: Sequence[Mutant | None]) -> NoReturn:
    """Setting Django up loads the rooms, so a mutant must be there before: a whole pytest for each, after what no room is part of."""
    _load_library()
    for mutant in planted:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(mutant.module, Path(order.file), mutant.code))
            os._exit(_judge(order, []))
        _tell(mutant, *_awaited(child, order.longest))
    os._exit(0)


def _load_library() -> None:
    """ライブラリの読込み — once for all mutants of a room; a module that needs what is not installed is left to who asks for it."""
    for name in _SERVED_BY:
        __import__(name)
    for found in pkgutil.walk_packages(tasuki.__path__, "tasuki."):
        if not found.name.endswith("__main__"):
            with suppress(ImportError):
                importlib.import_module(found.name)


def _judge(order: Order, options: Sequence[str], *plugins: object) -> int:
    """pytest's own code, and then whether an example failed."""
    # A file that is gone proves nothing.
    if not all(Path(each.partition("::")[0]).exists() for each in order.tests):
        return _NOTHING_RAN
    quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore", *options]
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        ended = int(pytest.main([*quiet, *order.tests], plugins=list(plugins)))
        if ended == _PASSED and order.with_examples:
            ended = doctest.testmod(importlib.import_module(order.module)).failed
    return ended


def _awaited(child: int, longest: float) -> tuple[str, float]:
    """What became of a child, and the seconds it took; one that does not end is ended."""
    begun = time.monotonic()
    while (taken := time.monotonic() - begun) < longest:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _verdict(status), taken
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT, taken


def _verdict(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return SURVIVED if code == _PASSED else NO_TEST if code == _NOTHING_RAN else KILLED


def _tell(mutant: Mutant | None, verdict: str, seconds: float) -> None:
    told = {"name": mutant.name if mutant else "", "verdict": verdict, "seconds": round(seconds, 2)}
    os.write(_ANSWERS, json.dumps(told, ensure_ascii=False).encode() + b"\n")


def main() -> None:
    """本体 — answers orders until there are none."""
    for name in _LOADED:
        __import__(name)
    for line in sys.stdin:
        _answer(msgspec.json.decode(line, type=Order))


if __name__ == "__main__":
    main()
