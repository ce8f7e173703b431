# SPDX-License-Identifier: Apache-2.0
"""薬局の処理 — receiving, checking, dispensing and taking back: asked of the service, then kept here."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki.eligibility.times import read_day
from tasuki.prescriptions.documents import dispensing_document
from tasuki.prescriptions.service.dispensing import DispensedContents, dispensing_records
from tasuki.prescriptions.service.messages import ServiceAnswer, card_values, to_base64
from tasuki.prescriptions.signature.signers import Signer
from tasuki.prescriptions.signature.xades import sign_document
from tasuki_server.audit.trail import record
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.pharmacy.asking import Unanswered, ask
from tasuki_server.pharmacy.forms import DispensingForm, Reception
from tasuki_server.pharmacy.models import PharmacyStep, ReceivedPrescription, StepKind
from tasuki_server.pharmacy.reading import prescription_view
from tasuki_server.prescriptions.trust import practice_signer

ELECTRONIC = "1"
_OPERATIONS = {StepKind.RELEASED: "303", StepKind.COLLECTED: "305", StepKind.RETURNED: "318"}


class Refused(Exception):
    """処理できない — what the service or the pharmacy's own state says against it."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def receive(institution: Institution, staff: Staff, reception: Reception) -> ReceivedPrescription:
    """処方箋の受付 — raises :class:`Refused` and :class:`Unanswered`; the same form again gives the same row."""
    answer = ask(
        institution, "301", ("AccessCode", reception.code), *card_values(reception.card), key=reception.key
    )
    _refuse(answer)
    kept = PharmacyStep.objects.filter(form_key=reception.key).select_related("received").first()
    if kept is not None:
        return kept.received
    data = answer.data("PrescriptionInfo")
    view = prescription_view(data)
    row = ReceivedPrescription.objects.create(
        prescription=UUID(answer.value("PrescriptionId")),
        access_code=reception.code,
        issue_type=answer.value("IssueType"),
        issued_on=read_day(answer.value("IssueDate")) or timezone.localdate(),
        usable_until=_day(answer, "UsableUntil"),
        round_number=int(answer.value("RefillRound") or 1),
        rounds=int(answer.value("RefillCount") or 1),
        next_from=_day(answer, "NextDispensingFrom"),
        next_until=_day(answer, "NextDispensingTo"),
        clinic_number=answer.value("IssuerMedicalInstitutionCode"),
        clinic_name=answer.value("IssuerMedicalInstitutionName"),
        patient_name=str(view.get("patient", ""))[:80],
        identity=list(reception.card),
        comment=answer.value("Comment"),
        document=data,
        earlier=[
            {
                name: each.value(name)
                for name in ("RefillRound", "DispensingDate", "PharmacyName", "MessageContents")
            }
            for each in answer.all("DispensingResultList")
        ],
        received_by=staff,
    )
    record("pharmacy.receive", row, detail={"prescription": str(row.prescription), "round": row.round_number})
    _check(institution, staff, row, reception.key, has_consent=False)
    return row


def check_again(
    institution: Institution, staff: Staff, row: ReceivedPrescription, key: UUID, *, has_consent: bool
) -> None:
    """重複投薬等チェック — once more, with what the person has agreed to. Raises :class:`Refused`, :class:`Unanswered`."""
    if not PharmacyStep.objects.filter(form_key=key).exists():
        _check(institution, staff, row, key, has_consent=has_consent)


def _check(
    institution: Institution, staff: Staff, row: ReceivedPrescription, key: UUID, *, has_consent: bool
) -> None:
    """The prescription was received whatever becomes of the check: one that cannot be made says so."""
    found: list[dict[str, str]] = []
    problem = ""
    try:
        answer = ask(
            institution,
            "315",
            ("PrescriptionInfo", to_base64(bytes(row.document))),
            ("PrescriptionId", str(row.prescription)),
            *zip(
                ("InsurerNumber", "InsuredCardSymbol", "InsuredIdentificationNumber", "InsuredBranchNumber"),
                row.identity,
                strict=True,
            ),
            ("OralBrowsingConsent", "1" if has_consent else "0"),
        )
        problem = "" if answer.is_fine else answer.error_message
        found = [
            {
                name: each.value(name)
                for name in ("MessageCategory", "Message", "TargetName", "SameMedicalInstitutionAlertFlg")
            }
            for each in answer.all("CheckResultDetail")
        ]
    except Unanswered as lost:
        problem = lost.text
    _keep(row, staff, StepKind.CHECKED, key, {"found": found, "problem": problem, "consent": has_consent})
    record(
        "pharmacy.check", row, detail={"found": len(found), "consent": has_consent, "failed": bool(problem)}
    )


def take_step(
    institution: Institution, staff: Staff, row: ReceivedPrescription, kind: StepKind, reason: str, key: UUID
) -> None:
    """受付取消・回収・回収の取消 — raises :class:`Refused` and :class:`Unanswered`."""
    answer = ask(
        institution,
        _OPERATIONS[kind],
        ("PrescriptionId", str(row.prescription)),
        ("CancelReason", reason),
        key=key,
    )
    _refuse(answer)
    _keep(row, staff, kind, key, {}, reason=reason)
    record("pharmacy.step", row, detail={"kind": kind.value})


def dispense(
    institution: Institution,
    staff: Staff,
    row: ReceivedPrescription,
    form: DispensingForm,
    before: UUID | None = None,
) -> None:
    """調剤結果の登録・変更 — signed by the pharmacist where the prescription is electronic.

    ``before`` is the result that this one replaces. Raises :class:`Refused`, :class:`Unanswered` and ``BadInput``.
    """
    if PharmacyStep.objects.filter(form_key=form.key).exists():
        return
    document = bytes(row.document)
    view = prescription_view(document)
    records = dispensing_records(_contents(institution, staff, view, form))
    signer: Signer | None = None
    data = records
    if document.lstrip()[:1] == b"<":
        data = dispensing_document(document, records)
    if row.issue_type == ELECTRONIC:
        signer = signer_of(institution)
        if signer is None:
            raise Refused("薬剤師の署名の用意がありません。署名用のカードまたは証明書を確かめてください。")
        data = sign_document(data, signer, timezone.now())
    values = [
        ("DispensingInfo", to_base64(data)),
        ("MessageFlg", "2" if form.message else "1"),
        ("MessageContents", form.message),
    ]
    if before is None:
        answer = ask(institution, "307", ("PrescriptionId", str(row.prescription)), *values, key=form.key)
    else:
        answer = ask(institution, "311", ("DispensingId", str(before)), *values, key=form.key)
    _refuse(answer)
    kind = StepKind.DISPENSED if before is None else StepKind.CHANGED
    content = {
        "message": form.message,
        "state": answer.value("PrescriptionStatus"),
        "rps": [
            {
                "rp": rp.rp,
                "usage": rp.usage,
                "quantity": rp.quantity,
                "drugs": [
                    [drug.name, drug.amount, drug.unit, drug.note, f"{drug.code_kind}:{drug.code}"]
                    for drug in rp.drugs
                ],
            }
            for rp in form.rps
        ],
    }
    _keep(
        row, staff, kind, form.key, content, dispensing=UUID(answer.value("DispensingId")),
        dispensed_on=form.dispensed_on, document=data, is_signed=signer is not None,
    )  # fmt: skip
    record("pharmacy.dispense", row, detail={"kind": kind.value, "dispensing": answer.value("DispensingId")})


def cancel_result(
    institution: Institution, staff: Staff, row: ReceivedPrescription, result: UUID, reason: str, key: UUID
) -> None:
    """調剤結果の取消 — raises :class:`Refused` and :class:`Unanswered`."""
    answer = ask(institution, "309", ("DispensingId", str(result)), ("CancelReason", reason), key=key)
    _refuse(answer)
    _keep(row, staff, StepKind.CANCELLED, key, {}, dispensing=result, reason=reason)
    record("pharmacy.dispense", row, detail={"kind": "cancelled", "dispensing": str(result)})


def signer_of(institution: Institution) -> Signer | None:
    """薬剤師の署名 — the test HPKI's in a demo. A card or a remote service of a real pharmacy is put here."""
    return practice_signer("pharmacist") if institution.is_demo else None


def _contents(
    institution: Institution, staff: Staff, view: dict[str, Any], form: DispensingForm
) -> DispensedContents:
    return DispensedContents(
        dispensed_on=form.dispensed_on,
        patient_name=view["patient"],
        patient_kana=view["kana"],
        sex=view["sex"],
        born=view["born_text"],
        pharmacy_name=institution.name,
        pharmacy_prefecture=institution.prefecture,
        pharmacy_code=institution.code,
        pharmacist=staff.name,
        clinic_name=view["clinic"],
        doctor_name=view["doctor"],
        rps=form.rps,
        message=form.message,
    )


def _keep(
    row: ReceivedPrescription, staff: Staff, kind: StepKind, key: UUID, content: dict[str, Any], **more: Any
) -> None:
    PharmacyStep.objects.get_or_create(
        form_key=key,
        defaults={
            "id": new_id(),
            "received": row,
            "kind": kind.value,
            "content": content,
            "by": staff,
            **more,
        },
    )


def _refuse(answer: ServiceAnswer) -> None:
    if answer.is_fine:
        return
    told = [each.message for each in (*answer.xml_checks, *answer.csv_checks)]
    told += [
        reason
        for each in answer.verifications
        for reason in (each.reasons or (each.message,))
        if each.status != "1"
    ]
    raise Refused("　".join([f"{answer.error_message}（{answer.error_code}）", *told[:5]]))


def _day(answer: ServiceAnswer, name: str) -> date | None:
    text = answer.value(name)
    return read_day(text) if text else None
