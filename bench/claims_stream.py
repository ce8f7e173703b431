# SPDX-License-Identifier: Apache-2.0
"""大きな請求ファイルの逐次処理 — time and peak memory of the commands over a file of some size; one JSON line each.

``python bench/claims_stream.py [--megabytes N] [--verbs rewrite,diff,read] [--one-birthday] [--folder DIR]`` makes a file with our own
writer, then runs each command as a process of its own. Every receipt is another person's: chart numbers differ and
birthdays are spread over the days of many years, as in a real month. Peak memory must not grow with the file: run
it with two sizes, or with all people of one birthday. ``diff`` compares the file with one in which a receipt of every 2,000
has other points.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import IO

from claims_read import made_up

_A_BLOCK = 2000
_BORN = re.compile(rb",19700401,")
_YEARS = 70


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--verbs", default="rewrite,diff,read")
    parser.add_argument("--one-birthday", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the files are made")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        path, other = Path(folder) / "big.UKE", Path(folder) / "other.UKE"
        with path.open("wb") as stream:
            receipts = _fill(stream, args.megabytes * 1_000_000, b"76", is_one_day=args.one_birthday)
        verbs = {
            "rewrite": ["rewrite", str(path), "--out", f"{folder}/out.UKE"],
            "diff": ["diff", str(path), str(other)],
            "read": ["read", str(path), "--no-check"],
        }
        for name in args.verbs.split(","):
            if name == "diff":
                (Path(folder) / "out.UKE").unlink(missing_ok=True)
                with other.open("wb") as stream:
                    _fill(stream, args.megabytes * 1_000_000, b"77", is_one_day=args.one_birthday)
            _run(name, verbs[name], path.stat().st_size // 1_000_000, receipts)


def _fill(stream: IO[bytes], size: int, points: bytes, *, is_one_day: bool) -> int:
    """Blocks of receipts, each block of other people; the first receipt of a block has its own points."""
    block = made_up(_A_BLOCK)
    first, last = block.index(b"\r\n") + 2, block.rindex(b"GO,")
    days = iter([date(1970, 1, 1) + timedelta(days=at * 7 % 365) for at in range(_A_BLOCK)])
    # The year is the block's; the place of the chart number is 0000 and four digits.
    body = block[first:last]
    if not is_one_day:
        body = _BORN.sub(lambda _: b",1970" + next(days).strftime("%m%d").encode() + b",", body)
    body = body.replace(b",,76,1,", b",," + points + b",1,", 1)
    stream.write(block[:first])
    copy = 0
    while stream.tell() < size:
        year = b",1970" if is_one_day else b",%d" % (1935 + copy % _YEARS)
        stream.write(body.replace(b",1970", year).replace(b",0000", b",%04d" % copy))
        copy += 1
    stream.write(block[last:])
    return copy * _A_BLOCK


def _run(name: str, arguments: list[str], megabytes: int, receipts: int) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "tasuki_server.cli", "claims", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    figures = {"seconds": round(time.perf_counter() - started, 1), "peak_mb": used.ru_maxrss // 1024}
    line = {
        "name": f"claims {name}",
        "megabytes": megabytes,
        "receipts": receipts,
        "exit": os.waitstatus_to_exitcode(status),
        **figures,
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
