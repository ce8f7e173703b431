# SPDX-License-Identifier: Apache-2.0
"""画面の速さ — time to the first byte of the chart and 会計 pages on the demo data; one JSON line a figure.

``python bench/pages.py [--size N]`` makes a demo clinic of N people in a folder of its own, opens each page
through the whole stack of middleware, database and templates, and compares it with the health page in the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import report

REPEATS = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="people of the demo clinic")
    size = parser.parse_args().size
    with tempfile.TemporaryDirectory() as folder:
        # As root the database runs as another user, who must be able to enter.
        Path(folder).chmod(0o755)
        os.environ["TASUKI_DATA"] = str(Path(folder) / "data")
        from tasuki_server.database.session import connected

        with connected(with_owner=True):
            measure(size)


def measure(size: int) -> None:
    from django.test import Client
    from django.utils import timezone

    from tasuki_server.demo.clinics import CLINICS, open_missing
    from tasuki_server.demo.living import Cast
    from tasuki_server.demo.prepare import live_a_month
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.reception.models import Visit, VisitState

    migrate()
    open_missing()
    begun = time.perf_counter()
    cast = live_a_month(CLINICS[0], size, lambda _done, _total: None, timezone.localdate())
    seconds = time.perf_counter() - begun
    with cast.work("clerk"):  # type: ignore[attr-defined]
        done = list(Visit.objects.filter(state=VisitState.DONE).order_by("-arrived_at")[:REPEATS])
        waiting = list(Visit.objects.filter(state=VisitState.WAITING)[:REPEATS])
        count = Visit.objects.filter(state=VisitState.DONE).count()
    report("pages/demo visits lived, signed, billed, paid", count / seconds, "visits/s")
    doctor, clerk = signed_in(cast, "doctor"), signed_in(cast, "clerk")
    plain = median(lambda _: Client(SERVER_NAME="localhost").get("/healthz"), done)
    report("pages/health", plain * 1000, "ms")
    for name, browser, path, visits in (
        ("chart, waiting patient", doctor, "/chart/{}/", waiting),
        ("bill, drafted", clerk, "/billing/visit/{}?open=1", done),
        ("bill, confirmed", clerk, "/billing/visit/{}", done),
        ("reception board", clerk, "/reception/", done),
    ):
        taken = median(lambda visit, b=browser, p=path: opened(b, p.format(visit.id)), visits)
        report(f"pages/{name}", taken * 1000, "ms", "health page", taken / plain)
    assert isinstance(cast, Cast)


def opened(browser: object, path: str) -> None:
    answer = browser.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"


def median(open_one: Callable[[object], object], visits: list[object]) -> float:
    """Seconds, the middle of all visits, after one that warms up."""
    open_one(visits[0])
    taken = []
    for visit in visits:
        begun = time.perf_counter()
        open_one(visit)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def signed_in(cast: object, role: str) -> object:
    """A browser that has given password and second factor."""
    from tasuki_server.accounts.models import User
    from tasuki_server.drills.people import entered

    return entered(User.objects.get(pk=cast.staff[role].user_id))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
