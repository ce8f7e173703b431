# SPDX-License-Identifier: Apache-2.0
"""壊れた請求ファイル — mutated claim files of every kind through every reader and writer: no crash, no hang, nothing lost.

``PYTHONPATH=src:tests python tools/fuzz_claims.py [--count N] [--seed S] [--workers W] [--resume]`` mutates made-up
files of 医科, 歯科, 調剤, DPC, 訪問看護, returns (HEN, SAH), 増減点連絡書, 受付結果 and 振込額, knowing their shape. What each
must survive is in ``tests/claims/exercises.py``: every input its reader and writer, some the checks, views, mending, reading
in drops, columns and commands. An input has a second of processor time, a process a limit of memory.

Inputs go in blocks, each with a seed of its own, so that a run stopped goes on with ``--resume`` and any block can be
had again with ``--block``. An input that fails is written to ``--keep``. Progress is on stderr; one JSON line of figures ends
the run; exit 1 on a finding.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from claims import exercises, mutations
from tasuki.kernel.workers import end_with_parent

BLOCK = 2_000
_SECONDS = 1.0
# A hang that no Python signal handler can end ends the process, and with it the run.
_HANG_SECONDS = 60.0
_MEMORY = 2 << 30
_MOST_KEPT = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--full-every", type=int, default=20, help="checks, views, mending and drops of every n-th"
    )
    parser.add_argument("--columns-every", type=int, default=20, help="columns against objects of every n-th")
    parser.add_argument("--commands-every", type=int, default=400, help="the commands over every n-th")
    parser.add_argument("--keep", type=Path, default=Path("var/fuzz"))
    parser.add_argument("--resume", action="store_true", help="go on after the blocks that are done")
    parser.add_argument("--block", type=int, help="this block alone")
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    plan = {name: value for name, value in vars(args).items() if name.endswith("_every") or name == "seed"}
    numbers = [args.block] if args.block is not None else list(range(-(-args.count // BLOCK)))
    total = Figures(args.keep / f"progress-{args.seed}.json", plan)
    if args.resume:
        total.load()
    total.begin([number for number in numbers if number not in total.blocks], len(numbers))
    try:
        for figures in _done(total.waiting, plan, args):
            total.add(figures)
    except BrokenProcessPool:
        sys.stderr.write(f"a process died in one of the blocks {total.running(args.workers)}\n")
        return 1
    sys.stdout.write(json.dumps(total.told(), ensure_ascii=False) + "\n")
    return 1 if total.findings else 0


class Figures:
    """What was done so far, kept beside the inputs so that a run goes on."""

    def __init__(self, path: Path, plan: dict[str, int]) -> None:
        self.path, self.plan = path, plan
        self.blocks: set[int] = set()
        self.kinds: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.slowest_ms = self.peak_mb = 0
        self.seconds = 0.0
        self.waiting: list[int] = []

    def load(self) -> None:
        if not self.path.exists():
            return
        kept = json.loads(self.path.read_text("utf-8"))
        if kept["plan"] != self.plan:
            raise SystemExit("the run to go on with had other numbers")
        self.blocks = set(kept["blocks"])
        self.kinds, self.asked = Counter(kept["kinds"]), Counter(kept["asked"])
        self.findings = Counter(kept["findings"])
        self.slowest_ms, self.peak_mb, self.seconds = kept["slowest_ms"], kept["peak_mb"], kept["seconds"]

    def begin(self, waiting: list[int], blocks: int) -> None:
        self.waiting, self.total = waiting, blocks
        self._begun = self._told = time.perf_counter()
        self._before = len(self.blocks)

    def running(self, workers: int) -> list[int]:
        return [number for number in self.waiting if number not in self.blocks][: workers * 2]

    def add(self, figures: dict[str, Any]) -> None:
        self.blocks.add(figures["block"])
        for name in ("kinds", "asked", "findings"):
            getattr(self, name).update(figures[name])
        self.slowest_ms = max(self.slowest_ms, figures["slowest_ms"])
        self.peak_mb = max(self.peak_mb, figures["peak_mb"])
        now = time.perf_counter()
        if now - self._told < 5 and len(self.blocks) < self.total:
            return
        spent, self._told = now - self._begun, now
        rate = (len(self.blocks) - self._before) * BLOCK / spent
        left = (self.total - len(self.blocks)) * BLOCK / rate
        kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(self.kinds.items()))
        sys.stderr.write(
            f"{sum(self.kinds.values()):,} of {self.total * BLOCK:,} inputs, {rate:,.0f}/s, {left / 60:.0f} min left, "
            f"{sum(self.findings.values())} findings of {len(self.findings)} marks, slowest {self.slowest_ms} ms, "
            f"{self.peak_mb} MB; {kinds}\n"
        )
        sys.stderr.flush()
        part = self.path.with_suffix(".part")
        part.write_text(
            json.dumps({"plan": self.plan, "blocks": sorted(self.blocks), **self.told()}), "utf-8"
        )
        part.replace(self.path)

    def told(self) -> dict[str, Any]:
        spent = self.seconds + time.perf_counter() - self._begun
        return {
            "inputs": sum(self.kinds.values()), "seed": self.plan["seed"], "seconds": int(spent),
            "slowest_ms": self.slowest_ms, "peak_mb": self.peak_mb, "kinds": dict(self.kinds),
            "asked": dict(self.asked), "findings": dict(self.findings),
        }  # fmt: skip


def _done(numbers: list[int], plan: dict[str, int], args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    # Spawned, so that the limits are of the workers alone, and few at a time, so that a broken one is known.
    waiting = iter(numbers)
    with ProcessPoolExecutor(args.workers, mp_context=get_context("spawn"), initializer=limit) as pool:
        running: set[Future[dict[str, Any]]] = set()
        while True:
            while len(running) < args.workers * 2 and (number := next(waiting, None)) is not None:
                running.add(pool.submit(block, number, plan, str(args.keep)))
            if not running:
                return
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            for each in ready:
                yield each.result()


def limit() -> None:
    """The memory of this process, and what ends an input that takes too long."""
    end_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGVTALRM, _late)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError("over the time of one input")


def block(number: int, plan: dict[str, int], keep: str) -> dict[str, Any]:
    """One block of inputs, from its own seed."""
    chance = random.Random(f"{plan['seed']}/{number}")  # noqa: S311 - no secret
    kinds: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    slowest = 0.0
    for at in range(number * BLOCK, (number + 1) * BLOCK):
        kind = mutations.chosen_kind(chance)
        data = mutations.mutate(chance, kind)
        kinds[kind] += 1
        for name in _names(at, plan):
            begun = time.process_time()
            trouble = _ask(name, kind, data)
            slowest = max(slowest, time.process_time() - begun)
            asked[name] += 1
            if trouble:
                mark = f"{kind} {name}: {trouble}"
                if mark not in found and len(found) < _MOST_KEPT:
                    (Path(keep) / f"{plan['seed']}-{at}-{kind}.UKE").write_bytes(data)
                    sys.stderr.write(f"{at}: {mark}\n")
                    sys.stderr.flush()
                found[mark] += 1
    return {
        "block": number, "kinds": dict(kinds), "asked": dict(asked), "findings": dict(found),
        "slowest_ms": int(slowest * 1000), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _names(at: int, plan: dict[str, int]) -> Iterator[str]:
    full, columns, commands = plan["full_every"], plan["columns_every"], plan["commands_every"]
    yield "full" if full and at % full == 0 else "light"
    if columns and at % columns == columns // 2:
        yield "columns"
    if commands and at % commands == commands // 4:
        yield "commands"


def _ask(name: str, kind: str, data: bytes) -> str:
    signal.setitimer(signal.ITIMER_PROF, _HANG_SECONDS)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        if name in ("light", "full"):
            getattr(exercises, name)(kind, data)
        else:
            getattr(exercises, name)(data)
    except Exception as trouble:  # noqa: BLE001 - every kind is a finding
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        frame = traceback.extract_tb(trouble.__traceback__)[-1]
        return f"{type(trouble).__name__} {Path(frame.filename).name}:{frame.lineno} {str(trouble)[:80]}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


if __name__ == "__main__":
    # Libraries that make a thread a core reserve memory for each.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
    raise SystemExit(main())
