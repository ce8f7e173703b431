# SPDX-License-Identifier: Apache-2.0
"""書込みの負荷 — people at work in processes of their own, by the acts of the screens; what was answered is noted outside the house.

An act counts as acknowledged when the page answered or the transaction returned: then its line is written to a file
beside the house, which survives whatever is done to it.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    import psycopg
    from django.test import Client

    from tasuki_server.demo.living import Cast
    from tasuki_server.demo.schedule import Coming

PEOPLE = 24
MONTHS = ((2026, 6), (2026, 7), (2026, 8), (2026, 9), (2026, 10))
# What an acknowledged act must have left: its table, and the event that tells of it.
TABLES = {
    "patient": ("patients_patient", "patient.register"),
    "visit": ("reception_visit", "visit.receive"),
    "note": ("chart_note", "chart.sign"),
    "bill": ("billing_bill", "bill.settle"),
}
_HALF = {
    "記録のない患者": "SELECT count(*) FROM patients_patient p WHERE NOT EXISTS (SELECT 1 FROM audit_auditevent e"
    " WHERE e.action = 'patient.register' AND e.subject_id = p.id::text)",
    "版のない患者": "SELECT count(*) FROM patients_patient p WHERE NOT EXISTS (SELECT 1 FROM patients_demographics d"
    " WHERE d.record_id = p.id)",
    "知らせのない患者": "SELECT count(*) FROM patients_patient p WHERE NOT EXISTS (SELECT 1 FROM audit_outboxmessage m"
    " WHERE m.topic = 'patient.changed' AND m.payload->>'patient' = p.id::text)",
    "患者のない記録": "SELECT count(*) FROM audit_auditevent e WHERE e.action = 'patient.register'"
    " AND NOT EXISTS (SELECT 1 FROM patients_patient p WHERE p.id::text = e.subject_id)",
    "記録のない受付": "SELECT count(*) FROM reception_visit v WHERE NOT EXISTS (SELECT 1 FROM audit_auditevent e"
    " WHERE e.action = 'visit.receive' AND e.subject_id = v.id::text)",
    "記録のない署名": "SELECT count(*) FROM chart_note n WHERE NOT EXISTS (SELECT 1 FROM audit_auditevent e"
    " WHERE e.action = 'chart.sign' AND e.subject_id = n.id::text)",
    "署名のない記録": "SELECT count(*) FROM audit_auditevent e WHERE e.action = 'chart.sign'"
    " AND NOT EXISTS (SELECT 1 FROM chart_note n WHERE n.id::text = e.subject_id)",
    "記録と点数が違う会計": "SELECT count(*) FROM billing_bill b WHERE NOT EXISTS (SELECT 1 FROM audit_auditevent e"
    " WHERE e.action = 'bill.settle' AND e.subject_id = b.id::text AND (e.detail->>'points')::int = b.total_points)",
    "会計のない記録": "SELECT count(*) FROM audit_auditevent e WHERE e.action = 'bill.settle'"
    " AND NOT EXISTS (SELECT 1 FROM billing_bill b WHERE b.id::text = e.subject_id)",
    "明細のない会計": "SELECT count(*) FROM billing_bill b WHERE b.total_points > 0 AND NOT EXISTS"
    " (SELECT 1 FROM billing_billedline l WHERE l.visit_id = b.visit_id AND l.bill_version = b.version)",
    "請求額と台帳が違う会計": "SELECT count(*) FROM billing_bill b WHERE b.patient_yen + b.own_yen <> coalesce("
    "(SELECT sum(a.yen) FROM billing_accountentry a WHERE a.bill_id = b.id AND a.kind = 'charge'), 0)",
}


class Acknowledged(NamedTuple):
    """応答済みの行為 — its kind, and the id (of a patient the number) by which it is found."""

    kind: str
    key: str


class Staged(NamedTuple):
    """負荷の用意 — the clinic with its people, who sits at the reception, and the visits still to be lived."""

    cast: Cast
    user: Any
    comings: tuple[Coming, ...]


def stage() -> Staged:
    """負荷の用意 — inside a training ground."""
    from tasuki_server.accounts.models import User
    from tasuki_server.demo.clinics import CLINICS, open_missing
    from tasuki_server.demo.living import Cast
    from tasuki_server.demo.people import make_people
    from tasuki_server.demo.schedule import make_schedule
    from tasuki_server.drills.people import entered

    open_missing()
    clinic = CLINICS[1]
    people = make_people(PEOPLE, date(2026, 6, 1))
    cast = Cast(clinic)
    cast.register(people, date(2025, 4, 1))
    user = User.objects.get(pk=cast.staff["reception"].user_id)
    first, *comings = [
        each for year, month in MONTHS for each in make_schedule(people, year, month, seed=month)
    ]
    # Once here, so that what is loaded with the first page and the first visit is there in every copy of this process.
    registered(entered(user), "ア")
    list(lived(cast, first))
    return Staged(cast, user, tuple(comings))


def registered(browser: Client, mark: str) -> Acknowledged:
    """患者登録 — by the page; a namesake is confirmed, as a person would."""
    given = {"name": f"訓練　{mark}", "kana": f"クンレン　{mark}", "born": "1980-01-02", "sex": "male"}
    answer = browser.post("/patients/new/", given)
    if answer.status_code == 422:
        answer = browser.post("/patients/new/", {**given, "confirmed": "yes"})
    place = answer.get("Location", "")
    assert answer.status_code == 302 and place.startswith("/patients/"), (answer.status_code, place)
    return Acknowledged("patient", place.split("/")[2])


def lived(cast: Any, coming: Coming) -> Iterator[Acknowledged]:
    """受診 — received, signed and paid, in three transactions."""
    from tasuki_server.billing.models import Bill
    from tasuki_server.chart.models import Note

    with cast.work("reception"):
        visit = cast.receive(coming)
    yield Acknowledged("visit", str(visit.id))
    with cast.work("doctor"):
        cast.see(coming, visit)
        note = Note.objects.filter(visit_id=visit.id).latest("version").id
    yield Acknowledged("note", str(note))
    with cast.work("clerk"):
        cast.bill(visit, is_paid=True)
        bill = Bill.objects.filter(visit_id=visit.id).latest("version").id
    yield Acknowledged("bill", str(bill))


class Load:
    """書込みの負荷 — some processes; ``begin`` may be called again after they were killed."""

    def __init__(self, staged: Staged, folder: Path, workers: int, *, is_hurried: bool = False) -> None:
        self.staged = staged
        self.folder = folder
        self.workers = workers
        # Pages alone: many small acts rather than whole visits.
        self.is_hurried = is_hurried
        self._children: list[int] = []
        self._round = 0
        folder.mkdir(exist_ok=True)

    def begin(self) -> None:
        """開始 — each worker is a copy of this process, without its connections."""
        from tasuki_server.database.embedded import ends_with_parent
        from tasuki_server.database.session import leave

        leave()
        self._round += 1
        dies_with_us = ends_with_parent(signal.SIGKILL)
        for number in range(self.workers):
            child = os.fork()
            if child == 0:
                self._be_worker(number, dies_with_us)
            self._children.append(child)

    def kill(self) -> None:
        """強制終了 — SIGKILL to every worker."""
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)
        self._children = []

    def acknowledged(self) -> Iterator[Acknowledged]:
        """応答済みの行為 — of all rounds; a line without its end was not written."""
        for path in sorted(self.folder.iterdir()):
            for line in path.read_text().split("\n")[:-1]:
                yield Acknowledged(*line.split(" ", 1))

    def count(self) -> int:
        """応答の数 — so far."""
        return sum(path.read_bytes().count(b"\n") for path in self.folder.iterdir())

    def wait_for_one(self, seconds: float) -> float | None:
        """最初の応答 — the seconds until an act is acknowledged, None when none was."""
        begin, before = time.monotonic(), self.count()
        while time.monotonic() - begin < seconds:
            if self.count() > before:
                return time.monotonic() - begin
            time.sleep(0.01)
        return None

    def _be_worker(self, number: int, dies_with_us: Callable[[], None] | None) -> None:
        """Never returns: whatever happens here is not the drill's own."""
        try:
            if dies_with_us is not None:
                dies_with_us()
            path = self.folder / f"{self._round:04d}-{number}"
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            for act in self._acts(number):
                os.write(handle, f"{act.kind} {act.key}\n".encode())
        except BaseException as fault:  # noqa: BLE001 - a worker that fails is seen by its silence
            (self.folder.parent / f"worker-{number}.fault").write_text(
                f"{type(fault).__name__}: {fault}"[:500]
            )
        finally:
            os._exit(1)

    def _acts(self, number: int) -> Iterator[Acknowledged]:
        from tasuki_server.drills.people import entered

        browser = entered(self.staged.user)
        mine = self.staged.comings[number + self._round * self.workers * 7 :: self.workers]
        turn = 0
        while True:
            # A mark of letters alone: names hold no digits of ours.
            mark = f"{self._round:04d}{number}{turn:05d}".translate(_KANA)
            yield registered(browser, mark)
            turn += 1
            if not self.is_hurried and number % 2 == 0 and mine:
                coming, mine = mine[0], mine[1:]
                yield from lived(self.staged.cast, coming)


def mark_of(*numbers: int) -> str:
    """名前の印 — of letters alone: names hold no digits of ours.

    >>> mark_of(1, 20)
    'イアアアウア'
    """
    return "".join(f"{each:0{1 if not place else 5}d}" for place, each in enumerate(numbers)).translate(_KANA)


_KANA = str.maketrans("0123456789", "アイウエオカキクケコ")


def lost(owner: psycopg.Connection, acts: set[Acknowledged]) -> list[Acknowledged]:
    """失われた行為 — acknowledged, and not there with its event."""
    gone = []
    for kind, (table, action) in TABLES.items():
        asked = sorted(each.key for each in acts if each.kind == kind)
        column = "t.number::text" if kind == "patient" else "t.id::text"
        found = owner.execute(
            f"SELECT {column} FROM {table} t JOIN audit_auditevent e ON e.subject_id = t.id::text"  # noqa: S608 - our own names
            f" WHERE e.action = %s AND {column} = ANY(%s)",
            [action, asked],
        ).fetchall()
        there = {str(row[0]) for row in found}
        gone += [Acknowledged(kind, key) for key in asked if key not in there]
    return gone


def half_acts(owner: psycopg.Connection) -> dict[str, int]:
    """半端な行為 — rows without their event, events without their row, sums that do not agree; by kind."""
    found = {}
    for name, statement in _HALF.items():
        row = owner.execute(statement).fetchone()  # type: ignore[call-overload]
        if row is not None and row[0]:
            found[name] = int(row[0])
    return found


def choose_moment(chosen: random.Random, least: float, most: float) -> None:
    """時の選択 — waits a random while."""
    time.sleep(chosen.uniform(least, most))
