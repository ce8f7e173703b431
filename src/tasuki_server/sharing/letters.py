# SPDX-License-Identifier: Apache-2.0
"""診療情報提供書・退院時サマリー — filled in from the chart, signed by the doctor, checked, and kept to be sent.

Cite: 医科点数表 B009 診療情報提供料（Ⅰ） 別紙様式11; JP-CLINS 1.10.0 JP_Bundle_eReferral, JP_Bundle_eDischargeSummary
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.chart.draft import newest_note
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit
from tasuki_server.records.messages import Attachment
from tasuki_server.sharing.letter_bundle import Enclosed, built_letter, keep_unit
from tasuki_server.sharing.letter_draft import Typed, discard_letter
from tasuki_server.sharing.letter_models import unit_key_of
from tasuki_server.sharing.letter_parts import letter_parts
from tasuki_server.sharing.models import (
    LetterConsent,
    LetterDraft,
    SentLetter,
    SharedUnit,
    UnitKind,
    WrittenDocument,
)
from tasuki_server.sharing.triage import settle

register(
    {
        "desk.letter_recipient": "紹介先の医療機関コードは10桁の数字（都道府県2桁・点数表1桁・機関コード7桁）で入れてください。",
        "desk.letter_missing": "{what}を入れてください。",
        "desk.letter_day": "{what}「{value}」を読めません。2026-06-15 や R8.6.15 のように入れてください。",
        "desk.letter_order": "退院日が入院日より前です。",
        "desk.letter_consent": "紹介先が閲覧することの同意をどう取ったか（取るか）を選んでください。",
        "desk.letter_summary": "添える退院時サマリーが、この患者の署名した書類にありません。選び直してください。",
        "desk.letter_long": "{what}は4,000文字までにしてください（いま{count}文字）。",
    }
)
_CODES = {
    "desk.letter_recipient": "SHR-0051",
    "desk.letter_missing": "SHR-0052",
    "desk.letter_day": "SHR-0053",
    "desk.letter_order": "SHR-0054",
    "desk.letter_long": "SHR-0055",
    "desk.letter_consent": "SHR-0058",
    "desk.letter_summary": "SHR-0059",
}
_NUMBER = re.compile(r"[0-4][0-9][1-3][0-9]{7}")
LONGEST = 4000
RECIPIENT = ("recipient_number", "recipient_name", "recipient_department", "recipient_doctor")


class Box(NamedTuple):
    """書類の欄 — its name, its label, whether it must be filled, and how it is entered."""

    name: str
    label: str
    is_required: bool = False
    form: str = "text"  # text, line, day or a list


DISPOSITIONS = (
    ("1", "治癒・軽快"),
    ("3", "寛解"),
    ("4", "不変"),
    ("5", "増悪"),
    ("6", "傷病による死亡"),
    ("7", "傷病以外による死亡"),
    ("9", "その他"),
)
BOXES = {
    UnitKind.REFERRAL: (
        Box("purpose", "紹介目的", True),
        Box("complaint", "傷病名・主訴", True),
        Box("past", "既往歴"),
        Box("family", "家族歴"),
        Box("present", "症状経過・現病歴", True),
        Box("laboratory", "検査結果"),
        Box("course", "治療経過"),
        Box("medication", "現在の処方"),
        Box("allergies", "アレルギー"),
        Box("plan", "今後の方針"),
        Box("remarks", "備考"),
    ),
    UnitKind.DISCHARGE: (
        Box("admitted_on", "入院日", True, "day"),
        Box("discharged_on", "退院日", True, "day"),
        Box("disposition", "転帰", True, "list"),
        Box("discharge_diagnoses", "退院時診断", True),
        Box("reason", "入院理由", True),
        Box("present", "現病歴"),
        Box("past", "既往歴"),
        Box("course", "入院中経過", True),
        Box("laboratory", "検査結果"),
        Box("discharge_medication", "退院時の処方"),
        Box("allergies", "アレルギー"),
        Box("plan", "退院後の方針"),
    ),
}


def prefilled(visit: Visit, kind: UnitKind) -> dict[str, str]:
    """書類の下書き — what the chart knows already; the doctor goes on from there."""
    parts = letter_parts(visit)
    note = newest_note(visit)
    said = (
        "\n".join(text for text in (note.subjective, note.objective, note.assessment) if text) if note else ""
    )
    given = {
        "present": said,
        "course": note.plan if note is not None and kind is UnitKind.REFERRAL else "",
        "allergies": "\n".join(parts.allergies),
        "laboratory": "\n".join(parts.results),
        "plan": note.plan if note is not None and kind is UnitKind.DISCHARGE else "",
    }
    if kind is UnitKind.REFERRAL:
        return {**given, "complaint": "\n".join(parts.diseases), "medication": "\n".join(parts.drugs)}
    return {
        **given,
        "discharge_diagnoses": "\n".join(parts.diseases),
        "discharge_medication": "\n".join(parts.drugs),
        "discharged_on": f"{visit.day:%Y-%m-%d}",
    }


def names_of(kind: UnitKind) -> tuple[str, ...]:
    """書類の欄の名前 — the boxes, and of a 診療情報提供書 whom it is for and what goes with it."""
    boxes = tuple(box.name for box in BOXES[kind])
    return (*RECIPIENT, *boxes, "summary") if kind is UnitKind.REFERRAL else boxes


def read_letter(kind: UnitKind, form: Mapping[str, str]) -> dict[str, str]:
    """書類の読取 — raises ``BadInput`` naming each box."""
    given = {box.name: _text(form.get(box.name, "")) for box in BOXES[kind]}
    faults = []
    if kind is UnitKind.REFERRAL:
        given |= {name: _text(form.get(name, ""))[:100] for name in (*RECIPIENT, "summary")}
        if not _NUMBER.fullmatch(given["recipient_number"]):
            faults.append(_finding("desk.letter_recipient"))
        if not given["recipient_name"]:
            faults.append(_finding("desk.letter_missing", what="紹介先の名称"))
        if form.get("consent", "") not in LetterConsent.values:
            faults.append(_finding("desk.letter_consent"))
    for box in BOXES[kind]:
        value = given[box.name]
        if box.is_required and not value:
            faults.append(_finding("desk.letter_missing", what=box.label))
        elif box.form == "day" and read_day(value) is None:
            faults.append(_finding("desk.letter_day", what=box.label, value=value))
        elif len(value) > LONGEST:
            faults.append(_finding("desk.letter_long", what=box.label, count=len(value)))
    if kind is UnitKind.DISCHARGE and not faults:
        first, last = day_of(given["admitted_on"]), day_of(given["discharged_on"])
        if last < first:
            faults.append(_finding("desk.letter_order"))
    if faults:
        raise BadInput(faults)
    return given


def sign_letter(
    visit: Visit,
    kind: UnitKind,
    given: dict[str, str],
    doctor: Staff,
    typed: Typed,
    draft: LetterDraft | None = None,
) -> WrittenDocument:
    """書類の署名 — kept with its Bundle in one transaction, and the draft is gone; raises ``BadInput`` for an error.

    A 退院時サマリー waits for the 診療情報提供書 it goes with.
    """
    record_id = new_id()
    bundle, told = built_letter(visit, kind, given, doctor, record_id, typed.left_out)
    answers = draft.answers if draft is not None else None
    document = WrittenDocument.objects.create(
        record_id=record_id,
        kind=kind,
        patient_id=visit.patient_id,
        visit=visit,
        recipient_number=given.get("recipient_number", ""),
        recipient_name=given.get("recipient_name", ""),
        contents=given,
        doctor=doctor,
        day=today(),
    )
    files = draft.files.order_by("added_at", "id") if draft is not None else ()
    enclosed = Enclosed(
        typed.consent,
        tuple(Attachment(each.title, bytes(each.data)) for each in files),
        _summary(visit, given.get("summary", "")),
        answers.remote if answers is not None else "",
    )
    keep_unit(document, bundle, told, enclosed)
    if kind is UnitKind.REFERRAL:
        SentLetter.objects.create(
            patient_id=visit.patient_id,
            document=document,
            consent=typed.consent,
            answers=answers,
            is_reply_wanted=answers is None,
        )
    if answers is not None:
        settle(answers, doctor, "返書を書いた")
    if draft is not None:
        discard_letter(draft)
    record(
        "sharing.document",
        document,
        visit.patient_id,
        {"kind": str(kind), "to": document.recipient_number, "files": len(enclosed.files)},
    )
    emit("sharing.document", {"document": str(document.id), "kind": str(kind)})
    return document


def summaries(patient_id: UUID) -> list[WrittenDocument]:
    """添えられる退院時サマリー — signed ones of the patient, the newest first."""
    rows = WrittenDocument.objects.filter(patient=patient_id, kind=UnitKind.DISCHARGE)
    return list(rows.order_by("-made_at")[:20])


def _summary(visit: Visit, chosen: str) -> bytes:
    if not chosen:
        return b""
    found = next((each for each in summaries(visit.patient_id) if str(each.id) == chosen), None)
    unit = (
        SharedUnit.objects.filter(unit_key=unit_key_of(found.record_id)).first()
        if found is not None
        else None
    )
    if unit is None:
        raise BadInput([_finding("desk.letter_summary")])
    return bytes(unit.bundle)


def recipients() -> list[tuple[str, str]]:
    """これまでの紹介先 — number and name, the newest first."""
    rows = (
        WrittenDocument.objects.exclude(recipient_number="")
        .order_by("-made_at")
        .values_list("recipient_number", "recipient_name")[:200]
    )
    return list(dict.fromkeys(rows))


def day_of(text: str) -> date:
    """書類の日付 — of a box that was read before."""
    found = read_day(text)
    assert found is not None
    return found


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def _finding(key: str, **facts: Any) -> Finding:
    return Finding(_CODES[key], Severity.BLOCK, Where(record="書類"), key, facts)


__all__ = ["BOXES", "DISPOSITIONS", "prefilled", "read_letter", "recipients", "sign_letter"]
