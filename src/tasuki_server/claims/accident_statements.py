# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の明細書の内容 — the bills of a month and what was entered for the statement, as its form takes them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from tasuki.calculation.payers import PayerTerms
from tasuki.calculation.payers.terms import TermsUnknown
from tasuki.claims.accident import accident_month
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.billing.payers import payer_settings
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.claims.accidents import WORK, AccidentClaim, diseases_of
from tasuki_server.documents.parties import issuer_of
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.coverage_values import insurance_value


def statement_of(claim: AccidentClaim, month: date, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """明細書の内容 — the form and its mapping; ``said`` is what was entered for it.

    Raises :class:`BadInput` when the contract is missing or was another one in part of the month.
    """
    terms = _terms(claim)
    chosen = [row for row in diseases_of(claim, month) if str(row.record_id) in said["diseases"]]
    shared = {
        "month": month.isoformat(),
        "issuer": asdict(issuer_of(Institution.objects.get())),
        "patient": {
            "id": str(claim.patient.number),
            "name": claim.patient.name,
            "kana": claim.patient.kana,
            "born": claim.patient.born.isoformat(),
            "sex": str(claim.patient.sex),
        },
        **accident_month([part.statement for part in claim.parts], current_book()),
        "unit_price_yen": str(terms.unit_price_yen),
        "injured_on": _text(said["injured_on"]),
    }
    if claim.kind == WORK:
        return "work_accident_statement", shared | _work(chosen, said)
    return "traffic_statement", shared | _traffic(claim, terms, chosen, said)


def _work(chosen: list[DiagnosisRecord], said: dict[str, Any]) -> dict[str, Any]:
    return {
        "diseases": [row.name for row in chosen],
        "course": said["course"],
        "labour_number": said["labour_number"],
        "designated_number": said["designated_number"],
        "begun": said["begun"] or None,
        "ended": said["ended"] or None,
        "nth": said["nth"],
        "workplace": {"name": said["workplace_name"], "address": said["workplace_address"]},
    }


def _traffic(
    claim: AccidentClaim, terms: PayerTerms, chosen: list[DiagnosisRecord], said: dict[str, Any]
) -> dict[str, Any]:
    return {
        "diseases": [
            {"name": row.name, "since": row.since.isoformat(), "is_main": row.is_main} for row in chosen
        ],
        "technique_percent": terms.technique_percent,
        "fee_percent": terms.technique_percent,
        "first_visit_on": _text(said["first_visit_on"]),
        "outcome": said["outcome"] or None,
        "certificate": _fee(said["certificate_count"], said["certificate_yen"]),
        "statement": _fee(said["statement_count"], said["statement_yen"]),
        "insurer_name": said["insurer_name"] or claim.insurer,
        "doctor_name": said["doctor_name"],
        "claimed_on": _text(said["claimed_on"]),
        "tax_yen": sum(part.tax_yen for part in claim.parts),
    }


def _terms(claim: AccidentClaim) -> PayerTerms:
    """契約条件 — the one of every visit; a month priced by two cannot stand on one sheet."""
    insurance = insurance_value(claim.insurance)
    settings = payer_settings()
    try:
        found = {settings.terms_of(insurance, day) for day in claim.days}
    except TermsUnknown as unknown:
        raise _refused("この相手先の1点の金額が契約にありません。契約を登録してください。") from unknown
    if len(found) != 1:
        raise _refused(
            "この月に受診がありません。"
            if not found
            else "月の途中で契約が変わっています。1枚の明細書にできません。"
        )
    return found.pop()


def _refused(reason: str) -> BadInput:
    where = Where(record="accident_statement")
    return BadInput([Finding("FORM004", Severity.BLOCK, where, "form.not_allowed", {"reason": reason})])


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _fee(count: int | None, yen: int | None) -> dict[str, int] | None:
    return {"count": count or 1, "yen": yen} if yen else None
