# SPDX-License-Identifier: Apache-2.0
"""同意 — what a person lets which institution see: on the sharing service by kind, at the reader by what was agreed there.

Cite: 電子カルテ情報共有サービス（閲覧の同意）、オンライン資格確認等システム（薬剤・診療・健診情報の閲覧の同意）
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from tasuki.eligibility.times import JAPAN
from tasuki.sharing.permission import DOCUMENTS, RecordKind
from tasuki_server.eligibility.consents import TERMS
from tasuki_server.eligibility.models import ConsentRow, InsuredPerson
from tasuki_server.platform.models import ConnectedInstitution, FeeTable
from tasuki_server.platform.wire import NotReached
from tasuki_server.portal.data import insured_numbers, line
from tasuki_server.records.messages import Permission, Permissions
from tasuki_server.records.person import NotDone, grant, permissions_of, withdraw

MOST_FOUND = 20
_PERMITTED = frozenset({FeeTable.MEDICAL, FeeTable.DENTAL})


class ReaderConsent(NamedTuple):
    """カードリーダーなどでの同意 — with what was agreed to, and whether it is open."""

    row: ConsentRow
    terms: list[str]
    is_open: bool


class Consents(NamedTuple):
    """同意の一覧 — of the sharing service, none when it does not answer; and those of the reader."""

    shared: Permissions | None
    reader: list[ReaderConsent]


def consents_of_person(person: InsuredPerson) -> Consents:
    """同意の一覧 — now and before."""
    try:
        shared = permissions_of(line(), insured_numbers(person))
    except (NotReached, NotDone):
        shared = None
    now = timezone.now()
    rows = ConsentRow.objects.select_related("caller").defer("caller__digest").filter(person=person)
    reader = [
        ReaderConsent(
            row,
            [TERMS.get(each, each) for each in row.given],
            row.cancelled_at is None and (row.until_at is None or now <= row.until_at),
        )
        for row in rows.order_by("-given_at")[:100]
    ]
    return Consents(shared, reader)


def open_for(person: InsuredPerson, institution: str) -> list[Permission]:
    """この機関への同意 — those that are open now."""
    shared = consents_of_person(person).shared
    return [each for each in shared.now if each.institution == institution] if shared is not None else []


def institutions_named(words: str) -> list[ConnectedInstitution]:
    """同意できる医療機関 — by a part of the name or the ten digits; pharmacies and this portal read no such records."""
    words = words.strip()[:60]
    if not words:
        return []
    named = Q(name__icontains=words)
    if words.isdecimal() and len(words) == 10:
        named |= Q(prefecture=words[:2], fee_table=words[2], code=words[3:])
    rows = _connected().filter(named, revoked_at=None, fee_table__in=_PERMITTED)
    return list(rows.order_by("name", "code")[:MOST_FOUND])


def find_connected(number: str) -> ConnectedInstitution | None:
    """接続機関の参照 — by its ten digits."""
    found = find_ever_connected(number)
    return found if found is not None and found.revoked_at is None else None


def find_ever_connected(number: str) -> ConnectedInstitution | None:
    """接続機関の参照（停止したものも） — a consent to one that was stopped stands, and must be withdrawable all the same."""
    return _of_number(number).order_by(F("revoked_at").desc(nulls_first=True)).first()


def _of_number(number: str) -> QuerySet[ConnectedInstitution]:
    if len(number) != 10 or not number.isdecimal():
        return ConnectedInstitution.objects.none()
    return _connected().filter(prefecture=number[:2], fee_table=number[2], code=number[3:])


def _connected() -> QuerySet[ConnectedInstitution]:
    return ConnectedInstitution.objects.defer("digest")


def give(
    person: InsuredPerson, institution: str, kinds: Collection[RecordKind], last_day: date, proxy: str
) -> Permission:
    """同意する — until the end of a day in Japan. Raises :class:`NotDone`, :class:`NotReached`."""
    until = datetime.combine(last_day + timedelta(days=1), time(), JAPAN)
    return grant(line(), insured_numbers(person), institution, kinds, until=until, proxy=proxy)


def give_for_document(person: InsuredPerson, institution: str, document: str, proxy: str) -> Permission:
    """文書一通の同意 — the letter that waits, and its discharge summary; it ends with the letter. Raises as :func:`give`."""
    return grant(
        line(), insured_numbers(person), institution, sorted(DOCUMENTS), document=document, proxy=proxy
    )


def take_back(person: InsuredPerson, institution: str, kinds: Collection[RecordKind]) -> dict[str, Any]:
    """撤回する — at once: on the sharing service, and what was agreed at this institution's reader."""
    ended = 0
    if not kinds:
        # Of every connection that this number ever had.
        callers = _of_number(institution)
        rows = ConsentRow.objects.filter(person=person, caller__in=callers, cancelled_at=None)
        ended = rows.update(cancelled_at=datetime.now(UTC))
    told = withdraw(line(), insured_numbers(person), institution=institution, kinds=kinds)
    return {"event": told.id, "reader": ended}
