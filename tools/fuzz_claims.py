# SPDX-License-Identifier: Apache-2.0
"""壊れた請求ファイル — mutated claim files through reader, checks, view and writer: no crash, no hang.

``PYTHONPATH=src:tests python tools/fuzz_claims.py [--count N] [--seed S]`` mutates the made-up files of
the tests knowing their shape (items, records, receipts, bytes, line ends, encodings). Each input must be
read and written back byte for byte within a second of processor time; the process as a whole stays under a memory limit.
An input that fails is written to ``--keep``. One JSON line of figures ends the run; exit 1 on a finding.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from claims import invented_file as made
from tasuki.claims.checks.run import check_file
from tasuki.claims.compare import compare_receipts
from tasuki.claims.reader import read
from tasuki.claims.rewrite import conform, restore
from tasuki.claims.view import receipt_text, receipt_view
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence

_SECONDS = 1.0
_MEMORY = 1 << 30
_ITEMS = (
    b"", b"0", b"-1", b"9" * 400, b"1.5", b"1e9", b"99999999", b"20260231", b"5080632", b"\x81", b"\xff\xfe",
    b"\x82\xa0" * 50, b"\x00", b"\x1a", b'"', b"RE", "①髙".encode("cp932"), "漢".encode(), b"\xef\xbb\xbf",
)  # fmt: skip


def mutate(chance: random.Random, seeds: list[list[bytes]]) -> bytes:
    """One input: some to many steps away from a made-up file."""
    lines = list(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(lines)) if lines else 0
        step = chance.randrange(10)
        if not lines or step == 0:
            lines.insert(at, chance.choice(seeds[0]))
        elif step == 1:
            del lines[at]
        elif step == 2:
            lines[at] = lines[chance.randrange(len(lines))]
        elif step == 3:
            lines[at : at + 1] = [lines[at]] * chance.choice((2, 5, 100))
        elif step == 4:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif step == 5:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif step == 6:
            items = lines[at].split(b",")
            where = chance.randrange(len(items))
            items[where : where + 1] = chance.choice(([], [b"", b""], items[where : where + 1] * 60))
            lines[at] = b",".join(items)
        else:
            items = lines[at].split(b",")
            items[chance.randrange(len(items))] = chance.choice(_ITEMS)
            lines[at] = b",".join(items)
    data = chance.choice((b"\r\n",) * 6 + (b"\n", b"\r", b"\r\r\n")).join(lines)
    if chance.random() < 0.2:
        raw = bytearray(data)
        for _ in range(chance.randrange(1, 9)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        data = bytes(raw)
    if chance.random() < 0.05:
        data = data[: chance.randrange(len(data) + 1)]
    return (
        chance.choice((b"", b"", b"", b"\xef\xbb\xbf"))
        + data
        + chance.choice((b"\x1a", b"\x1a", b"", b"\x1a\r\n"))
    )


def exercise(data: bytes, *, whole: bool) -> None:
    """What every input must survive; ``whole`` adds checks, view, comparison and mending."""
    file = read(data, "x")
    if restore(file) != data:
        raise AssertionError("not written back byte for byte")
    for finding in file.findings:
        sentence(finding)
    if not whole:
        return
    for finding in check_file(file):
        sentence(finding)
    for receipt in file.receipts:
        receipt_text(receipt_view(receipt, file.institution, None))
    if any(compare_receipts(file.receipts, file.receipts)):
        raise AssertionError("a file differs from itself")
    try:
        mended = conform(data, "x")
    except BadInput as refused:
        for finding in refused.findings:
            sentence(finding)
    else:
        if conform(mended, "x") != mended:
            raise AssertionError("mending twice is not mending once")


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError("over the time of one input")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole-every", type=int, default=20, help="checks, view and mending of every n-th")
    parser.add_argument("--keep", type=Path, default=Path("var/fuzz"))
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGVTALRM, _late)
    file = made.file()
    seeds = [made.data()[:-1].splitlines()]
    seeds += [[r.raw.rstrip() for r in (*file.before, *one.records, *file.after)] for one in file.receipts]
    chance = random.Random(args.seed)  # noqa: S311 - no secret
    started, slowest, seen = time.perf_counter(), 0.0, {}
    for number in range(args.count):
        data = mutate(chance, seeds[1:] if number % 10 else seeds)
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
        try:
            exercise(data, whole=number % args.whole_every == 0)
        except Exception as trouble:  # noqa: BLE001 - every kind is a finding
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            frame = traceback.extract_tb(trouble.__traceback__)[-1]
            mark = f"{type(trouble).__name__} {Path(frame.filename).name}:{frame.lineno} {str(trouble)[:80]}"
            if mark not in seen and len(seen) < 200:
                args.keep.mkdir(parents=True, exist_ok=True)
                (args.keep / f"{args.seed}-{number}.UKE").write_bytes(data)
                sys.stderr.write(f"{number}: {mark}\n")
                sys.stderr.flush()
            seen[mark] = seen.get(mark, 0) + 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        slowest = max(slowest, time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {
        "inputs": args.count, "seed": args.seed, "seconds": int(time.perf_counter() - started),
        "slowest_ms": int(slowest * 1000), "peak_mb": peak, "findings": seen,
    }  # fmt: skip
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 1 if seen else 0


if __name__ == "__main__":
    raise SystemExit(main())
