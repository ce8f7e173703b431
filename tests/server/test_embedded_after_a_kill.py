# SPDX-License-Identifier: Apache-2.0
"""突然の停止の後の起動 — a server that is dead but not buried is no running one, and does not keep the next from starting."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tasuki_server.database import embedded

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")


@pytest.fixture
def unburied():
    """A process that ended and that its parent has not asked about yet."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    while embedded._lives(child.pid):
        time.sleep(0.01)
    os.kill(child.pid, 0)
    yield child.pid
    child.wait()


def door(cluster, process):
    lines = [str(process), str(cluster), "0", "5432", str(cluster), "", "0 0", "ready", ""]
    (cluster / "postmaster.pid").write_text("\n".join(lines))


def test_who_was_killed_serves_nobody(tmp_path, unburied):
    door(tmp_path, os.getpid())
    assert embedded._place_of(tmp_path) is not None
    door(tmp_path, unburied)
    assert embedded._place_of(tmp_path) is None


def test_its_name_is_taken_off_the_door_and_that_of_a_living_one_stays(tmp_path, unburied):
    door(tmp_path, os.getpid())
    embedded._let_the_dead_go(tmp_path)
    assert (tmp_path / "postmaster.pid").exists()
    door(tmp_path, unburied)
    at_the_socket = tmp_path / ".s.PGSQL.5432.lock"
    at_the_socket.write_text(f"{unburied}\n")
    embedded._let_the_dead_go(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists() and not at_the_socket.exists()


def test_the_last_processes_of_the_dead_are_waited_for(tmp_path):
    late = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.6)"], cwd=tmp_path)
    begun = time.monotonic()
    embedded._let_the_dead_go(tmp_path)
    assert not embedded._lives(late.pid) and time.monotonic() - begun < embedded._LEAVING_SECONDS
    late.wait()
