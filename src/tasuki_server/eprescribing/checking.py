# SPDX-License-Identifier: Apache-2.0
"""重複投薬等チェック — what the service knows of the drugs in a draft, asked before signing and kept as it came.

Without consent the finding is shown and nothing of what it is about: the service withholds it, and so nothing of it is
here either.

Cite: 電子処方箋管理サービス EPS-IF-219/103
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tasuki.chart.orders import Dispensing, Order
from tasuki.eligibility.requests import CardNumber
from tasuki.eligibility.times import read_day
from tasuki.prescriptions.contents import PrescriptionContents
from tasuki.prescriptions.record_making import service_data
from tasuki.prescriptions.safety import Medicine
from tasuki.prescriptions.service.messages import ServiceAnswer, card_values, to_base64
from tasuki_server.audit.trail import record
from tasuki_server.chart.draft import basket_of, blank_draft, find_draft
from tasuki_server.chart.values import coverage_value, placed_orders
from tasuki_server.documents.contents import FORMS, contents_of
from tasuki_server.eprescribing.consent import consent_of, consent_values
from tasuki_server.eprescribing.line import ask, read_kept, request_body, wire_for
from tasuki_server.eprescribing.models import CheckAnswer, ConsentKind
from tasuki_server.eprescribing.planning import standing_of
from tasuki_server.eprescribing.setting import choice_of
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.masters_source import current_book
from tasuki_server.orders.shared_drugs import SharedDrugs
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit

DETAIL = "CheckResultDetail"
_KINDS = {"1": "重複投薬", "2": "併用禁忌"}


class NothingToCheck(Exception):
    """点検できない — nothing is prescribed, or not yet whole; says what to do."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """重複投薬等の指摘 — ``is_withheld`` where only the finding may be told."""

    kind: str
    drug: str
    message: str
    is_own: bool
    is_withheld: bool
    past: str = ""
    place: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class CheckView:
    """重複投薬等チェックの表示 — the newest answer; ``is_old`` when the drugs or the consent have changed since."""

    row: CheckAnswer
    findings: tuple[CheckFinding, ...]
    unchecked: str
    is_old: bool


def drugs_to_check(visit: Visit, staff: Staff) -> tuple[Order, ...]:
    """点検する薬 — of the draft that is being written, else of what is signed; in-house ones too."""
    mine = find_draft(visit.patient, staff)
    draft = mine if mine is not None and mine.visit_id == visit.id else blank_draft(visit, staff)
    orders = basket_of(draft).orders or placed_orders(visit)
    return tuple(each for each in orders if each.kind in FORMS and each.dispensing is Dispensing.OUTSIDE)


def check(visit: Visit, staff: Staff) -> CheckAnswer:
    """重複投薬等チェック — asked now. Raises :class:`NothingToCheck`, ``NotAnswered`` and ``BadInput``."""
    contents = _contents(visit, staff)
    cover = contents.cover
    if not cover.insurer_number or not cover.number:
        raise NothingToCheck("保険の番号がないため、重複投薬等チェックはできません。")
    standing = next(iter(standing_of(visit).values()), None)
    choice = choice_of(visit)
    kind = consent_of(visit)
    institution = Institution.objects.get()
    body = request_body(
        institution,
        ("PrescriptionInfo", to_base64(service_data(contents))),
        *card_values(CardNumber(cover.insurer_number, cover.symbol, cover.number, cover.branch)),
        *consent_values(visit),
        ("Comment", choice.comment if choice is not None else ""),
        ("PrescriptionId", standing.prescription_id if standing is not None else ""),
    )
    answered = ask(wire_for(institution), "219", body)
    row = CheckAnswer.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        asked=drug_digest(drugs_to_check(visit, staff)),
        consent=kind,
        data=answered.data,
        made_by=staff,
        made_at=current_work().at,
    )
    found = len(answered.answer.all(DETAIL))
    record("eprescription.check", row, visit.patient_id, {"findings": found, "consent": str(kind)})
    return row


def check_view(visit: Visit, staff: Staff) -> CheckView | None:
    """重複投薬等チェックの表示 — None when nothing was asked for this visit."""
    row = (
        CheckAnswer.objects.filter(visit=visit).select_related("made_by").order_by("-made_at", "-id").first()
    )
    if row is None:
        return None
    answer = read_kept(bytes(row.data))
    is_old = row.asked != drug_digest(drugs_to_check(visit, staff)) or row.consent != consent_of(visit)
    return CheckView(row, findings_of(answer), answer.value("NumberOfUncheckedDrugs"), is_old)


def findings_of(answer: ServiceAnswer) -> tuple[CheckFinding, ...]:
    """指摘の一覧 — of an answer to a check, or to a registration."""
    found = []
    for node in answer.all(DETAIL):
        day = read_day(node.value("PastDate")) if node.value("PastDate") else None
        is_own = node.value("SameMedicalInstitutionAlertFlg") == "1"
        found.append(
            CheckFinding(
                kind=_KINDS.get(node.value("MessageCategory"), "指摘"),
                drug=node.value("TargetName"),
                message=node.value("Message"),
                is_own=is_own,
                is_withheld=not node.value("PastName"),
                past=" ".join(filter(None, (node.value("PastName"), node.value("PastQuantity")))),
                place=node.value("PastPharmacyName") or node.value("PastMedicalInstitutionName"),
                day=f"{day:%Y-%m-%d}" if day else "",
            )
        )
    return tuple(found)


def shared_drugs_of(patient: Patient) -> SharedDrugs:
    """ほかの医療機関の薬 — what today's newest check told of them; answered from what is kept, never from the wire."""
    rows = CheckAnswer.objects.filter(patient=patient, visit__day=today())
    row = rows.order_by("-made_at", "-id").first()
    if row is None:
        return SharedDrugs()
    answer = read_kept(bytes(row.data))
    if not answer.is_fine:
        return SharedDrugs()
    shown, withheld = [], 0
    for node in answer.all(DETAIL):
        if node.value("SameMedicalInstitutionAlertFlg") == "1":
            continue
        since = read_day(node.value("PastDate")) if node.value("PastDate") else None
        if not node.value("PastName") or since is None:
            withheld += 1
            continue
        shown.append(
            Medicine(
                code=node.value("PastCode"),
                name=node.value("PastName"),
                ingredient=node.value("PastCode"),
                since=since,
                institution=node.value("PastMedicalInstitutionName") or node.value("PastPharmacyName"),
            )
        )
    told = f"電子処方箋管理サービスに {row.made_at.astimezone():%H:%M} に確認しました（{ConsentKind(row.consent).label}）。"
    if withheld:
        told += f"同意がないため内容を表示できない指摘が{withheld}件あります。"
    return SharedDrugs(tuple(shown), is_asked=True, told=told)


def drug_digest(orders: tuple[Order, ...]) -> str:
    """点検した薬の要約 — the same for the same drugs in the same amounts and days."""
    said = [
        (order.count, order.usage, [(item.code, str(item.amount)) for item in order.items])
        for order in orders
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _contents(visit: Visit, staff: Staff) -> PrescriptionContents:
    orders = drugs_to_check(visit, staff)
    if not orders:
        raise NothingToCheck("院外処方のオーダがありません。オーダを入れてから確かめてください。")
    if any(item.amount is None for order in orders for item in order.items):
        raise NothingToCheck("量の入っていない薬があります。量を入れてから確かめてください。")
    try:
        book = current_book().at(visit.day)
        # With and without refills, and split ones whole, in one question: nothing is registered by it.
        return contents_of(visit.patient, staff, coverage_value(visit), orders, book)
    except LookupError as missing:
        raise NothingToCheck("この日の点数表かマスターに薬がないため、確かめられません。") from missing
