# SPDX-License-Identifier: Apache-2.0
"""大きな請求ファイルの逐次処理 — time and peak memory of the commands over a file of some size; one JSON line each.

``python bench/claims_stream.py [--megabytes N]`` makes a file with our own writer, then runs each command
as a process of its own. Peak memory must not grow with the file: run it with two sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from claims_read import made_up


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--verbs", default="rewrite,diff,read")
    megabytes = (args := parser.parse_args()).megabytes
    block = made_up(2000)
    first, last = block.index(b"\r\n") + 2, block.rindex(b"GO,")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.UKE"
        with path.open("wb") as stream:
            stream.write(block[:first])
            while stream.tell() < megabytes * 1_000_000:
                stream.write(block[first:last])
            stream.write(block[last:])
        verbs = {
            "rewrite": ["rewrite", str(path), "--out", f"{folder}/out.UKE"],
            "diff": ["diff", str(path), str(path)],
            "read": ["read", str(path), "--no-check"],
        }
        for name in args.verbs.split(","):
            _run(name, verbs[name], megabytes)


def _run(name: str, arguments: list[str], megabytes: int) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "tasuki_server.cli", "claims", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    figures = {"seconds": round(time.perf_counter() - started, 1), "peak_mb": used.ru_maxrss // 1024}
    line = {
        "name": f"claims {name}",
        "megabytes": megabytes,
        "exit": os.waitstatus_to_exitcode(status),
        **figures,
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
