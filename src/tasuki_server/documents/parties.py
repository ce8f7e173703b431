# SPDX-License-Identifier: Apache-2.0
"""書類の発行者と患者 — from the rows of the server to the names on a form."""

from __future__ import annotations

from tasuki.calculation.copayment.programmes import BY_LAW_CODE
from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import Sex
from tasuki.forms.parties import Issuer, PatientParty
from tasuki_server.institutions.models import Institution
from tasuki_server.patients.models import Demographics, Patient


def issuer_of(institution: Institution) -> Issuer:
    """発行者 — as notified."""
    return Issuer(
        name=institution.name,
        address=institution.address,
        telephone=institution.telephone,
        prefecture=institution.prefecture,
        code=institution.code,
    )


def patient_party(patient: Patient) -> PatientParty:
    """書類の患者 — the newest version of who the person is."""
    newest = Demographics.objects.filter(patient=patient).order_by("-version").first()
    return PatientParty(
        name=patient.name,
        born=patient.born,
        sex=Sex(patient.sex),
        id=str(patient.number),
        kana=patient.kana,
        address=newest.address if newest is not None else "",
    )


def insurance_label(coverage: Coverage) -> str:
    """費用区分 — 社保, 国保, 後期高齢 …; 公費 where no insurer pays."""
    if coverage.insurance is not None:
        return PAYER_NAMES[coverage.insurance.kind]
    return "公費" if coverage.programmes else ""


def programme_labels(coverage: Coverage) -> tuple[str, ...]:
    """公費の表記 — name and 法別番号 of each programme of the visit."""
    found = []
    for card in coverage.programmes:
        known = BY_LAW_CODE.get(card.law_code)
        found.append(f"{known.name if known else '地方公費'}({card.law_code})")
    return tuple(found)
