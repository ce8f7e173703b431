# SPDX-License-Identifier: Apache-2.0
"""保険者の参照 — the 健診結果報告書 that came for an insurer's own insured, to its people alone; anybody else gets 404.

A role given by some institution's administrator is not enough: who looks for which insurer is written by the command
line. Each person told is a row of the record of use in the insurer's name, in the transaction that reads, so that they
see it among who looked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone

from tasuki.kernel.kana import search_key
from tasuki.sharing.checkups.values import CheckupKind
from tasuki_server.audit.trail import record
from tasuki_server.platform.models import FeeTable, ServiceEvent
from tasuki_server.records.asked import DONE, OPERATION, person_id
from tasuki_server.records.checkups import insurer_of
from tasuki_server.records.models import Checkup, InsurerClerk
from tasuki_server.records.retention import Limits
from tasuki_server.records.rules import kept_rules

# The same act as an insurer's machine, so that a person's page tells both alike.
LOOK = f"{OPERATION}read-checkups"
ON_A_PAGE = 50
# 経年: reports of one person that are set beside each other.
MOST_YEARS = 10
ORDERS = {
    "": ("届いた日（新しい順）", ("-registered_at", "-id")),
    "day": ("実施日（新しい順）", ("-checked_on", "-registered_at", "-id")),
    "name": ("フリガナ", ("kana", "name", "-checked_on", "-id")),
    "institution": ("健診機関", ("institution", "-checked_on", "-id")),
}
PERIODS = {"came": "届いた日", "held": "実施日"}


@dataclass(frozen=True, slots=True)
class Question:
    """一覧の条件 — words, kind, days and order, as the page asks them; what is no day counts as none."""

    words: str = ""
    kind: str = ""
    period: str = "came"
    since: date | None = None
    until: date | None = None
    order: str = ""
    page: int = 1

    @classmethod
    def read(cls, given: QueryDict) -> Question:
        """条件の読込み — of what follows the question mark."""
        page, period, order = given.get("page", ""), given.get("period", ""), given.get("order", "")
        kind = given.get("kind", "")
        return cls(
            words=given.get("words", "").replace("\0", "").strip()[:60],
            kind=kind if kind in list(CheckupKind) else "",
            period=period if period in PERIODS else "came",
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            order=order if order in ORDERS else "",
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 7 else 1,
        )

    @property
    def as_query(self) -> str:
        """条件 — as it stands in an address, without the page."""
        told = {
            "words": self.words, "kind": self.kind, "period": "" if self.period == "came" else self.period,
            "since": self.since, "until": self.until, "order": self.order,
        }  # fmt: skip
        return urlencode({name: str(value) for name, value in told.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """絞り込みの有無 — so that an empty list can say whether anything came at all."""
        return any((self.words, self.kind, self.since, self.until))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def clerk_of(request: HttpRequest) -> InsurerClerk:
    """保険者の担当者 — 404 for everyone else, whatever their role, and when the insurer's connection was stopped."""
    found = (
        InsurerClerk.objects.select_related("connected")
        .filter(user_id=request.user.pk, ended_at=None, connected__revoked_at=None)
        .filter(connected__fee_table=FeeTable.INSURER)
        .first()
    )
    if found is None:
        raise Http404("insurer")
    return found


def own_number(clerk: InsurerClerk) -> str:
    """保険者番号 — eight digits."""
    return insurer_of(clerk.connected.institution_number)


def access_list(clerk: InsurerClerk, question: Question) -> dict[str, Any]:
    """届いた健診結果の一覧 — of a page; each person on it is told of the look."""
    with transaction.atomic(using="platform"):
        found = _asked(_own(clerk), question)
        count = found.count()
        pages = max(1, -(-count // ON_A_PAGE))
        page = min(question.page, pages)
        start = (page - 1) * ON_A_PAGE
        rows = list(found.defer("body").select_related("caller")[start : start + ON_A_PAGE])
        _note(clerk, rows, "list")
    record("insurer.list", detail={"insurer": own_number(clerk), "count": count, "shown": len(rows)})
    return {"rows": rows, "count": count, "page": page, "pages": pages}


def access_report(clerk: InsurerClerk, checkup_id: UUID) -> tuple[Checkup, list[Checkup]]:
    """届いた健診結果 — one, and those of the same insured number beside it, the newest first, itself among them."""
    with transaction.atomic(using="platform"):
        row = _find(clerk, checkup_id)
        beside = list(
            _own(clerk)
            .filter(person=row.person)
            .select_related("caller")
            .order_by("-checked_on", "-id")[:MOST_YEARS]
        )
        _note(clerk, [row], "report")
    record("insurer.read", row, detail={"insurer": own_number(clerk), "beside": len(beside)})
    return row, beside


def take_report(clerk: InsurerClerk, checkup_id: UUID, wire: str) -> Checkup:
    """健診結果の受取り — one, to be given as a file."""
    with transaction.atomic(using="platform"):
        row = _find(clerk, checkup_id)
        _note(clerk, [row], wire)
    record("insurer.take", row, detail={"insurer": own_number(clerk), "form": wire})
    return row


def _own(clerk: InsurerClerk) -> QuerySet[Checkup]:
    """What came under this insurer's number and is still kept: nothing else is ever asked for."""
    limit = Limits(kept_rules(), timezone.now()).usual
    return Checkup.objects.filter(insurer=own_number(clerk), body__isnull=False, registered_at__gte=limit)


def _find(clerk: InsurerClerk, checkup_id: UUID) -> Checkup:
    row = _own(clerk).select_related("caller").filter(pk=checkup_id).first()
    if row is None:
        raise Http404("checkup")
    return row


def _asked(rows: QuerySet[Checkup], question: Question) -> QuerySet[Checkup]:
    for word in question.words.split():
        number = unicodedata.normalize("NFKC", word)
        rows = rows.filter(
            Q(words__contains=search_key(word)) | Q(person__contains=number) | Q(caller__name__contains=word)
        )
    if question.kind:
        rows = rows.filter(kind=question.kind)
    column = "registered_at__date" if question.period == "came" else "checked_on"
    for end, day in (("gte", question.since), ("lte", question.until)):
        if day is not None:
            rows = rows.filter(**{f"{column}__{end}": day if question.period == "came" else day.isoformat()})
    return rows.order_by(*ORDERS[question.order][1])


def _note(clerk: InsurerClerk, rows: Iterable[Checkup], way: str) -> None:
    """利用の記録 — one row for each person told."""
    at = timezone.now()
    people = dict.fromkeys(row.person for row in rows)
    ServiceEvent.objects.bulk_create(
        ServiceEvent(
            at=at,
            caller=clerk.connected,
            operation=LOOK,
            person_id=person_id(person),
            outcome=DONE,
            detail={"page": way},
        )
        for person in people
    )
