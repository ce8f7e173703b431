# SPDX-License-Identifier: Apache-2.0
"""書類のBundle — a letter as the guide's document, checked; and the request that hands it to its addressee.

A 退院時サマリー has no addressee of its own: it is kept here and goes beside a 診療情報提供書.

Cite: 電子カルテ情報共有サービス 文書送付サービス（退院時サマリーは診療情報提供書の添付としてのみ送る）
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tasuki.claims.codes import DEPARTMENTS
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.sharing.build.around import Around, DepartmentFacts, DoctorFacts, InstitutionFacts
from tasuki.sharing.build.discharge import DischargeFacts, build_discharge_summary
from tasuki.sharing.build.document import EMPTY, Part
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.referral import ReferralFacts, build_referral
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.models import Visit
from tasuki_server.records.messages import Attachment, Sending
from tasuki_server.sharing.checking import Told, check_document, content_mark
from tasuki_server.sharing.letter_draft import MOST_SENT
from tasuki_server.sharing.letter_models import unit_key_of
from tasuki_server.sharing.letter_parts import LetterParts, letter_parts
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.models import (
    LetterConsent,
    SharedItem,
    SharedUnit,
    UnitKind,
    UnitState,
    WrittenDocument,
)
from tasuki_server.sharing.person import patient_facts, sender_of
from tasuki_server.sharing.planning import note_step
from tasuki_server.sharing.setting import is_used
from tasuki_server.sharing.standard_codes import codes_for

register(
    {
        "desk.letter_error": "書類の点検で誤りが見つかりました（{place}）: {text}",
        "desk.letter_large": "送る書類が{size}MBあり、10MBを超えています。添付を減らしてください。",
    }
)


class Enclosed(NamedTuple):
    """同封 — how consent was taken, the files and the summary that go with it, and the document it answers."""

    consent: str
    files: tuple[Attachment, ...] = ()
    discharge: bytes = b""
    answers: str = ""


def built_letter(
    visit: Visit,
    kind: UnitKind,
    given: dict[str, str],
    doctor: Staff,
    record_id: UUID,
    left_out: Collection[str] = (),
) -> tuple[dict[str, Any], tuple[Told, ...]]:
    """書類の組立 — raises ``BadInput`` for what is missing and for every error the check finds."""
    parts = letter_parts(visit, left_out)
    around = _around(visit, doctor, record_id, parts)
    made = (
        _referral(parts, given, around)
        if kind is UnitKind.REFERRAL
        else _discharge(visit, parts, given, around)
    )
    told = check_document(made)
    errors = [each for each in told if each.severity == Severity.BLOCK]
    if errors:
        raise BadInput([_error(each) for each in errors])
    return made, tuple(each for each in told if each.severity == Severity.CONFIRM)


def keep_unit(
    document: WrittenDocument, bundle: dict[str, Any], told: Sequence[Told], enclosed: Enclosed
) -> SharedUnit:
    """書類の送信単位 — waits in the line like everything else; where the institution does not share, it stays here.

    Raises ``BadInput`` when what would be sent is too large.
    """
    data = to_json(bundle)
    is_letter = document.kind == UnitKind.REFERRAL
    state = UnitState.BESIDE
    if is_letter:
        state = UnitState.KEPT if is_used() else UnitState.DROPPED
    unit = SharedUnit.objects.create(
        patient_id=document.patient_id,
        visit_id=document.visit_id,
        kind=document.kind,
        unit_key=unit_key_of(document.record_id),
        number=document.version,
        state=state,
        content=content_mark(bundle),
        bundle=data,
        body=_request(document, data, enclosed) if is_letter else None,
        findings=[each.kept() for each in told],
        made_by_id=document.doctor_id,
        made_at=current_work().at,
        next_at=current_work().at,
    )
    SharedItem.objects.create(
        unit=unit,
        patient_id=document.patient_id,
        place=0,
        of_record=document.record_id,
        of_version=document.version,
        identifier=bundle["identifier"]["value"][:100],
        title=(
            f"{document.get_kind_display()}（{document.recipient_name}）"
            if is_letter
            else document.get_kind_display()
        )[:200],
    )
    note_step(unit, str(unit.state), document.recipient_name)
    return unit


def _request(document: WrittenDocument, data: bytes, enclosed: Enclosed) -> bytes:
    sending = Sending(
        document.recipient_number,
        "oral" if enclosed.consent == LetterConsent.ORAL else "later",
        msgspec.Raw(data),
        enclosed.files,
        msgspec.Raw(enclosed.discharge or b"null"),
        enclosed.answers,
    )
    body = msgspec.json.encode(sending)
    if len(body) > MOST_SENT:
        facts = {"size": f"{len(body) / 1_000_000:.1f}"}
        raise BadInput(
            [Finding("SHR-0057", Severity.BLOCK, Where(record="書類"), "desk.letter_large", facts)]
        )
    return body


def _around(visit: Visit, doctor: Staff, record_id: UUID, parts: LetterParts) -> Around:
    sender = sender_of(visit, doctor)
    facts = (*parts.disease_facts, *parts.allergy_facts, *parts.result_facts, *parts.drug_facts)
    return Around(
        institution=sender.institution,
        patient=patient_facts(visit.patient, visit),
        sent_at=current_work().at,
        unit_number=f"L-{record_id.hex}",
        department=sender.department,
        doctor=sender.doctor,
        visit=sender.visit,
        codes=codes_for(facts, visit.day, mappings()),
    )


def _referral(parts: LetterParts, given: dict[str, str], around: Around) -> dict[str, Any]:
    doctor, department = given["recipient_doctor"], given["recipient_department"]
    return build_referral(
        ReferralFacts(
            number=around.unit_number,
            issued_at=_now(around),
            purpose=given["purpose"],
            recipient=InstitutionFacts(given["recipient_number"], given["recipient_name"]),
            recipient_department=_department(department),
            recipient_doctor=DoctorFacts("to", doctor) if doctor else None,
            complaint=Part(given["complaint"], parts.disease_facts),
            present=_part(given["present"]),
            past=_part(given["past"]),
            family=_part(given["family"]),
            allergies=Part(given["allergies"], parts.allergy_facts),
            laboratory=Part(given["laboratory"], parts.result_facts),
            medication=Part(given["medication"], parts.drug_facts),
            course=_part(given["course"]),
            plan=_part(given["plan"]),
            remarks=given["remarks"],
        ),
        around,
    )


def _discharge(visit: Visit, parts: LetterParts, given: dict[str, str], around: Around) -> dict[str, Any]:
    admitted, discharged = read_day(given["admitted_on"]), read_day(given["discharged_on"])
    assert admitted is not None and discharged is not None
    return build_discharge_summary(
        DischargeFacts(
            number=around.unit_number,
            issued_at=_now(around),
            stay_id=f"stay-{visit.id}",
            admitted_on=admitted,
            discharged_on=discharged,
            disposition=given["disposition"],
            discharge_diagnoses=Part(given["discharge_diagnoses"], parts.disease_facts),
            admission_diagnoses=Part(given["discharge_diagnoses"], parts.disease_facts),
            reason=_part(given["reason"]),
            course=given["course"],
            present=_part(given["present"]),
            past=_part(given["past"]),
            laboratory=Part(given["laboratory"], parts.result_facts),
            discharge_medication=Part(given["discharge_medication"], parts.drug_facts),
            allergies=Part(given["allergies"], parts.allergy_facts),
            plan=_part(given["plan"]),
        ),
        around,
    )


def _department(name: str) -> DepartmentFacts | None:
    """A department outside the official list stands on paper only: it has no code to be sent under."""
    found = next((code for code, known in DEPARTMENTS.items() if known == name), None)
    return DepartmentFacts(found, name) if found else None


def _part(text: str) -> Part:
    return Part(text) if text else EMPTY


def _now(around: Around) -> datetime:
    return around.sent_at


def _error(told: Told) -> Finding:
    facts = {"place": told.field or "全体", "text": told.text}
    return Finding("SHR-0056", Severity.BLOCK, Where(record="書類"), "desk.letter_error", facts)


__all__ = ["Enclosed", "built_letter", "keep_unit"]
