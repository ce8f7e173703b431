# SPDX-License-Identifier: Apache-2.0
"""鍵の交換と業務 — pages are read and records changed while the institution's key is exchanged: no request may fail."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.test import Client

    from tasuki_server.drills.marked_clinic import MarkedClinic


# People rest between two acts: without it the rows of a long run grow faster than they are sealed anew.
REST_SECONDS = 0.05


class Load(NamedTuple):
    """負荷の結果 — counts, and what failed in Japanese."""

    counts: dict[str, int | float]
    faults: list[str]


class _Worker(threading.Thread):
    """One person at work until told to stop; each request and each change is counted."""

    def __init__(self, clinic: MarkedClinic, browser: Client | None, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.clinic, self.browser, self.stop = clinic, browser, stop
        self.done = self.failed = 0
        self.said = ""

    def run(self) -> None:
        """仕事 — reading by pages, or changing a patient's record."""
        from django.db import connections

        while not self.stop.wait(REST_SECONDS):
            try:
                self.read() if self.browser is not None else self.change()
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is a failure of the drill
                self.failed += 1
                self.said = f"{type(fault).__name__} {fault}"[:120]
            self.done += 1
        connections.close_all()

    def read(self) -> None:
        """閲覧 — pages that open sealed columns."""
        assert self.browser is not None
        number = self.clinic.patient.number
        for path in (f"/patients/{number}/", f"/patients/{number}/coverage/"):
            answer = self.browser.get(path)
            if answer.status_code != 200:
                self.failed += 1
                self.said = f"{path} {answer.status_code}"

    def change(self) -> None:
        """変更 — a new version of who a patient is, and a new card."""
        from tasuki.chart.coverage import Insurance, InsuranceKind
        from tasuki.kernel.validity import Validity
        from tasuki_server.patients.records import add_insurance
        from tasuki_server.patients.register import newest_demographics

        with self.clinic.work():
            newest = newest_demographics(self.clinic.patient)
            newest.revise(read_version=newest.version, reason="訓練", phone=f"00-0000-{self.done:04d}")
            card = Insurance(InsuranceKind.EMPLOYEES, "01130012", symbol="1", number=str(self.done))
            add_insurance(self.clinic.patient, card, Validity(date(2020, 1, 1), date(2020, 1, 2)), None)


def rotate_under_load(clinic: MarkedClinic, browsers: dict[str, Client], crowd: int, times: int) -> Load:
    """業務中の鍵の交換 — afterwards every row is under the newest key, opens, and the old keys are retired."""
    from tasuki_server.keys.rotation import begin, go_on, live_keys, usage

    _crowd(clinic, crowd)
    stop = threading.Event()
    workers = [_Worker(clinic, each, stop) for each in (browsers["doctor"], browsers["clerk"], None)]
    for each in workers:
        each.start()
    changed, faults = 0, []
    try:
        for _ in range(times):
            begin(clinic.id)
            outcome = go_on(clinic.id, batch=20)
            changed += outcome.changed
            faults += [f"鍵の交換で開けません: {each}" for each in outcome.broken]
    finally:
        stop.set()
        for each in workers:
            each.join(timeout=60)
    faults += [
        f"鍵の交換中に {each.failed} 件失敗しました（{each.said}）。" for each in workers if each.failed
    ]
    live = live_keys(clinic.id)
    newest = live[-1].number
    older = sum(
        count for by_key in usage(clinic.id).values() for number, count in by_key.items() if number != newest
    )
    if older or len(live) != 1:
        faults.append(f"古い鍵の値が {older} 件、引退していない鍵が {len(live) - 1} 個残りました。")
    counts: dict[str, int | float] = {
        "rotations": times,
        "resealed": changed,
        "requests_during": sum(each.done for each in workers),
        "failed": sum(each.failed for each in workers),
    }
    return Load(counts, faults)


def _crowd(clinic: MarkedClinic, count: int) -> None:
    """People beside the marked one, with a card each."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.patients.records import add_insurance
    from tasuki_server.patients.register import WhoTheyAre, register_patient

    with clinic.work():
        for number in range(count):
            who = WhoTheyAre(
                f"架空 {number}", "カクウ", date(1960, 4, 1), "male", phone=f"00-1111-{number:04d}"
            )
            card = Insurance(InsuranceKind.EMPLOYEES, "01130012", symbol="9", number=str(number))
            add_insurance(register_patient(who), card, Validity(date(2024, 4, 1)), None)
