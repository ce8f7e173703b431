# SPDX-License-Identifier: Apache-2.0
"""訓練の医療機関群 — clinics with doctors who are signed in, each with patients of the day, and the real page server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg

from tasuki_server.database.roles import Connections
from tasuki_server.drills.browsing import Desk, Pace, Tally, crowd, sit_down
from tasuki_server.drills.ground import a_clinic
from tasuki_server.operations.generations import Pages, take_port

if TYPE_CHECKING:
    from uuid import UUID

PATIENTS = 4


def busy_clinics(clinics: int, doctors: int) -> list[Desk]:
    """訓練の席 — so many doctors in each of so many clinics, each with visits of their own patients."""
    return [desk for number in range(clinics) for desk in _desks(a_clinic(number), f"k{number}", doctors)]


def _desks(institution_id: UUID, name: str, doctors: int) -> Iterator[Desk]:
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    for place in range(doctors):
        user = _doctor(institution_id, f"{name}d{place}")
        with as_institution(institution_id, system_actor(institution_id)):
            visits, names = _morning(place)
        yield Desk(_cookies(user) | {"csrftoken": "a" * 32}, visits, names, {})


def _morning(place: int) -> tuple[list[str], list[str]]:
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    visits, names = [], []
    for number in range(PATIENTS):
        who = f"架空 {'いろはにほへとちりぬ'[place % 10]}{'春夏秋冬'[number % 4]}太郎"
        patient = register_patient(
            WhoTheyAre(who, "カクウ タロウ", date(1950 + number, 4, 1 + place % 28), "male")
        )
        visits.append(str(receive_patient(patient, Arrival()).id))
        names.append(who.partition(" ")[2])
    return visits, names


def _doctor(institution_id: UUID, username: str) -> Any:
    """A sign-in with a factor; the password opens nothing, because nobody types it (one hash costs more than the rest)."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki.security.permissions import Role
    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import as_institution

    user = User(username=username, institution_id=institution_id)
    user.set_unusable_password()
    user.save()
    TOTP.activate(user, generate_totp_secret())
    with as_institution(institution_id, system_actor(institution_id)):
        add_staff(f"訓練 {username}", "クンレン", [Role.DOCTOR], user_id=user.pk)
    return user


def _cookies(user: Any) -> dict[str, str]:
    from tasuki_server.drills.people import entered

    browser = entered(user, REMOTE_ADDR="127.0.0.1")
    return {name: each.value for name, each in browser.cookies.items()}


@contextmanager
def served() -> Iterator[tuple[Pages, int]]:
    """動いている画面のサーバ — the real one, on a port of its own, with the roles of the training ground."""
    listening = take_port("127.0.0.1", 0)
    port = int(listening.getsockname()[1])
    before = os.environ.get("TASUKI_HOSTS")
    os.environ["TASUKI_HOSTS"] = "localhost"
    pages = Pages(listening, subprocess.DEVNULL)
    try:
        pages.wait_until_serving(_connections())
        yield pages, port
    finally:
        pages.end()
        if before is None:
            del os.environ["TASUKI_HOSTS"]
        else:
            os.environ["TASUKI_HOSTS"] = before


def _connections() -> Connections:
    roles = ("owner", "app", "signin", "receiving", "platform")
    return Connections(**{role: os.environ[f"TASUKI_{role.upper()}_DATABASE_URL"] for role in roles})


class Crowd:
    """大勢 — at work in a thread of its own, while the drill changes the server under them."""

    def __init__(self, port: int, desks: Sequence[Desk], pace: Pace, seed: int) -> None:
        self.tally = Tally()
        self._broken: list[BaseException] = []
        self._thread = threading.Thread(
            target=self._work, args=(port, desks, pace, seed), name="crowd", daemon=True
        )

    def _work(self, port: int, desks: Sequence[Desk], pace: Pace, seed: int) -> None:
        try:
            asyncio.run(crowd(port, desks, pace, self.tally, seed))
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self._broken.append(error)

    def start(self) -> Crowd:
        """開始 — returns itself."""
        self._thread.start()
        return self

    @property
    def is_at_work(self) -> bool:
        """働いているか — until its pace says that it is over."""
        return self._thread.is_alive()

    def wait(self, tend: Callable[[float], None]) -> Tally:
        """終わりを待つ — tending the server meanwhile."""
        while self.is_at_work:
            tend(time.monotonic())
            time.sleep(0.05)
        if self._broken:
            raise self._broken[0]
        return self.tally


def seat(port: int, desks: Sequence[Desk], seed: int) -> None:
    """着席 — see :func:`tasuki_server.drills.browsing.sit_down`."""
    asyncio.run(sit_down(port, desks, seed))


def events_written(owner: psycopg.Connection) -> int:
    """監査記録の数 — of all clinics, as a superuser counts them."""
    row = owner.execute("SELECT count(*) FROM audit_auditevent").fetchone()
    assert row is not None
    return int(row[0])
