# SPDX-License-Identifier: Apache-2.0
"""動いている一式 — `up` as a process of its own, for tests that drive a browser."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Enough of them that someone has a prescription to go on with, in any month.
PEOPLE = 240
ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECRET = "the secret key of a house under test"


@dataclass(frozen=True)
class House:
    """Where it answers, and how to get in."""

    url: str
    password: str
    environment: Mapping[str, str] = field(default_factory=dict)
    used: set[tuple[str, int]] = field(default_factory=set)
    # By user: when it was signed in, and the cookies it has (see journeys/conftest.py).
    sessions: dict[str, tuple[float, tuple[Any, ...]]] = field(default_factory=dict)

    def command(self, *words: str) -> str:
        """What `./tasuki` says on the machine of this house."""
        asked = [sys.executable, "-m", "tasuki_server.cli", *words]
        told = subprocess.run(asked, env=dict(self.environment), capture_output=True, text=True, check=True)
        return told.stdout.strip()

    def code(self, user: str) -> str:
        """A code of a demo user's authenticator app that has not served yet.

        A code serves once; the step after is taken as well, so two sign-ins of one user need no waiting. The step
        before is not: when the clock ticks between reading and typing it, it is no longer accepted.
        """
        while True:
            now = int(time.time()) // 30
            for step in (now, now + 1):
                if (user, step) not in self.used:
                    self.used.add((user, step))
                    return self._code_at(user, step)
            time.sleep(1)

    def _code_at(self, user: str, step: int) -> str:
        derived = hmac.new(SECRET.encode(), b"tasuki:demo", hashlib.sha256).digest()
        secret = hmac.new(derived, user.encode(), hashlib.sha256).digest()[:20]
        digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def browser_program() -> str | None:
    """An installed Chromium; nothing is downloaded."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextmanager
def running_house() -> Iterator[House]:
    """Starts `up` on a free port in a folder of its own; afterwards nothing is left."""
    data = Path(tempfile.mkdtemp(prefix="tasuki-house-"))
    data.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TASUKI_", "DJANGO_"))}
    environment = kept | {
        "PYTHONPATH": str(ROOT / "src"),
        "TASUKI_HOME": str(ROOT),
        "TASUKI_DATA": str(data),
        "TASUKI_SECRET_KEY": SECRET,
        "TASUKI_DEMO_PEOPLE": str(PEOPLE),
        "LANG": "C.UTF-8",
    }
    log = data / "up.txt"
    with log.open("w") as sink:
        command = [sys.executable, "-m", "tasuki_server.cli", "up", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 900
        while "Ctrl-C" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text())
            time.sleep(0.1)
        from tasuki_server.demo import PASSWORD

        yield House(f"http://localhost:{port}", PASSWORD, environment)
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(data, ignore_errors=True)
