# SPDX-License-Identifier: Apache-2.0
"""取引 — one transaction of one institution: its rows, its audit events and its outbox rows, together or not at all."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from tasuki.security.purpose import Purpose
from tasuki_server.database.places import installation_secrets
from tasuki_server.database.prepared import execute_prepared
from tasuki_server.institutions.origin import current_origin


class NoInstitution(RuntimeError):
    """医療機関なし — tenant data touched outside :func:`as_institution`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """行為者 — who acts: a member of staff, or a named part of the system.

    ``address`` is the network address and ``session`` the public name of the session (:mod:`.origin`); both are empty
    for what the system does by itself.
    """

    label: str
    staff_id: UUID | None = None
    address: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """記録待ちの行為 — an audit event that waits for the end of its transaction; ``by`` where others act in it too."""

    action: str
    subject: str
    subject_id: str
    patient_id: UUID | None
    detail: Mapping[str, object]
    patients: frozenset[UUID] = frozenset()
    by: Actor | None = None

    def with_patients(self, patients: Iterable[UUID]) -> PendingEvent:
        """閲覧された患者の記入 — the one patient of an event, or everyone beside that patient."""
        others = self.patients.union(patients) - {self.patient_id}
        if self.patient_id is None and len(others) == 1:
            return replace(self, patient_id=next(iter(others)), patients=frozenset())
        return replace(self, patients=frozenset(others))


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """送信待ちの知らせ — an outbox row that waits for the end of its transaction."""

    topic: str
    payload: Mapping[str, object]


@dataclass(slots=True)
class Work:
    """取引中の仕事 — the open transaction, and what it will leave in the trail and the outbox.

    ``purpose`` is why the person's data is used; a page sets it from its permission's workplace, and whoever knows better
    sets it anew (break-glass, maintenance). ``seen`` collects whose rows were loaded for a page (:mod:`.sight`); it is
    None where nothing is shown to anyone. ``marks`` stand in the detail of every event (the order of a maintenance).
    """

    institution_id: UUID
    actor: Actor
    at: datetime
    purpose: str = Purpose.OPERATIONS
    events: list[PendingEvent] = field(default_factory=list)
    messages: list[PendingMessage] = field(default_factory=list)
    seen: set[UUID] | None = None
    marks: dict[str, object] = field(default_factory=dict)


_current: ContextVar[Work | None] = ContextVar("tasuki_work", default=None)


def current_work() -> Work:
    """現在の取引 — raises :class:`NoInstitution` outside of one."""
    work = _current.get()
    if work is None:
        raise NoInstitution("tenant data is reached inside as_institution() only")
    return work


def has_work() -> bool:
    """取引中か — whether a transaction of an institution is open."""
    return _current.get() is not None


def note_sight(patient_id: UUID) -> None:
    """閲覧の控え — a row of this patient was loaded; it counts where a page is being made."""
    work = _current.get()
    if work is not None and work.seen is not None:
        work.seen.add(patient_id)


def current_institution_id() -> UUID:
    """現在の医療機関 — the default of every row's institution."""
    return current_work().institution_id


def with_origin(actor: Actor) -> Actor:
    """発信元付きの行為者 — of the request that is answered now, unless the actor already says from where."""
    if actor.address or actor.session:
        return actor
    origin = current_origin()
    return replace(actor, address=origin.address, session=origin.session)


@contextmanager
def as_institution(institution_id: UUID, actor: Actor, purpose: str = Purpose.OPERATIONS) -> Iterator[Work]:
    """医療機関としての取引 — opens the one transaction; the database shows and takes this institution's rows only.

    Inside another block of the same institution it is a savepoint of that block. Inside a block of another
    institution it is refused: no code path may hold two institutions at once.
    """
    outer = _current.get()
    if outer is not None:
        if outer.institution_id != institution_id:
            raise NoInstitution("a transaction of another institution is open")
        kept = len(outer.events), len(outer.messages)
        try:
            with transaction.atomic(using="default"):
                yield outer
        except BaseException:
            del outer.events[kept[0] :]
            del outer.messages[kept[1] :]
            raise
        return
    work = Work(institution_id=institution_id, actor=with_origin(actor), at=timezone.now(), purpose=purpose)
    token = _current.set(work)
    try:
        with transaction.atomic(using="default", durable=True):
            enter_institution(institution_id)
            yield work
            if not transaction.get_rollback(using="default"):
                leave_traces(work)
    finally:
        _current.reset(token)


@contextmanager
def between_transactions() -> Iterator[None]:
    """取引の切れ目 — what was done so far is committed with its record; after the block the work goes on in a new transaction.

    For an act that speaks to others while a page waits: that it was begun is on record whatever becomes of it, and no
    row is held meanwhile. Inside the block nothing of an institution is reached; what fails later undoes only what came
    after. Raises ``RuntimeError`` where part of the work could not be committed by itself.
    """
    work, wrapper = current_work(), connections["default"]
    if len(wrapper.atomic_blocks) != 1 or wrapper.run_on_commit or transaction.get_rollback(using="default"):
        raise RuntimeError("only a whole transaction can be parted")
    leave_traces(work)
    wrapper.connection.commit()
    work.events.clear()
    work.messages.clear()
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
        work.at = timezone.now()
        enter_institution(work.institution_id)


def leave_traces(work: Work) -> None:
    """記録の書込み — at the end, so that the chain of the institution is locked for the commit only."""
    from tasuki_server.audit.trail import write_events, write_messages

    write_messages(work)
    write_events(work)


def tenancy_key() -> bytes:
    """医療機関の証明鍵 — signs which institution a transaction belongs to; the app role cannot read it."""
    return installation_secrets().derived("tenancy")


def enter_institution(institution_id: UUID) -> None:
    """医療機関への入室 — tells the database whose rows this transaction may see, with a proof it can check.

    A plain setting could be changed by injected SQL (``set_config`` is open to everyone). So the value carries an
    HMAC over the institution and this connection's process, made with a key the app role has no right to read.
    The proof is sent as a parameter, never as text of a statement.
    """
    wrapper = connections["default"]
    wrapper.ensure_connection()
    # The process is the one the database named when it was connected: no question is asked for it. Behind a pooler that
    # lends processes the proof would not hold, and nothing be shown.
    proof = signed(institution_id, wrapper.connection.info.backend_pid)
    execute_prepared("SELECT set_config('tasuki.institution', %s, true)", [proof])


def signed(whose: UUID | str, backend: int) -> str:
    """証明付きの医療機関 — ``uuid:hmac``, valid on one database connection; of a person, three identifiers in its place (:mod:`tasuki_server.portal.person_work`)."""
    proof = hmac.new(_key(), f"{whose}:{backend}".encode(), hashlib.sha256).hexdigest()
    return f"{whose}:{proof}"


_cached_key: list[bytes] = []


def _key() -> bytes:
    if not _cached_key:
        _cached_key.append(tenancy_key())
    return _cached_key[0]
