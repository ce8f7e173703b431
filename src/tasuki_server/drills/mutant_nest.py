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
import signal
import sys
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasuki_server.drills.mutations import mutants

KILLED, SURVIVED, TIMED_OUT, NO_TEST = "killed", "survived", "timed_out", "no_test"
# pytest's own codes: all passed, some failed, interrupted while collecting, internal error, wrong use, nothing ran.
_PASSED, _NOTHING_RAN = 0, 5
_LOADED = ("pytest", "hypothesis", "yaml", "django.test", "psycopg", "cryptography.fernet")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """変異体の差込み — gives the mutant's code for one module name."""

    def __init__(self, module: str, file: Path, code: types.CodeType) -> None:
        self._module, self._file, self._code = module, file, code

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """モジュールの所在 — see :class:`importlib.abc.MetaPathFinder`."""
        if fullname != self._module:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._file))

    def exec_module(self, module: types.ModuleType) -> None:
        """モジュールの実行 — of the mutant."""
        module.__file__ = str(self._file)
        exec(self._code, module.__dict__)  # noqa: S102 - the module itself, with one change


def judged(
    module: str, file: Path, code: types.CodeType | None, tests: Sequence[str], longest: float
) -> tuple[str, float]:
    """判定 — what became of a mutant (of the module itself when there is no ``code``), and the seconds it took."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _run_in_child(module, file, code, tests)
    while time.monotonic() - begun < longest:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _verdict(status), time.monotonic() - begun
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT, time.monotonic() - begun


def _verdict(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return SURVIVED if code == _PASSED else NO_TEST if code == _NOTHING_RAN else KILLED


def _run_in_child(module: str, file: Path, code: types.CodeType | None, tests: Sequence[str]) -> None:
    os.setpgid(0, 0)
    # Where a fault leads to a loop that takes memory, it ends itself and not the machine.
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    if code is not None:
        sys.meta_path.insert(0, _Finder(module, file, code))
    import pytest

    # A file that is gone counts as no proof: told apart from a mutant that tests refuse.
    if not all(Path(each.partition("::")[0]).exists() for each in tests):
        os._exit(_NOTHING_RAN)
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore"]
    ended = int(pytest.main([*options, *tests]))
    if ended == _PASSED:
        # Examples in the module's own docstrings run with the tests, so they judge as well.
        ended = doctest.testmod(importlib.import_module(module)).failed
    os._exit(ended)


def _answers(order: dict[str, Any]) -> Any:
    module, file = order["module"], Path(order["file"])
    found = list(mutants(module, file.read_text(encoding="utf-8"), str(file)))
    if order["places"] is None:
        verdict, seconds = judged(module, file, None, order["tests"], order["longest"])
        yield {"verdict": verdict, "seconds": round(seconds, 2)}
        return
    for place in order["places"]:
        mutant = found[place]
        verdict, seconds = judged(module, file, mutant.code, order["tests"], order["longest"])
        yield {"name": mutant.name, "verdict": verdict, "seconds": round(seconds, 2)}


def main() -> None:
    """本体 — answers orders until there are none."""
    for name in _LOADED:
        __import__(name)
    for line in sys.stdin:
        for answer in _answers(json.loads(line)):
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
