# SPDX-License-Identifier: Apache-2.0
"""薬剤・診療・健診情報 — asked for within the consent, shown until its end, and gone after it; every view is on record.

Cite: オンライン資格確認等システム 技術解説書 薬剤情報・診療情報・特定健診情報の閲覧（同意から24時間、端末に残さない）
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tasuki.eligibility.information import (
    Source,
    ask_information,
    read_acts,
    read_checkups,
    read_drugs,
    told_day,
)
from tasuki.eligibility.reading import read_message
from tasuki.kernel.days import months_before
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.ask import keep_inquiry, number_of
from tasuki_server.confirmation.consents import (
    ACTS,
    CHECKUPS,
    DRUGS,
    OPENS,
    OPERATIONS,
    OpenConsent,
    end_of,
    open_consents,
)
from tasuki_server.confirmation.emergency_notes import is_running, note_seen, open_look
from tasuki_server.confirmation.line import may_look
from tasuki_server.confirmation.models import (
    FetchedInformation,
    InformationKind,
    Inquiry,
    InquiryState,
    Purpose,
)
from tasuki_server.confirmation.reply import Reply
from tasuki_server.patients.access import access_insurances, cards_on
from tasuki_server.patients.models import InsuranceRecord, Patient
from tasuki_server.reception.clock import now, today

PURPOSES = {InformationKind.DRUGS: Purpose.DRUGS, InformationKind.CHECKUP: Purpose.CHECKUP}
KINDS = {purpose: kind for kind, purpose in PURPOSES.items()}
SOURCES = {
    Source.RECEIPT: "レセプト",
    Source.PRESCRIBED: "電子処方箋（処方）",
    Source.DISPENSED: "電子処方箋（調剤）",
}
# レセプト information goes back five years, electronic prescriptions about a hundred days.
MONTHS_BACK = {InformationKind.DRUGS: 12, InformationKind.CHECKUP: 60}
TABLES = ("drugs", "acts", "operations", "checkups")
TABLE_TERMS = {"drugs": "薬剤", "acts": "診療", "operations": "手術", "checkups": "特定健診"}


# 6情報 have a part of their own beside the chart (sharing).
_SHOWN_HERE = frozenset(name for names in OPENS.values() for name in names)


class NoConsent(ValueError):
    """同意なし — nothing may be asked for or shown; says so in Japanese."""


@dataclass(frozen=True, slots=True)
class Shown:
    """診療情報の表示 — a table: its columns, and rows of (day, text, …)."""

    name: str
    term: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    until_at: datetime | None


def ask_open(patient: Patient, visit: Any = None) -> list[Inquiry]:
    """取得の依頼 — of every kind a consent opens and that was not asked for under it yet. Raises :class:`NoConsent`."""
    given = open_consents(patient.id, now())
    card = card_of(patient)
    if card is None:
        raise NoConsent("今日有効な医療保険がないため、取得できません。")
    if not any(end_of(kind, given) for kind in InformationKind):
        raise NoConsent(
            "閲覧の同意がありません。カードリーダーで同意した人の情報だけを、24時間に限って見られます。"
        )
    made = []
    for kind in InformationKind:
        until = end_of(kind, given)
        if until is not None and not _is_asked(patient, kind, until):
            made.append(_ask(patient, visit, card, kind, until))
    return made


def _ask(
    patient: Patient, visit: Any, card: InsuranceRecord, kind: InformationKind, until: datetime
) -> Inquiry:
    since = months_before(today(), MONTHS_BACK[kind] + 1)
    row = keep_inquiry(
        PURPOSES[kind],
        lambda sender: ask_information(sender, number_of(card), since, today()),
        patient=patient,
        visit=visit,
        until_at=until,
    )
    record("medical_information.ask", row, patient.id, {"kind": str(kind)})
    return row


def _is_asked(patient: Patient, kind: InformationKind, until: datetime) -> bool:
    rows = Inquiry.objects.filter(purpose=PURPOSES[kind], patient=patient, until_at=until)
    return rows.exclude(state__in=(InquiryState.CANCELLED, InquiryState.REFUSED)).exists()


def card_of(patient: Patient) -> InsuranceRecord | None:
    """今日の医療保険 — the one that the service knows the person by."""
    health = ("employees", "national", "late_elderly")
    return next((e for e in cards_on(access_insurances(patient), today()) if e.kind in health), None)


def take_information(inquiry: Inquiry, reply: Reply) -> None:
    """取得した情報の受入れ — not at all when the consent has ended meanwhile, or the look was judged 不適切."""
    assert inquiry.patient is not None and inquiry.until_at is not None
    if now() > inquiry.until_at or inquiry.is_of_unjustified_look:
        return
    row = FetchedInformation.objects.create(
        patient=inquiry.patient,
        inquiry=inquiry,
        kind=KINDS[Purpose(inquiry.purpose)],
        data=reply.data,
        fetched_at=now(),
        until_at=inquiry.until_at,
    )
    record("medical_information.fetch", row, inquiry.patient_id, {"kind": row.kind})


def access_information(patient: Patient) -> dict[str, Any]:
    """診療情報の内容 — the tables open now, each with its end; the view is audited with what was shown."""
    standing = standing_of(patient)
    tables: list[Shown] = []
    seen: dict[UUID, dict[str, int]] = {}
    for row in _fetched(patient, standing["at"]).values():
        made = _tables(row, standing["given"])
        if row.inquiry.emergency_id is not None:
            seen.setdefault(row.inquiry.emergency_id, {}).update({each.name: len(each.rows) for each in made})
        tables += made
    for look_id, counts in seen.items():
        note_seen(look_id, counts)
    if tables:
        shown = {each.name: len(each.rows) for each in tables}
        record("medical_information.read", "", patient.id, {"shown": shown})
    return {**standing, "tables": tables}


def _fetched(patient: Patient, at: datetime) -> dict[str, FetchedInformation]:
    rows = FetchedInformation.objects.filter(patient=patient, deleted_at=None, until_at__gte=at)
    rows = rows.select_related("inquiry")
    return {row.kind: row for row in rows.order_by("fetched_at")}


def standing_of(patient: Patient) -> dict[str, Any]:
    """診療情報の様子 — consents that hold, whether something waits, was refused, or lies ready; no content."""
    at = now()
    waiting = Inquiry.objects.filter(
        patient=patient, purpose__in=list(KINDS), state__in=(InquiryState.KEPT, InquiryState.SENT)
    )
    emergency = open_look(patient.pk, at)
    is_looking = emergency is not None and is_running(emergency)
    return {
        "given": [each for each in open_consents(patient.id, at) if each.name in _SHOWN_HERE],
        "has_content": bool(_fetched(patient, at)),
        "emergency": emergency,
        "may_look": may_look() and not is_looking,
        "is_looking": is_looking,
        "is_waiting": waiting.exists(),
        "refused": _refused(patient),
        "at": at,
    }


def _refused(patient: Patient) -> list[Inquiry]:
    """What was last asked today and refused; drugs and checkups, asked apart, may be refused in the same words."""
    asked = Inquiry.objects.filter(patient=patient, purpose__in=list(KINDS), made_at__date=today())
    newest = {
        each.purpose: each for each in asked.only("purpose", "state", "code", "message").order_by("made_at")
    }
    refused = [each for each in newest.values() if each.state == InquiryState.REFUSED]
    return list({(each.code, each.message): each for each in refused}.values())


def _tables(row: FetchedInformation, given: Sequence[OpenConsent]) -> list[Shown]:
    ends = {each.name: each.until_at for each in given}
    if row.inquiry.emergency_id is not None:
        ends = dict.fromkeys(OPENS[InformationKind(row.kind)], row.until_at)
    message = read_message(bytes(row.data), "")
    if row.kind == InformationKind.CHECKUP:
        if CHECKUPS not in ends:
            return []
        results = tuple(
            (_day(each.day), each.name, f"{each.value_name or each.value} {each.unit}".strip(), each.code)
            for each in read_checkups(message)
        )
        return [
            Shown(
                "checkups",
                TABLE_TERMS["checkups"],
                ("健診日", "項目", "結果", "コード"),
                results,
                ends[CHECKUPS],
            )
        ]
    made = []
    if DRUGS in ends:
        drugs = tuple(
            (
                _day(each.day),
                each.name,
                f"{each.quantity}{each.unit}",
                each.usage,
                each.times,
                each.institution,
                SOURCES[each.source] + ("・入院" if each.is_inpatient else ""),
            )
            for each in read_drugs(message)
        )
        columns = ("日付", "薬剤", "数量", "用法", "回数", "医療機関・薬局", "出どころ")
        made.append(Shown("drugs", TABLE_TERMS["drugs"], columns, drugs, ends[DRUGS]))
    acts = read_acts(message)
    for consent, name, is_operation in ((ACTS, "acts", False), (OPERATIONS, "operations", True)):
        if consent in ends:
            rows = tuple(
                (_day(each.day), each.name, each.times, each.institution)
                for each in acts
                if each.is_operation == is_operation
            )
            columns = ("日付", TABLE_TERMS[name], "回数", "医療機関")
            made.append(Shown(name, TABLE_TERMS[name], columns, rows, ends[consent]))
    return made


def _day(text: str) -> str:
    day: date | None = told_day(text)
    if day is None:
        return text
    return f"{day:%Y-%m}" if len(text) == 6 else f"{day:%Y-%m-%d}"


def delete_ended(at: datetime) -> int:
    """期限の過ぎた情報の消去 — the content goes, the row says that it was there and when it went."""
    ended = FetchedInformation.objects.filter(deleted_at=None, until_at__lt=at).order_by("until_at")
    count = 0
    for row in ended.defer("data")[:100]:
        forget(row, at)
        count += 1
    return count


def forget(row: FetchedInformation, at: datetime) -> None:
    """情報の消去 — of one; the row stays."""
    row.data, row.deleted_at = None, at
    row.save(update_fields=["data", "deleted_at"])
    record("medical_information.delete", row, row.patient_id, {"kind": row.kind})
