# SPDX-License-Identifier: Apache-2.0
"""閲覧の記録 — which institution looked at what, when and by which way; never a member of its staff, and one's own looks too."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connections, router
from django.db.models import Case, Count, F, Max, When
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from tasuki.eligibility.times import JAPAN
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.platform.access import operation_label
from tasuki_server.platform.models import ServiceEvent
from tasuki_server.platform.wire import NotReached
from tasuki_server.portal.data import insured_numbers, line
from tasuki_server.portal.models import Event
from tasuki_server.portal.statements import unread_of
from tasuki_server.prescriptions.intake import identity_of
from tasuki_server.prescriptions.models import Patient
from tasuki_server.records.messages import Look
from tasuki_server.records.own_view import CODE_TERM
from tasuki_server.records.person import NotDone, looks_at

MOST = 200
# 拒否の結果コード: refusals of the services, which are codes of our own; other outcomes are answers.
REFUSAL = "TSK"
_WAYS = {
    "disaster": "disaster",
    "view-drugs": "consent",
    "view-checkups": "consent",
    "emergency-drugs": "emergency",
    "emergency-checkups": "emergency",
}
_PRESCRIPTION_PEOPLE = """
    SELECT p.id FROM prescriptions_patient p
    JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS k(insurer, symbol, number, branch)
      USING (insurer, symbol, number, branch)
"""


class LookRow(NamedTuple):
    """閲覧の一件 — ``way`` is a word of the tables (``way.*``); ``act`` one of the portal's acts, for one's own.

    ``count`` looks of one institution at one thing on one day are told as one, ``at`` being the last: a clinic's machine
    that asks again and again after a prescription must not push out of sight who looked in an emergency.
    """

    at: datetime
    who: str
    what: str
    way: str
    reason: str = ""
    act: str = ""
    is_refused: bool = False
    count: int = 1


def looks_of(person: InsuredPerson, whose: str = "") -> tuple[list[LookRow], bool]:
    """閲覧の記録 — the newest first, and whether every service answered; ``whose`` leaves institutions or oneself."""
    rows: list[LookRow] = []
    is_whole = True
    if whose != "self":
        rows += _services(person)
        try:
            told = looks_at(line(), insured_numbers(person)).looks
        except (NotReached, NotDone):
            told, is_whole = (), False
        rows += [
            LookRow(
                each.at, each.institution_name, each.what, _way(each), each.reason, is_refused=each.is_refused
            )
            for each in told
        ]
    if whose != "institutions":
        rows += _own(person)
    return sorted(rows, key=lambda row: row.at, reverse=True)[:MOST], is_whole


def _way(look: Look) -> str:
    if look.is_emergency:
        return "emergency"
    if look.what == CODE_TERM:
        return "desk"
    return "asked" if look.is_refused else "consent"


def _services(person: InsuredPerson) -> list[LookRow]:
    """Eligibility and prescriptions keep their uses in one table, by identifiers of their own."""
    known = [person.pk, *_prescription_people(person)]
    rows = (
        ServiceEvent.objects.filter(person_id__in=known)
        .values(
            # Two institutions may have one name: each is told for itself.
            "operation", "caller", name=F("caller__name"), day=TruncDate("at", tzinfo=JAPAN), reason=KT("detail__reason"),
            is_refused=Case(When(outcome__startswith=REFUSAL, then=True), default=False),
        )
        .annotate(last=Max("at"), count=Count("id"))
        .order_by("-last")[:MOST]
    )  # fmt: skip
    return [
        LookRow(
            each["last"],
            each["name"] or "",
            operation_label(each["operation"]),
            _WAYS.get(each["operation"], "service"),
            (each["reason"] or "") if _WAYS.get(each["operation"]) == "emergency" else "",
            is_refused=each["is_refused"],
            count=each["count"],
        )
        for each in rows
    ]


def _prescription_people(person: InsuredPerson) -> list[object]:
    cards = [
        identity_of(each.insurer_number, each.symbol, each.number, each.branch)
        for each in person.qualifications.all()
    ]
    if not cards:
        return []
    columns = [list(column) for column in zip(*cards, strict=True)]
    with connections[router.db_for_read(Patient)].cursor() as cursor:
        cursor.execute(_PRESCRIPTION_PEOPLE, columns)
        return [row[0] for row in cursor.fetchall()]


def _own(person: InsuredPerson) -> list[LookRow]:
    rows = (
        Event.objects.select_related("account__person", "proxy")
        .defer(*unread_of("account__person"))
        .filter(person=person)
        .order_by("-number")[:MOST]
    )
    return [
        LookRow(
            each.at,
            each.account.person.name if each.account is not None else "",
            "",
            "proxy" if each.proxy_id is not None else "self",
            act=each.act,
            is_refused=each.is_refused,
        )
        for each in rows
    ]
