# SPDX-License-Identifier: Apache-2.0
"""監査の障害 — the log fails at each of its steps, and the controls that must be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tasuki_server.drills.audit_judge import Judge, seen_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import psycopg
    from django.test import Client

    from tasuki_server.drills.clinic import LivingClinic
    from tasuki_server.drills.walker import Act

Showing = list[tuple[str, "Act"]]
Browsers = dict[str, "Client"]
_REFUSING = """
CREATE OR REPLACE FUNCTION drill.refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the log is full' USING ERRCODE = '53100'; END $$
"""
_DYING = """
CREATE OR REPLACE FUNCTION drill.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
"""


def fail_closed(
    clinic: LivingClinic, owner: psycopg.Connection, showing: Showing
) -> tuple[dict[str, int], list[str]]:
    """記録できないとき — each fault against the same acts; whatever is shown all the same is told."""
    browsers = _browsers(clinic, owner, showing)
    counts: dict[str, int] = {"fault_tries": 0, "fault_leaks": 0}
    wrong: list[str] = []
    for name, fault in FAULTS.items():
        with fault(clinic, owner):
            leaks = _leaks(clinic, owner, showing, browsers)
            leaks += ["stream"] * _streams(clinic)
        counts["fault_tries"] += len(showing) + 1
        counts["fault_leaks"] += len(leaks)
        wrong += [f"{name}: 記録できないのに見せました: {what}" for what in leaks]
    return counts, wrong


def controls(
    clinic: LivingClinic, owner: psycopg.Connection, showing: Showing, lists: Showing
) -> dict[str, int]:
    """対照 — what is found with each planted fault of ours; none may be 0.

    Browsers are new for each: one that was met on another network is asked who it is, and shows nothing.
    """
    from tasuki_server.audit import sights
    from tasuki_server.institutions import middleware, rows, work

    def twice(open_work: Any, page: str, *, is_shown: bool) -> None:
        sights.settle_sights(open_work, page, is_shown=is_shown)
        open_work.events += open_work.events[:1]

    browsers = _browsers(clinic, owner, showing)
    with FAULTS["insert"](clinic, owner), _replaced(work, "leave_traces", lambda _work: None):
        outside = len(_leaks(clinic, owner, showing, browsers))
    with _replaced(rows, "note_sight", lambda _patient: None):
        untold = _judged(clinic, owner, lists)["missing"]
    with _replaced(middleware, "settle_sights", twice):
        doubled = _judged(clinic, owner, showing)["doubled"]
    return {"written_outside": outside, "reading_untold": untold, "written_twice": doubled}


@contextmanager
def _insert_fails(clinic: LivingClinic, owner: psycopg.Connection) -> Iterator[None]:
    """The table takes no event."""
    with _trigger(
        owner, _REFUSING, "BEFORE INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION drill.refuse()"
    ):
        yield


@contextmanager
def _connection_dies(clinic: LivingClinic, owner: psycopg.Connection) -> Iterator[None]:
    """The event goes in, and the connection dies before its transaction ends."""
    with _trigger(
        owner, _DYING, "AFTER INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION drill.die()"
    ):
        yield


@contextmanager
def _dies_at_commit(clinic: LivingClinic, owner: psycopg.Connection) -> Iterator[None]:
    """Everything is written, and the connection dies while it commits."""
    deferred = "AFTER INSERT ON audit_auditevent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION drill.die()"
    with _trigger(owner, _DYING, deferred, kind="CONSTRAINT TRIGGER"):
        yield


@contextmanager
def _lock_held(clinic: LivingClinic, owner: psycopg.Connection) -> Iterator[None]:
    """Another holds the lock of the chain and does not let go."""
    from tasuki_server.audit import trail

    key = f"audit:{clinic.id}"
    owner.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    try:
        with _replaced(trail, "LOCK_SECONDS", 0.05):
            yield
    finally:
        owner.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


FAULTS: dict[str, Callable[[LivingClinic, psycopg.Connection], AbstractContextManager[None]]] = {
    "insert": _insert_fails,
    "connection": _connection_dies,
    "commit": _dies_at_commit,
    "lock": _lock_held,
}


def _browsers(clinic: LivingClinic, owner: psycopg.Connection, showing: Showing) -> Browsers:
    """Signed in while the log still works: without it nobody gets in; whoever was stopped on the walk may enter again."""
    clinic.let_in(owner)
    return {role: clinic.workers[role].browser() for role in sorted({role for role, _ in showing})}


def _leaks(
    clinic: LivingClinic, owner: psycopg.Connection, showing: Showing, browsers: Browsers
) -> list[str]:
    """Acts that were answered although the log is down, or after which something is written."""
    from django.db import connections

    judge = Judge(clinic, owner, 200)
    before = _kept(owner)
    leaks = []
    for role, act in showing:
        seen = seen_of(browsers[role].get(act.path, REMOTE_ADDR="10.200.0.1"))
        if seen.status < 500 or judge.shown_in(seen.text, act.path):
            leaks.append(f"{role} {act.path} {seen.status}")
        connections.close_all()
    return leaks + ["kept"] * (_kept(owner) != before)


def _streams(clinic: LivingClinic) -> int:
    """1 when a piece of a streamed answer left before its event was kept."""
    from django.db import Error, connections
    from django.http import HttpRequest, StreamingHttpResponse

    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.middleware import InstitutionTransaction

    sent: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        sent.append(b"piece")
        yield b"piece"

    def view(_request: HttpRequest) -> StreamingHttpResponse:
        record("drill.read")
        return StreamingHttpResponse(pieces())

    request: Any = HttpRequest()
    request.method, request.user, request.has_second_factor = "GET", clinic.workers["doctor"].user, True
    try:
        list(InstitutionTransaction(view)(request))  # type: ignore[call-overload]
    except Error:
        pass
    finally:
        connections.close_all()
    return len(sent)


def _judged(clinic: LivingClinic, owner: psycopg.Connection, showing: Showing) -> dict[str, int]:
    browsers = _browsers(clinic, owner, showing)
    judge = Judge(clinic, owner, 201)
    for role, act in showing:
        judge.act(clinic.workers[role], browsers[role], act)
    return judge.counts


def _kept(owner: psycopg.Connection) -> tuple[Any, ...] | None:
    return owner.execute(
        "SELECT (SELECT count(*) FROM audit_auditevent), (SELECT count(*) FROM drill.writes)"
    ).fetchone()


@contextmanager
def _trigger(owner: psycopg.Connection, function: str, rest: str, kind: str = "TRIGGER") -> Iterator[None]:
    owner.execute(function)  # type: ignore[call-overload]
    owner.execute(f"CREATE {kind} drill_fault {rest}")  # type: ignore[call-overload]
    try:
        yield
    finally:
        owner.execute("DROP TRIGGER drill_fault ON audit_auditevent")


@contextmanager
def _replaced(module: Any, name: str, value: object) -> Iterator[None]:
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, kept)
