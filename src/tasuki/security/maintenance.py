# SPDX-License-Identifier: Apache-2.0
"""保守作業 — what a vendor's person may do inside a work order, and how the trail compares with it afterwards.

Nothing is listed page by page: a page is open when every permission it declares is in the order's scope, and the scope
holds only what :data:`LENDABLE` lends. A permission that is not there is never lent, so a room that comes later stays
closed until someone decides.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 7.②、10.①-⑤、同Q&A
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tasuki.security.permissions import Permission

# A window is asked for hours of work; three days leave room for a weekend's rebuilding, and no standing access.
LONGEST_WINDOW = timedelta(hours=72)
# 作業の照合は作業後速やかに: an order that nobody has signed after this long is overdue.
REVIEW_WITHIN = timedelta(days=3)


class Lending(NamedTuple):
    """貸与できる権限 — whether a page of it may show patients, and whether it may change anything."""

    is_about_patients: bool
    may_write: bool


_LOOK_AT_PATIENTS, _LOOK, _SET = Lending(True, False), Lending(False, False), Lending(False, True)
# Never lent: writing to a record, signing, printing, export, money, people and their rights, tokens, and the trail.
LENDABLE: Mapping[Permission, Lending] = {
    Permission.RECEPTION_VIEW: _LOOK_AT_PATIENTS,
    Permission.PATIENT_VIEW: _LOOK_AT_PATIENTS,
    Permission.CHART_VIEW: _LOOK_AT_PATIENTS,
    Permission.BILLING_VIEW: _LOOK_AT_PATIENTS,
    Permission.DAYBOOK_VIEW: _LOOK_AT_PATIENTS,
    Permission.CLAIMS_VIEW: _LOOK_AT_PATIENTS,
    Permission.MASTERS_VIEW: _LOOK,
    Permission.MASTERS_MANAGE: _SET,
    Permission.INSTITUTION_MANAGE: _SET,
}


class Standing(StrEnum):
    """作業指示の状態 — at one instant."""

    ASKED = "asked"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WAITING = "waiting"
    OPEN = "open"
    OVER = "over"
    ENDED = "ended"
    CUT = "cut"

    @property
    def label(self) -> str:
        """状態名 — as screens show it."""
        return _STANDING_LABELS[self]


_STANDING_LABELS = {
    Standing.ASKED: "承認待ち",
    Standing.REFUSED: "却下",
    Standing.LAPSED: "承認されずに終了",
    Standing.WAITING: "開始前",
    Standing.OPEN: "作業中",
    Standing.OVER: "時間切れで終了",
    Standing.ENDED: "早めに終了",
    Standing.CUT: "遮断",
}


class Decision(StrEnum):
    """承認の結果 — of a work order."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Plan:
    """作業計画 — a work order as it was asked, what was decided, and when it was ended early, if it was."""

    order: UUID
    people: frozenset[UUID]
    scope: frozenset[Permission]
    starts_at: datetime
    ends_at: datetime
    patients: frozenset[UUID] = frozenset()
    decision: Decision | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    is_cut: bool = False

    @property
    def opens_at(self) -> datetime:
        """開始時刻 — the planned start, or the approval if that came later."""
        return self.starts_at if self.decided_at is None else max(self.starts_at, self.decided_at)

    @property
    def closes_at(self) -> datetime:
        """終了時刻 — the planned end, or the earlier one."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    def standing(self, at: datetime) -> Standing:
        """作業指示の状態 — at an instant; the end itself is outside."""
        if self.decision is Decision.REFUSED:
            return Standing.REFUSED
        if self.decision is None:
            return Standing.LAPSED if at >= self.ends_at else Standing.ASKED
        if self.ended_at is not None and self.ended_at <= min(at, self.ends_at):
            return Standing.CUT if self.is_cut else Standing.ENDED
        if at >= self.ends_at:
            return Standing.OVER
        return Standing.OPEN if at >= self.opens_at else Standing.WAITING

    def is_open_for(self, person: UUID, at: datetime) -> bool:
        """作業できるか — the named person, inside the approved window."""
        return person in self.people and self.standing(at) is Standing.OPEN

    def lends(self) -> frozenset[Permission]:
        """貸与される権限 — the scope, cut down to what may be lent at all."""
        return self.scope & LENDABLE.keys()

    def may_change(self, needed: Iterable[Permission]) -> bool:
        """変更できるか — a page whose permissions are all lent for changing."""
        asked = tuple(needed)
        return bool(asked) and all(each in self.lends() and LENDABLE[each].may_write for each in asked)


class Act(NamedTuple):
    """保守の行為 — one event of the trail by a vendor's person; ``order`` is what it was done under."""

    number: int
    at: datetime
    person: UUID | None
    action: str
    order: UUID | None
    permissions: frozenset[Permission]
    patient: UUID | None
    is_refused: bool
    is_own_account: bool = False
    is_command: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """作業の照合 — the acts of an order against its plan; ``outside`` holds what should not have happened."""

    inside: tuple[Act, ...] = ()
    refused: tuple[Act, ...] = ()
    outside: tuple[Act, ...] = ()
    own_account: tuple[Act, ...] = ()
    patients: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """行為の数 — of every kind."""
        return len(self.inside) + len(self.refused) + len(self.outside) + len(self.own_account)


def reconcile(plan: Plan, acts: Iterable[Act]) -> Reconciled:
    """作業の照合 — each act is inside the plan, was refused, concerned one's own account, or is outside.

    Refused acts did nothing; their number tells whether someone tried doors. How often each patient's data was opened
    is counted for the acts that did happen.
    """
    inside: list[Act] = []
    refused: list[Act] = []
    outside: list[Act] = []
    own: list[Act] = []
    patients: Counter[UUID] = Counter()
    for act in acts:
        if act.is_refused:
            refused.append(act)
            continue
        if act.is_own_account:
            own.append(act)
            continue
        if act.patient is not None:
            patients[act.patient] += 1
        (inside if is_planned(plan, act) else outside).append(act)
    return Reconciled(tuple(inside), tuple(refused), tuple(outside), tuple(own), dict(patients))


def is_planned(plan: Plan, act: Act) -> bool:
    """計画どおりか — by a named person, under this order, inside its window and scope, on a named patient or none.

    A command on the server is noted with the user of the operating system, who need not be one of the named people, and
    has no permissions of a page: for it order and window are all that can be compared.
    """
    return (
        act.order == plan.order
        and (act.is_command or (act.person in plan.people and bool(act.permissions)))
        and plan.decision is Decision.APPROVED
        and plan.opens_at <= act.at < plan.closes_at
        and act.permissions <= plan.lends()
        and (act.patient is None or act.patient in plan.patients)
    )


def may_review(plan: Plan, reviewer: UUID, actors: Iterable[UUID], *, is_vendor: bool) -> bool:
    """確認できる人か — nobody of a vendor, and nobody who acted under the order."""
    return not is_vendor and reviewer not in plan.people and reviewer not in frozenset(actors)


def is_review_overdue(plan: Plan, at: datetime) -> bool:
    """確認の期限切れか — an approved order that ended long enough ago, and is not signed."""
    return plan.decision is Decision.APPROVED and at >= plan.closes_at + REVIEW_WITHIN
