# SPDX-License-Identifier: Apache-2.0
"""本人のデータ — everything the portal reads of the platform's services, behind one module.

A person sees what institutions registered, wherever it is; not what is marked 未告知 (not told yet) or 未提供 (for
nobody), which the sharing service leaves out. Each reading is recorded there too.

Cite: 電子カルテ情報共有サービス FHIR記述仕様書 (JP-CLINS 1.10.0) フラグ 未告知・未提供
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from tasuki.sharing.build.names import INSURED, PUBLIC_PAYER
from tasuki.sharing.permission import RecordKind, insured_key, is_of_one_person
from tasuki_server.eligibility.models import (
    CheckupRecord,
    DrugRecord,
    HeldQualification,
    InsuredPerson,
    TreatmentRecord,
)
from tasuki_server.eligibility.viewing import YEARS_BACK
from tasuki_server.platform.clients import house_token, register_institution
from tasuki_server.platform.models import FeeTable
from tasuki_server.platform.wire import NotReached, Wire
from tasuki_server.portal.statements import cards_of
from tasuki_server.records.messages import Insured, OwnRecords
from tasuki_server.records.person import NotDone, own_records, portal_wire
from tasuki_server.settings_table import text

# この画面そのものの接続: one portal an installation; no institution's.
PORTAL = UUID("018d0000-0000-7000-8000-706f7274616c")
NAME = "本人の画面"
MOST = 2000
# 証の区分: 医療扶助, whose numbers are of the payer.
WELFARE = "A1"
LABS = (RecordKind.LABORATORY, RecordKind.INFECTION)


class Away(Exception):
    """つながらない — the sharing service does not answer; what a person sees would not be everything."""


class Registered(NamedTuple):
    """登録された情報 — a resource as it is kept, by whom it was registered and when."""

    resource: dict[str, Any]
    institution: str
    at: datetime


class Document(NamedTuple):
    """文書 — a letter with where it went and how it stands, or a report of a checkup; no Bundle once it was let go."""

    id: str
    kind: RecordKind
    institution: str
    receiver_number: str
    receiver: str
    state: str
    at: datetime
    bundle: dict[str, Any] | None


class OwnData(NamedTuple):
    """本人の記録 — across all institutions, the newest first."""

    by_kind: dict[RecordKind, list[Registered]]
    documents: list[Document]

    def of(self, *kinds: RecordKind) -> list[Registered]:
        """種類の記録 — of these kinds."""
        return [each for kind in kinds for each in self.by_kind.get(kind, ())]


def line() -> Wire:
    """この画面の接続 — to the services of the platform."""
    return portal_wire(PORTAL, NAME)


def open_line() -> None:
    """接続の用意 — before a page's transaction begins: what is registered inside it, no service could see yet."""
    if not text("TASUKI_PLATFORM_URL"):
        register_institution("00", FeeTable.PORTAL, "0000000", NAME, house_token(PORTAL))


def own_data(person: InsuredPerson) -> OwnData:
    """本人の記録 — raises :class:`Away`."""
    numbers = insured_numbers(person)
    if not numbers:
        return OwnData({}, [])
    try:
        told = own_records(line(), numbers)
    except (NotReached, NotDone) as away:
        raise Away from away
    return _gathered(told)


def insured_numbers(person: InsuredPerson) -> tuple[Insured, ...]:
    """被保険者個人識別子 — of every card the person has had, as JP-CLINS writes it.

    A card without 枝番 names a whole family: nothing is shown by it.
    """
    told = (_number(each) for each in cards_of(person))
    return tuple(each for each in told if is_of_one_person(_key(each)))


def drugs_elsewhere(person: InsuredPerson, since: date) -> list[DrugRecord]:
    """薬剤情報 — of receipts, prescriptions and dispensings, as the eligibility service keeps them."""
    return list(DrugRecord.objects.filter(person=person, day__gte=since).order_by("-day", "name")[:MOST])


def acts_of(person: InsuredPerson, since: date) -> list[TreatmentRecord]:
    """診療情報 — acts of receipts, operations among them."""
    return list(TreatmentRecord.objects.filter(person=person, day__gte=since).order_by("-day", "name")[:MOST])


def checkups_of(person: InsuredPerson) -> list[CheckupRecord]:
    """特定健診情報 — item by item, the newest day first."""
    return list(CheckupRecord.objects.filter(person=person).order_by("-day", "id")[:MOST])


def records_since() -> date:
    """見られる期間の初日 — five years back, as receipts and checkups are viewed."""
    today = timezone.localdate()
    return today - timedelta(days=YEARS_BACK * 366)


def _number(card: HeldQualification) -> Insured:
    insurer = card.insurer_number.strip()
    if card.card_class == WELFARE:
        return Insured(f"{insurer}::{card.number}:", is_public=True)
    return Insured(f"{insurer.zfill(8)}:{card.symbol}:{card.number}:{card.branch}")


def _key(told: Insured) -> str:
    return insured_key(told.number, PUBLIC_PAYER if told.is_public else INSURED)


def _gathered(told: OwnRecords) -> OwnData:
    by_kind: dict[RecordKind, list[Registered]] = {}
    for each in told.resources:
        row = Registered(_read(each.resource), each.institution_name, each.registered_at)
        by_kind.setdefault(each.kind, []).append(row)
    documents = [
        Document(
            each.id, each.kind, each.institution_name, each.receiver, each.receiver_name, each.state, each.registered_at, _read(each.bundle)
        )
        for each in told.documents
    ]  # fmt: skip
    return OwnData(by_kind, documents)


def _read(raw: Iterable[int]) -> Any:
    """As written: a value of 0.90 stays 0.90."""
    return json.loads(bytes(raw), parse_float=Decimal)
