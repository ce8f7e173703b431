# SPDX-License-Identifier: Apache-2.0
"""診療情報提供書 — 別紙様式11: a patient handed on to another institution, in words.

Cite: 医科点数表 B009 診療情報提供料（Ⅰ） 通知 別紙様式11
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import era_parts
from tasuki.kernel.days import age_on
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class Referral:
    """診療情報提供書 — one letter. Long members run on; nothing is cut.

    ``recipient`` is the institution, ``recipient_doctor`` may be empty (担当医). ``graphs`` are SVG texts of
    :func:`tasuki.forms.graphs.trend`, set after the letter.
    """

    issued_on: date
    issuer: Issuer
    doctor_name: str
    recipient: str
    patient: PatientParty
    diagnoses: tuple[str, ...]
    purpose: str
    recipient_department: str = ""
    recipient_doctor: str = ""
    occupation: str = ""
    history: str = ""
    course: str = ""
    treatment: str = ""
    prescriptions: tuple[str, ...] = ()
    remarks: str = ""
    graphs: tuple[str, ...] = ()


def check(referral: Referral) -> list[Finding]:
    """診療情報提供書の点検 — what B009 asks of every letter: to whom, what disease, and what for."""
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="referral", field=field),
            "form.not_allowed",
            {"reason": f"{what}がありません（別紙様式11）。"},
        )
        for field, what, value in (
            ("recipient", "紹介先医療機関等名", referral.recipient),
            ("diagnoses", "傷病名", referral.diagnoses),
            ("purpose", "紹介目的", referral.purpose),
        )
        if not value
    ]


def layout(referral: Referral) -> dict[str, Any]:
    """診療情報提供書の印字内容 — everything the template draws, as text."""
    return {
        "issued_on": era_parts(referral.issued_on)._asdict(),
        "issuer": {
            "name": referral.issuer.name,
            "address": " ".join(x for x in (referral.issuer.postal_code, referral.issuer.address) if x),
            "telephone": referral.issuer.telephone,
        },
        "doctor": referral.doctor_name,
        "recipient": {
            "name": referral.recipient,
            "department": referral.recipient_department,
            "doctor": referral.recipient_doctor,
        },
        "patient": {
            "id": referral.patient.id,
            "name": referral.patient.name,
            "kana": referral.patient.kana,
            "sex": referral.patient.sex.value,
            "address": referral.patient.address,
            "telephone": referral.patient.telephone,
            "born": era_parts(referral.patient.born)._asdict(),
            "age": str(age_on(referral.patient.born, referral.issued_on).years),
        },
        "occupation": referral.occupation,
        "diagnoses": list(referral.diagnoses),
        "purpose": referral.purpose,
        "history": referral.history,
        "course": referral.course,
        "treatment": referral.treatment,
        "prescriptions": list(referral.prescriptions),
        "remarks": referral.remarks,
        "graphs": list(referral.graphs),
    }
