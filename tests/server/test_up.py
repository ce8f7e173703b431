# SPDX-License-Identifier: Apache-2.0
"""起動 — `up` as a user starts it: it serves, it stops on every signal, and it leaves no process."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data():
    folder = Path(tempfile.mkdtemp(prefix="tasuki up ")) / "a folder with spaces"
    folder.parent.chmod(0o755)
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


def environment(data) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TASUKI_", "DJANGO_"))}
    return kept | {
        "PYTHONPATH": str(ROOT / "src"),
        "TASUKI_HOME": str(ROOT),
        "TASUKI_DATA": str(data),
        "TASUKI_DEMO_PEOPLE": "12",
        "TASUKI_WEB_PROCESSES": "2",
        "LANG": "C.UTF-8",
    }


def tasuki(data, *words, given=(), **options):
    command = [sys.executable, "-m", "tasuki_server.cli", *words]
    return subprocess.run(
        command, env=environment(data) | dict(given), capture_output=True, text=True, timeout=240, **options
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(data) -> list[str]:
    """Command lines and environments that name this data folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes() + (each / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in words and int(each.name) != os.getpid():
            found.append((each / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def wait_for_none(data) -> list[str]:
    deadline = time.monotonic() + 20
    while processes_of(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    return processes_of(data)


class Up:
    """One running `up`."""

    def __init__(self, data) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tasuki_server.cli", "up", "--port", str(self.port)],
            env=environment(data),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def lines_until(self, word: str) -> list[str]:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if word in line:
                return lines
        raise AssertionError("".join(lines))

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=20) as answer:
            return answer.read().decode()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see what is left")
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_up_serves_and_leaves_nothing(data, with_signal):
    """SIGTERM ends the one that was reloaded, below."""
    up = Up(data)
    lines = up.lines_until("Ctrl-C")
    try:
        assert any(f"http://localhost:{up.port}/" in line for line in lines)
        assert "サインイン" in up.page()
        code = tasuki(data, "demo", "code", "doctor")
        assert code.returncode == 0 and code.stdout.strip().isdecimal() and len(code.stdout.strip()) == 6
        assert len(processes_of(data)) >= 3
    finally:
        up.process.send_signal(with_signal)
        up.process.wait(timeout=60)
    if with_signal is not signal.SIGKILL:
        assert up.process.returncode == 0
    assert wait_for_none(data) == []


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel tells a child of its parent's end"
)
def test_a_page_server_that_is_killed_leaves_nobody_at_its_door(data):
    """Its processes would go on accepting from the socket, without `up` and without a database."""
    up = Up(data)
    up.lines_until("Ctrl-C")
    try:
        workers = workers_of(data)
        stat = Path(f"/proc/{workers[0]}/stat").read_text()
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
        assert up.process.wait(timeout=60) != 0 and len(workers) == 2
        assert wait_for_none(data) == []
    finally:
        up.process.kill()
        for each in workers_of(data):
            os.kill(each, signal.SIGKILL)


@pytest.fixture(scope="module")
def running(data):
    """One `up` for two tests; the second ends it."""
    up = Up(data)
    up.lines_until("Ctrl-C")
    yield up
    up.process.terminate()
    up.process.wait(timeout=60)


def test_the_web_server_is_not_told_of_the_owner(data, running):
    pages = [each for each in Path("/proc").glob("[0-9]*") if _is_web_of(each, data)]
    assert pages
    for each in pages:
        assert b"TASUKI_OWNER_DATABASE_URL" not in (each / "environ").read_bytes()


@pytest.mark.parametrize(
    ("path", "token"),
    [
        ("/platform/v1/eligibility/messages", "tskp_" + "x" * 43),
        ("/receiving/v1/files", "tskr_" + "x" * 43),
    ],
)
def test_every_door_of_the_first_generation_knows_its_database(running, path, token):
    """It was loaded before there was one. Whether a token is anybody's, only the database can tell (the API is asked below)."""
    assert [answer_of(running, "POST", path, f"Bearer {token}")[0] for _ in range(4)] == [401] * 4


def test_two_processes_serve_as_one(data, running):
    """A limit and the figures are of both; one that is killed is made again while the other serves."""
    up = running
    # Over connections of their own, so that both are asked.
    told = [answer_of(up, "POST", "/api/calculation/v1/calculate", "Bearer tsk_wrong") for _ in range(14)]
    assert [status for status, _ in told] == [401] * 10 + [429] * 4
    figures = figures_of(up)
    assert figures["tasuki_web_processes"] == 2
    assert figures['tasuki_answers_total{room="api",status="4xx"}'] == 14
    doomed, other = sorted(workers_of(data))
    os.kill(doomed, signal.SIGKILL)
    assert [answer_of(up, "GET", "/healthz")[0] for _ in range(20)] == [200] * 20
    deadline = time.monotonic() + 60
    while figures_of(up)["tasuki_web_processes"] < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert figures_of(up)["tasuki_web_processes"] == 2
    assert other in workers_of(data) and doomed not in workers_of(data)


def answer_of(up, method, path, token="") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", up.port, timeout=20)
    connection.request(method, path, headers={"Authorization": token} if token else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def figures_of(up) -> dict[str, float]:
    lines = answer_of(up, "GET", "/metrics")[1].splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def workers_of(data) -> list[int]:
    """Those of the page server's processes that serve: children of its first one."""
    every = {int(each.name) for each in Path("/proc").glob("[0-9]*") if _is_web_of(each, data)}
    parents = {pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in every}
    return [pid for pid, parent in parents.items() if parent in every]


def _is_web_of(each: Path, data) -> bool:
    try:
        return (
            b"page_server" in (each / "cmdline").read_bytes()
            and str(data).encode() in (each / "environ").read_bytes()
        )
    except OSError:
        return False


def test_the_first_pages_load_without_a_database_and_end_when_nobody_tells_them_of_one(monkeypatch):
    """A database that comes back from a sudden end and the pages that will use it need not wait for each other."""
    from tasuki_server.operations.generations import Pages, take_port

    monkeypatch.setenv("TASUKI_APP_DATABASE_URL", "host=of-another-house")
    pages = Pages(take_port("127.0.0.1", 0))
    pages.begin_next()
    coming = pages.next
    try:
        assert b"of-another-house" not in Path(f"/proc/{coming.process.pid}/environ").read_bytes()
        assert not coming.is_ready() and not coming.has_failed()
        coming.process.stdin.close()
        assert coming.process.wait(timeout=60) == 0
        assert coming.has_failed() and not coming.is_ready()
    finally:
        pages.end()
        pages.end()
    assert pages.next is None


def test_a_reload_serves_the_version_that_asks_and_drops_nobody(data, running, tmp_path):
    """The new version lies in a folder of its own; the process that runs keeps what it was started from."""
    (tmp_path / "src").symlink_to(ROOT / "src")
    version = {"TASUKI_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "src")}
    up = running
    try:
        before = {each.name for each in Path("/proc").glob("[0-9]*") if _is_web_of(each, data)}
        kept = http.client.HTTPConnection("127.0.0.1", up.port, timeout=20)
        kept.request("GET", "/healthz")
        assert kept.getresponse().read() == b"ok\n"
        done = tasuki(data, "reload", "--format", "json", given=version)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) | {"seconds": 0} == {"migrations": [], "generation": 2, "seconds": 0}
        after = {each.name for each in Path("/proc").glob("[0-9]*") if _is_web_of(each, data)}
        assert before and after and not before & after
        assert all(
            f"TASUKI_HOME={tmp_path}".encode() in Path(f"/proc/{each}/environ").read_bytes() for each in after
        )
        assert "サインイン" in up.page()
    finally:
        up.process.terminate()
        up.process.wait(timeout=60)
    assert up.process.returncode == 0
    assert wait_for_none(data) == []
    alone = tasuki(data, "reload")
    assert alone.returncode == 2 and "何も動いていません" in alone.stderr


def test_a_busy_port_is_said_and_nothing_is_started(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = tasuki(data, "up", "--port", str(port))
    assert done.returncode == 2
    assert (
        f"ポート {port} は、ほかのプログラムが使っています" in done.stderr
        and f"--port {port + 1}" in done.stderr
    )
    assert processes_of(data) == []


def test_demo_codes_are_for_demo_users_only(data):
    opened = tasuki(
        data, "institution", "open", "--code", "9990099", "--prefecture", "01", "--name", "きた町医院",
        "--admin", "kita", "--admin-name", "北 のぞみ",
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    assert "登録コード" in opened.stdout and "最初のパスワード" in opened.stdout
    refused = tasuki(data, "demo", "code", "kita")
    assert refused.returncode == 2 and "お試し用の利用者ではありません" in refused.stderr
    again = tasuki(
        data, "institution", "open", "--code", "9990098", "--prefecture", "01", "--name", "きた町医院",
        "--admin", "KITA", "--admin-name", "北 のぞみ",
    )  # fmt: skip
    assert again.returncode == 2 and "使われています" in again.stderr
    listed = tasuki(data, "institution", "list")
    assert "01-9990099 きた町医院" in listed.stdout and "9990098" not in listed.stdout


def test_staff_are_added_and_lost_devices_taken_away(data):
    words = (
        "staff",
        "add",
        "hoshi",
        "--institution",
        "01-9990099",
        "--name",
        "星 ひかる",
        "--role",
        "doctor",
    )
    assert tasuki(data, *words).returncode == 0
    assert tasuki(data, "staff", "enrol", "doctor").returncode == 2, "the demo doctor has a factor"
    assert "登録コード" in tasuki(data, "staff", "enrol", "hoshi").stdout
    assert "登録コード" in tasuki(data, "staff", "reset", "hoshi").stdout
    assert tasuki(data, "staff", "enrol", "nobody").returncode == 2
    verified = tasuki(data, "audit", "verify", "--format", "json")
    assert verified.returncode == 0 and '"breaks": []' in verified.stdout


def test_a_full_disk_is_said(data, monkeypatch):
    from tasuki_server.cli.words import Stop
    from tasuki_server.database import embedded

    monkeypatch.setattr(shutil, "disk_usage", lambda _: types.SimpleNamespace(free=10_000_000))
    with pytest.raises(Stop) as stopped:
        embedded.check_free_space(data)
    assert "残り 9 MB" in stopped.value.japanese


def test_an_interrupted_demo_is_made_again_whole(monkeypatch, django_db_blocker):
    """But never when a real institution lives in the same database."""
    from tasuki_server import demo
    from tasuki_server.cli import up
    from tasuki_server.database.session import connected
    from tasuki_server.demo import CLINICS
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import open_institution

    folder = Path(tempfile.mkdtemp(prefix="tasuki-again-"))
    folder.chmod(0o755)
    monkeypatch.setenv("TASUKI_DATA", str(folder))
    calls = []

    def interrupted(progress):
        open_institution(CLINICS[0].id, code="9990010", prefecture="13", name="途中", is_demo=True)
        raise KeyboardInterrupt

    def whole(progress):
        calls.append(Institution.objects.using("owner").count())

    try:
        with django_db_blocker.unblock(), connected(with_owner=True):
            monkeypatch.setattr(demo, "ensure_demo", interrupted)
            with pytest.raises(KeyboardInterrupt):
                up._prepare(with_demo=True, may_start_over=True)
            monkeypatch.setattr(demo, "ensure_demo", whole)
            up._prepare(with_demo=True, may_start_over=True)
            assert calls == [0], "the half-made clinic is gone"
            assert not (folder / "demo-unfinished").exists()
            open_institution(new_id(), code="9990011", prefecture="13", name="本物")
            (folder / "demo-unfinished").touch()
            up._prepare(with_demo=True, may_start_over=True)
            assert calls == [0, 1], "a real institution is never thrown away"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
