# SPDX-License-Identifier: Apache-2.0
"""照会の依頼 — a request is written down whole, in the transaction of whoever asks; the line comes later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from tasuki.eligibility.message import Message
from tasuki.eligibility.requests import (
    CardNumber,
    CardSearch,
    Sender,
    ask_by_card,
    register_reference_numbers,
)
from tasuki.eligibility.xml_text import write_xml
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.inquiry_models import WAITING
from tasuki_server.confirmation.line import asker_of, own_institution
from tasuki_server.confirmation.models import Inquiry, InquiryState, InquiryStep, Purpose
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import InsuranceRecord, Patient
from tasuki_server.reception.models import Visit

PREFIXES = {
    Purpose.CHECK: "OQSsiquc01req",
    Purpose.REFERENCE: "OQSsiimm01req",
    Purpose.BULK_ASK: "OQSmuquc01req",
    Purpose.BULK_COLLECT: "OQSmuquc02req",
    Purpose.VISIT_ASK: "OQSmuhvq01req",
    Purpose.VISIT_COLLECT: "OQSmuhvq02req",
    Purpose.ONLINE_ASK: "OQSmuonq01req",
    Purpose.ONLINE_COLLECT: "OQSmuonq02req",
    Purpose.DRUGS: "YZKsiquc01req",
    Purpose.CHECKUP: "TKKsiquc01req",
}


def keep_inquiry(purpose: Purpose, write: Callable[[Sender], Message], **columns: Any) -> Inquiry:
    """照会の記帳 — its identifier is chosen once, here; raises ``BadInput`` for what cannot be written."""
    identifier = new_id().hex
    sender = Sender(asker_of(own_institution()).number, identifier)
    work = current_work()
    row = Inquiry.objects.create(
        purpose=purpose,
        identifier=identifier,
        file=f"{PREFIXES[purpose]}_{identifier}.xml",
        data=write_xml(write(sender)),
        made_at=work.at,
        next_at=work.at,
        made_by_id=work.actor.staff_id,
        **columns,
    )
    note_step(row, "kept")
    return row


def note_step(inquiry: Inquiry, what: str, note: str = "") -> None:
    """経過の記録 — of a request."""
    InquiryStep.objects.create(inquiry=inquiry, what=what, note=note[:200], at=timezone.now())


def ask_card(search: CardSearch, *, patient: Patient | None = None, visit: Visit | None = None) -> Inquiry:
    """資格の照会 — by the number of a card or 資格確認書."""
    row = keep_inquiry(
        Purpose.CHECK, lambda sender: ask_by_card(sender, [search]), patient=patient, visit=visit
    )
    record("eligibility.ask", row, patient.id if patient else None, {"inquiry": str(row.id)})
    return row


def ask_record(
    card: InsuranceRecord, *, visit: Visit | None = None, is_limit_consented: bool = False
) -> Inquiry:
    """登録済みの保険の照会 — with the numbers of the record."""
    search = CardSearch(number_of(card), card.patient.born, is_limit_consented)
    return ask_card(search, patient=card.patient, visit=visit)


def number_of(card: InsuranceRecord) -> CardNumber:
    """記録の番号 — as a request names it."""
    value = card.value
    return CardNumber(
        card.insurer_number, value.get("symbol", ""), value.get("number", ""), value.get("branch", "")
    )


def register_reference(card: InsuranceRecord) -> Inquiry:
    """照会番号の登録 — our chart number, which comes back with the card next time."""
    reference = str(card.patient.number)
    return keep_inquiry(
        Purpose.REFERENCE,
        lambda sender: register_reference_numbers(sender, [(reference, number_of(card))]),
        patient=card.patient,
    )


def cancel_inquiry(inquiry: Inquiry, *, is_refused_too: bool = False) -> bool:
    """照会の取りやめ — False when it is over already; a refused one, which could be asked again, only where said so."""
    states = (*WAITING, InquiryState.REFUSED) if is_refused_too else WAITING
    found = Inquiry.objects.select_for_update().filter(pk=inquiry.pk, state__in=states).first()
    if found is None:
        return False
    found.state = InquiryState.CANCELLED
    found.save(update_fields=["state"])
    note_step(found, "cancelled")
    record("eligibility.cancel", found, found.patient_id)
    return True


def ask_again(inquiry: Inquiry, at: datetime) -> bool:
    """もう一度の照会 — a refused one, with the same identifier; False where it is over for good."""
    found = Inquiry.objects.select_for_update(of=("self",)).select_related("emergency").get(pk=inquiry.pk)
    if found.state != InquiryState.REFUSED or found.is_of_unjustified_look:
        return False
    found.state, found.next_at, found.tries, found.code, found.message = InquiryState.KEPT, at, 0, "", ""
    found.save(update_fields=["state", "next_at", "tries", "code", "message"])
    note_step(found, "again")
    record("eligibility.ask", found, found.patient_id, {"inquiry": str(found.id), "again": True})
    return True
