# SPDX-License-Identifier: Apache-2.0
"""届いた文書の仕分け — whose it is, how urgent, who does it, and when it was done; each step by whom, in the trail."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tasuki.chart.visit import Sex
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.sharing.build.around import PatientFacts
from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.patients.register import WhoTheyAre, register_patient
from tasuki_server.sharing.models import ArrivedDocument, Urgency

register(
    {
        "desk.triage_patient": "患者番号「{number}」の患者がいません。番号を確かめてください。",
        "desk.triage_born": "患者番号 {number} の生年月日は、文書の {theirs} と違います。同じ人と確かめたときは「確かめた」を付けてください。",
        "desk.triage_sex": "性別が書かれていないため、登録できません。患者登録で登録してから患者番号で結び付けてください。",
        "desk.triage_kana": "カナ氏名が書かれていないため、登録できません。患者登録で登録してから患者番号で結び付けてください。",
        "desk.triage_urgency": "急ぎの区分を選んでください。",
        "desk.triage_done": "何をして済みにするのかを入れてください。",
        "desk.triage_known": "すでに患者番号 {number} に結び付いています。",
    }
)
_CODES = {
    "desk.triage_patient": "SHR-0091",
    "desk.triage_born": "SHR-0092",
    "desk.triage_sex": "SHR-0093",
    "desk.triage_urgency": "SHR-0094",
    "desk.triage_done": "SHR-0095",
    "desk.triage_known": "SHR-0096",
    "desk.triage_kana": "SHR-0097",
}


def patient_of_number(number_text: str) -> Patient:
    """患者番号の患者 — whom a binding names; who binds asks for them before anything of them is compared. Raises ``BadInput``."""
    text = number_text.strip()
    found = Patient.objects.filter(number=int(text)).first() if text.isdecimal() and len(text) < 10 else None
    if found is None:
        raise refusal("desk.triage_patient", number=text)
    return found


def bind_patient(row: ArrivedDocument, found: Patient, *, is_sure: bool) -> None:
    """患者との結付け — another birth date asks first, and does not tell ours. Raises ``BadInput``."""
    if row.born_on is not None and found.born != row.born_on and not is_sure:
        record("patient.read", found, found.id, {"part": "born"})
        raise refusal("desk.triage_born", number=found.number, theirs=row.born_on)
    row.patient = found
    row.save(update_fields=["patient"])
    record("arrived.bind", row, found.id)


def unbind_patient(row: ArrivedDocument) -> None:
    """結付けの取消 — it was somebody else's."""
    before = row.patient_id
    row.patient = None
    row.save(update_fields=["patient"])
    record("arrived.unbind", row, before)


def register_from(row: ArrivedDocument, told: PatientFacts) -> Patient:
    """患者登録 — a new chart number from what the document says; raises ``BadInput`` where that is not enough."""
    if row.patient is not None:
        raise refusal("desk.triage_known", number=row.patient.number)
    if told.gender is None:
        raise refusal("desk.triage_sex")
    if not (told.family_kana and told.given_kana):
        raise refusal("desk.triage_kana")
    made = register_patient(who_of(told))
    row.patient = made
    row.save(update_fields=["patient"])
    record("arrived.bind", row, made.id, {"is_new": True})
    return made


def who_of(told: PatientFacts) -> WhoTheyAre:
    """患者基本情報 — as the document gives it."""
    return WhoTheyAre(
        name=f"{told.family} {told.given}",
        kana=f"{told.family_kana} {told.given_kana}".strip(),
        born=told.born,
        sex=str(told.gender or Sex.FEMALE),
        phone=told.telephone[:20],
        postal_code=told.postal_code[:8],
        address=told.address[:200],
    )


def sort(row: ArrivedDocument, urgency: str, assigned: UUID | None) -> None:
    """仕分け — how urgent it is, and who sees to it; raises ``BadInput``."""
    if urgency not in Urgency.values:
        raise refusal("desk.triage_urgency")
    staff = Staff.objects.filter(pk=assigned).first() if assigned is not None else None
    row.urgency, row.assigned_to = urgency, staff
    row.save(update_fields=["urgency", "assigned_to"])
    record("arrived.sort", row, row.patient_id, {"urgency": urgency, "to": str(staff.id) if staff else ""})
    if staff is not None:
        emit("arrived.assigned", {"arrived": str(row.id), "staff": str(staff.id)})


def see(row: ArrivedDocument) -> None:
    """確認 — once, by whom."""
    if row.seen_at is None:
        row.seen_at = current_work().at
        row.seen_by_id = current_work().actor.staff_id
        row.save(update_fields=["seen_at", "seen_by"])
        record("sharing.seen", row, row.patient_id)


def settle(row: ArrivedDocument, staff: Staff, words: str) -> None:
    """済み — with what was done; seen at the latest now. Raises ``BadInput`` without words."""
    if not words.strip():
        raise refusal("desk.triage_done")
    see(row)
    row.done_at, row.done_by, row.done_words = current_work().at, staff, words.strip()[:200]
    row.save(update_fields=["done_at", "done_by", "done_words"])
    record("arrived.done", row, row.patient_id)


def reopen(row: ArrivedDocument) -> None:
    """済みの取消 — there is more to be done."""
    row.done_at, row.done_by, row.done_words = None, None, None
    row.save(update_fields=["done_at", "done_by", "done_words"])
    record("arrived.reopen", row, row.patient_id)


def refusal(key: str, **facts: object) -> BadInput:
    """仕分けの拒否."""
    shown = {name: f"{value:%Y-%m-%d}" if isinstance(value, date) else value for name, value in facts.items()}
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="届いた文書"), key, shown)])
