# SPDX-License-Identifier: Apache-2.0
"""作業プロセス — a killed parent leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasuki.kernel.workers import can_share

PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from tasuki.kernel.workers import end_with_parent
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def is_there(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    # One that has ended and was not collected yet is still listed.
    return state != "Z"


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up in /proc")
def test_a_worker_ends_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert is_there(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while is_there(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(worker)


KILLED_SHARING = """
import os, time
from tasuki.kernel.workers import in_order
def told(item):
    print(os.getpid(), flush=True)
    time.sleep(60)
def hold(given):
    given()
if __name__ == "__main__":
    # What cannot be sent to another process is there all the same.
    list(in_order(told, [1, 2], 1, hold, (lambda: None,), is_shared=True))
"""


@pytest.mark.skipif(not can_share(), reason="processes are no copies of one another here")
def test_a_worker_that_shares_ends_with_its_parent_too(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(KILLED_SHARING)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert worker != parent.pid and is_there(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while is_there(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(worker)
