# SPDX-License-Identifier: Apache-2.0
"""長い仕事 — making, sending, fetching and asking back outside of the request, with progress, taken up again when it broke off.

The row is written in the request's transaction and started after its commit. A second thread tells how far it is
and that it lives. Who finds a row without a beat takes it up again; the token makes sure that only one finishes it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.claims.models import LongWork
from tasuki_server.institutions.work import Actor, as_institution, current_work

log = logging.getLogger("tasuki.claims")
BEAT_SECONDS = 0.5
# After so long without a beat the process that did it is taken for dead.
SILENT = timedelta(seconds=20)
LIVING = ("waiting", "running")
_threads = ThreadPoolExecutor(2, "claims-work")
_futures: set[Future[None]] = set()


class TakenOver(Exception):
    """引継ぎ済み — someone else has taken this work up meanwhile; nothing of ours is kept."""


class Job:
    """仕事の現場 — what a handler is given: whose work it is, how to tell progress, how to finish."""

    def __init__(self, institution_id: UUID, actor: Actor, work_id: UUID, facts: dict[str, Any]) -> None:
        self.institution_id = institution_id
        self.actor = actor
        self.facts = facts
        self.done = self.total = 0
        self._work_id = work_id
        self._token = uuid4()
        self._ended = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """進み具合 — told to whoever looks at the page."""
        self.done, self.total = done, total

    def finish(self, state: str, message: str) -> None:
        """終了 — in the transaction of the result itself; raises :class:`TakenOver` when it is no longer ours."""
        mine = LongWork.objects.filter(pk=self._work_id, token=self._token, state="running")
        if not mine.update(state=state, message=message[:400], done=self.done, total=self.total):
            raise TakenOver

    def claim(self) -> bool:
        """着手 — False when another process does it or it is over."""
        with as_institution(self.institution_id, self.actor):
            now = timezone.now()
            # A beat from the future was told by a clock that has gone back since: it tells no life.
            alive = Q(beat_at__gte=now - SILENT, beat_at__lte=now + SILENT)
            rows = LongWork.objects.filter(pk=self._work_id)
            rows = rows.filter(Q(state="waiting") | Q(state="running") & ~alive)
            return bool(rows.update(state="running", token=self._token, beat_at=now))

    def beat(self) -> None:
        """鼓動 — until the work ends; in a thread of its own."""
        try:
            while not self._ended.wait(BEAT_SECONDS):
                with as_institution(self.institution_id, self.actor):
                    rows = LongWork.objects.filter(pk=self._work_id, token=self._token, state="running")
                    rows.update(beat_at=timezone.now(), done=self.done, total=self.total)
        except Exception:
            log.warning("the beat of a long work ended early", exc_info=True)
        finally:
            connections.close_all()

    def end(self) -> None:
        """鼓動の終了 — the thread that tells stops."""
        self._ended.set()


Handler = Callable[[Job], None]


def start_work(kind: str, facts: dict[str, Any]) -> LongWork:
    """仕事の開始 — in the request's transaction; the same work that is still going on is not begun twice."""
    going = LongWork.objects.filter(kind=kind, facts=facts, state__in=LIVING).first()
    if going is not None:
        return going
    work = current_work()
    assert work.actor.staff_id is not None
    row = LongWork.objects.create(kind=kind, facts=facts, made_by_id=work.actor.staff_id, made_at=work.at)
    _launch_after_commit(row)
    return row


def resume_silent(row: LongWork) -> None:
    """再開 — of work whose process died; asked whenever somebody looks at it."""
    since = row.beat_at or row.made_at
    if row.state in LIVING and abs(timezone.now() - since) > SILENT:
        _launch_after_commit(row)


def newest_work(kind: str, **facts: Any) -> LongWork | None:
    """最新の仕事 — of a kind and subject, for the page."""
    rows = LongWork.objects.filter(kind=kind, **{f"facts__{key}": value for key, value in facts.items()})
    return rows.select_related("made_by").order_by("-made_at").first()


def wait_for_all(seconds: float = 600) -> None:
    """仕事の待合せ — until everything begun in this process is over; for commands and tests."""
    wait(set(_futures), timeout=seconds)


def run_work(institution_id: UUID, actor: Actor, work_id: UUID) -> None:
    """仕事の実行 — in this thread; any failure is kept with the row as a sentence."""
    from tasuki_server.claims.handlers import HANDLERS

    with as_institution(institution_id, actor):
        row = LongWork.objects.get(pk=work_id)
    job = Job(institution_id, actor, work_id, dict(row.facts))
    if not job.claim():
        return
    teller = threading.Thread(target=job.beat, name="claims-beat", daemon=True)
    teller.start()
    try:
        HANDLERS[row.kind](job)
    except TakenOver:
        log.warning("a long work was taken up by another process")
    except BadInput as refused:
        _fail(job, " ".join(sentence(each) for each in refused.findings))
    except Exception as fault:
        log.error("%s in a long work", type(fault).__name__, exc_info=True)
        _fail(job, "処理できませんでした。もう一度実行してください。")
    finally:
        job.end()
        teller.join()


def _fail(job: Job, message: str) -> None:
    try:
        with as_institution(job.institution_id, job.actor):
            job.finish("failed", message)
    except TakenOver:
        log.warning("a long work was taken up by another process")


def _launch_after_commit(row: LongWork) -> None:
    work = current_work()
    institution_id, actor, work_id = work.institution_id, work.actor, row.id

    def run() -> None:
        try:
            run_work(institution_id, actor, work_id)
        except Exception as fault:
            log.error("%s before or after a long work", type(fault).__name__, exc_info=True)
        finally:
            _forget_connections()

    def launch() -> None:
        future = _threads.submit(run)
        _futures.add(future)
        future.add_done_callback(_futures.discard)

    transaction.on_commit(launch, using="default")


def _forget_connections() -> None:
    """The thread lives on for the next work, which may be in another database."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        del connections[connection.alias]


def month_of(facts: dict[str, Any]) -> date:
    """対象月 — of the work, as a day."""
    return date.fromisoformat(f"{facts['month']}-01")
