# SPDX-License-Identifier: Apache-2.0
"""摘要の入力 — marks, conditions and narratives of a patient's month: written, put in order, removed, taken back, copied.

Nothing is written while the month is closed, nor after its receipts were examined unless they came back: what was
handed in stays what it was (0522, 0523).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tasuki.claims.build.narratives import narrative_findings, paragraphs_of, too_many_narratives
from tasuki.claims.checks.entered_marks import refused_mark
from tasuki.claims.checks.rule import Context
from tasuki.claims.codes import PATIENT_CONDITIONS
from tasuki.claims.item_values import Month
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.claims.closing import is_closed, month_lock
from tasuki_server.claims.making import newest_build
from tasuki_server.claims.models import BuiltClaim, NoteSort, ReceiptNote
from tasuki_server.claims.note_models import LONGEST_TEXT, notes_of
from tasuki_server.claims.sending import is_past_replacing, sent_alive
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.patients.models import Patient

register(
    {
        "claims.note.closed": "締め済みの月なので変更できません。返戻や取下げの後に直すときも、月次の画面で理由を書いて締めを解いてください。",
        "claims.note.gone": "このレセプトは審査が済んでいるか、再請求しています。返戻されるか、取下げを依頼して戻ってから直してください。",
        "claims.note.already": "{name}はすでに入っています。",
        "claims.note.condition": "患者の状態「{code}」は選べません。一覧から選んでください。",
        "claims.note.long": "本文が{count}文字です。{limit}文字以内にして、残りは別の症状詳記にしてください。",
        "claims.note.nothing_to_copy": "写す症状詳記がありません。前の月の症状詳記は、すべてこの月に入っています。",
        "claims.note.nothing_to_undo": "元に戻す操作がないか、ほかの人が先に変えています。画面を開き直して確かめてください。",
    }
)
_CODES = {
    "claims.note.closed": "CLM-0034",
    "claims.note.gone": "CLM-0035",
    "claims.note.already": "CLM-0036",
    "claims.note.condition": "CLM-0037",
    "claims.note.long": "CLM-0038",
    "claims.note.nothing_to_copy": "CLM-0039",
    "claims.note.nothing_to_undo": "CLM-0040",
}
MARKS = (NoteSort.MARK, NoteSort.CONDITION)
NARRATIVES = (NoteSort.NARRATIVE,)
UNDONE = "元に戻す"
_STATE = ("code", "text", "place", "withdrawn")


def standing_refusal(patient: Patient, month: date) -> BadInput | None:
    """変更の可否 — why the notes of a patient's month cannot be changed now; None when they can."""
    if is_closed(month):
        return _refusal("claims.note.closed")
    gone = {
        key for (_, key), sent in sent_alive(month, patient_id=patient.id).items() if is_past_replacing(sent)
    }
    # A receipt that is not with the payer (held, or back) can still carry what is written now.
    if gone and all(claim.key in gone for claim in claims_of_patient(patient, month)):
        return _refusal("claims.note.gone")
    return None


def claims_of_patient(patient: Patient, month: date) -> list[BuiltClaim]:
    """患者のレセプト — of the newest making of a month."""
    build = newest_build(month)
    if build is None:
        return []
    return list(
        build.claims.filter(patient=patient).select_related("build").order_by("payer", "number", "id")
    )


def add_mark(patient: Patient, month: date, sort: NoteSort, code: str) -> ReceiptNote:
    """特記事項・患者の状態の追加 — raises ``BadInput`` for a code that may not stand on the receipts of the month."""
    _open(patient, month)
    standing = {each.code for each in notes_of(month, sort, patient.id)}
    if code in standing:
        raise _refusal("claims.note.already", field=sort, name=f"{sort.label}{code}")
    if sort is NoteSort.CONDITION and code not in PATIENT_CONDITIONS:
        raise _refusal("claims.note.condition", field=sort, code=code[:3])
    if sort is NoteSort.MARK:
        _check_mark(patient, month, code, standing)
    row = ReceiptNote.objects.create(patient=patient, month=month, sort=sort, code=code)
    return _told([row], "add")


def remove_note(row: ReceiptNote, *, read_version: int) -> ReceiptNote:
    """摘要の削除 — a last version; raises ``StaleVersion``."""
    _open(row.patient, row.month)
    return _told(
        [row.revise(read_version=read_version, reason="削除", withdrawn=True, act=new_id())], "withdraw"
    )


def add_narrative(patient: Patient, month: date, code: str, text: str) -> ReceiptNote:
    """症状詳記の追加 — after those that stand; raises ``BadInput`` for what a claim file cannot hold."""
    _open(patient, month)
    before = notes_of(month, NoteSort.NARRATIVE, patient.id)
    _check_narrative(code, text, before)
    place = max((each.place for each in before), default=0) + 1
    row = ReceiptNote.objects.create(
        patient=patient, month=month, sort=NoteSort.NARRATIVE, code=code, text=_lines(text), place=place
    )
    return _told([row], "add")


def change_narrative(row: ReceiptNote, code: str, text: str, *, read_version: int) -> ReceiptNote:
    """症状詳記の変更 — a new version; raises ``StaleVersion`` with both texts when another was saved meanwhile."""
    _open(row.patient, row.month)
    others = [
        each
        for each in notes_of(row.month, NoteSort.NARRATIVE, row.patient_id)
        if each.record_id != row.record_id
    ]
    changes = {"code": code, "text": _lines(text), "act": new_id()}
    if row.version != read_version:
        # Both texts are shown, whatever is wrong with this one.
        return row.revise(read_version=read_version, reason="変更", **changes)
    _check_narrative(code, text, others)
    return _told([row.revise(read_version=read_version, reason="変更", **changes)], "revise")


def move_narrative(row: ReceiptNote, by: int, *, read_version: int) -> ReceiptNote:
    """症状詳記の並べ替え — one place up (-1) or down (1); the first and the last stay where they are."""
    _open(row.patient, row.month)
    order = notes_of(row.month, NoteSort.NARRATIVE, row.patient_id)
    at = next((place for place, each in enumerate(order) if each.record_id == row.record_id), None)
    if at is None or row.version != read_version:
        raise StaleVersion(row, row)
    to = at + by
    if not 0 <= to < len(order):
        return row
    order[at], order[to] = order[to], order[at]
    act = new_id()
    moved = [
        each.revise(read_version=each.version, reason="並べ替え", place=place, act=act)
        for place, each in enumerate(order, 1)
        if each.place != place
    ]
    return _told(moved, "move")


def copy_narratives(patient: Patient, month: date) -> list[ReceiptNote]:
    """症状詳記の複写 — those of the newest earlier month that are not here yet, as a start."""
    _open(patient, month)
    earlier = earlier_month(patient, month)
    here = notes_of(month, NoteSort.NARRATIVE, patient.id)
    known = {(each.code, each.text) for each in here}
    found = notes_of(earlier, NoteSort.NARRATIVE, patient.id) if earlier is not None else []
    fresh = [each for each in found if (each.code, each.text) not in known]
    if not fresh:
        raise _refusal("claims.note.nothing_to_copy")
    _check_count(sum(len(paragraphs_of(each.text)) for each in (*here, *fresh)))
    last, act = max((each.place for each in here), default=0), new_id()
    made = [
        ReceiptNote.objects.create(
            patient=patient, month=month, sort=NoteSort.NARRATIVE, code=each.code, text=each.text,
            place=last + at, act=act, copied_from=each,
        )
        for at, each in enumerate(fresh, 1)
    ]  # fmt: skip
    _told(made, "copy")
    return made


def earlier_month(patient: Patient, month: date) -> date | None:
    """前の月 — the newest month before one that has narratives of the patient."""
    rows = ReceiptNote.objects.current().filter(patient=patient, sort=NoteSort.NARRATIVE, month__lt=month)
    found: date | None = rows.order_by("-month").values_list("month", flat=True).first()
    return found


def last_act(patient: Patient, month: date, sorts: Iterable[NoteSort]) -> ReceiptNote | None:
    """最後の操作 — a row that it wrote; None before there was any."""
    rows = ReceiptNote.objects.latest_versions().filter(patient=patient, month=month, sort__in=list(sorts))
    found: ReceiptNote | None = rows.order_by("-made_at", "-id").first()
    return found


def undo_act(patient: Patient, month: date, sorts: Iterable[NoteSort], act: UUID) -> ReceiptNote:
    """元に戻す — every row of the last act as it was before it, as new versions; undone again, it is as the act left it."""
    _open(patient, month)
    last = last_act(patient, month, sorts)
    if last is None or last.act != act:
        raise _refusal("claims.note.nothing_to_undo")
    undone = new_id()
    rows = ReceiptNote.objects.latest_versions().filter(patient=patient, month=month, act=act)
    made = []
    for row in rows.select_related("previous"):
        before = row.previous
        state = (
            {name: getattr(before, name) for name in _STATE} if before is not None else {"withdrawn": True}
        )
        made.append(row.revise(read_version=row.version, reason=UNDONE, act=undone, **state))
    return _told(made, "undo")


def _open(patient: Patient, month: date) -> None:
    month_lock(month, is_shared=True)
    refused = standing_refusal(patient, month)
    if refused is not None:
        raise refused


def entered_ever(patient: Patient, month: date) -> set[str]:
    """入力したことのある特記事項 — one that is gone may still stand on the receipt of the last making; all others are derived."""
    rows = ReceiptNote.objects.filter(patient=patient, month=month, sort=NoteSort.MARK)
    return set(rows.values_list("code", flat=True))


def _check_mark(patient: Patient, month: date, code: str, standing: set[str]) -> None:
    ever = entered_ever(patient, month)
    claim_month = Month(month.year, month.month).plus(1)
    claims = claims_of_patient(patient, month)
    asked = [(claim.receipt(), Context(claim.payer, claim_month)) for claim in claims]
    for receipt, context in asked or [(None, Context("", claim_month))]:
        derived = set(receipt.header.special_notes) - ever if receipt is not None else set()
        refused = refused_mark(code, derived | standing, receipt, context)
        if refused is not None:
            raise BadInput([refused])


def _check_narrative(code: str, text: str, others: Iterable[ReceiptNote]) -> None:
    if len(text) > LONGEST_TEXT:
        raise _refusal("claims.note.long", field="SJ", count=len(text), limit=LONGEST_TEXT)
    findings = narrative_findings(code, text)
    if findings:
        raise BadInput(list(findings))
    _check_count(sum(len(paragraphs_of(each)) for each in (text, *(other.text for other in others))))


def _check_count(count: int) -> None:
    refused = too_many_narratives(count)
    if refused is not None:
        raise BadInput([refused])


def _lines(text: str) -> str:
    return "\n".join(text.strip().splitlines())


def _told(rows: list[ReceiptNote], verb: str) -> ReceiptNote:
    first = rows[0]
    detail = {
        "month": f"{first.month:%Y-%m}",
        "sort": first.sort,
        "rows": len(rows),
        "version": first.version,
    }
    record(f"receiptnote.{verb}", first, first.patient_id, detail)
    return first


def _refusal(key: str, field: str = "", **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record=field), key, facts)])
