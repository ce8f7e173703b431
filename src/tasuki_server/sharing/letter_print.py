# SPDX-License-Identifier: Apache-2.0
"""書類の印刷 — a signed 診療情報提供書 as 別紙様式11, from what was signed and nothing else."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from tasuki.forms import render
from tasuki.forms.referral import Referral
from tasuki_server.documents.parties import issuer_of, patient_party
from tasuki_server.institutions.models import Institution
from tasuki_server.sharing.models import UnitKind, WrittenDocument

_LABELS = (("past", "既往歴"), ("family", "家族歴"))


def letter_pdf(document: WrittenDocument) -> bytes:
    """書類のPDF — of a 診療情報提供書."""
    assert document.kind == UnitKind.REFERRAL
    given = document.contents
    history = "\n".join(f"{label}: {given[name]}" for name, label in _LABELS if given.get(name))
    if given.get("allergies"):
        history = f"{history}\nアレルギー: {given['allergies']}".strip()
    course = "\n".join(given[name] for name in ("present", "laboratory") if given.get(name))
    treatment = "\n".join(given[name] for name in ("course", "plan") if given.get(name))
    sheet = Referral(
        issued_on=document.day,
        issuer=issuer_of(Institution.objects.get()),
        doctor_name=document.doctor.name,
        recipient=document.recipient_name,
        patient=replace(patient_party(document.patient)),
        diagnoses=tuple(given["complaint"].split("\n")),
        purpose=given["purpose"],
        recipient_department=given.get("recipient_department", "").removesuffix("科"),
        recipient_doctor=given.get("recipient_doctor", ""),
        history=history,
        course=course,
        treatment=treatment,
        prescriptions=tuple(given["medication"].split("\n")) if given.get("medication") else (),
        remarks=given.get("remarks", ""),
    )
    return render("referral", msgspec.json.decode(msgspec.json.encode(sheet)))
