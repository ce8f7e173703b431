# SPDX-License-Identifier: Apache-2.0
"""要求の準備 — the message of one act, made when its turn has come, because what came before it decides what to ask."""

from __future__ import annotations

from datetime import timedelta

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.prescriptions.documents import registration_document
from tasuki.prescriptions.service.messages import to_base64
from tasuki_server.eprescribing import signing
from tasuki_server.eprescribing.consent import consent_values
from tasuki_server.eprescribing.contents import read_contents
from tasuki_server.eprescribing.line import request_body
from tasuki_server.eprescribing.models import ActKind, Registration, RegistrationAct, Stage
from tasuki_server.eprescribing.planning import drop_act, note_step
from tasuki_server.eprescribing.sharing_drugs import left_behind
from tasuki_server.institutions.models import Institution

register(
    {
        "eprescribing.left_behind": "前の処方箋（引換番号{number}、{status}）が取り消せずに残っているため、同じ薬の処方箋を登録しませんでした。薬局に連絡して受付を取り消してもらい、もう一度署名してください。",
    }
)
_SIGNER_WAIT, _APPROVAL_WAIT = timedelta(seconds=30), timedelta(seconds=2)


class Waits(Exception):
    """準備できない — not yet: what is missing, and when to look again."""

    def __init__(self, code: str, why: str, seconds: timedelta) -> None:
        self.code, self.seconds = code, seconds
        super().__init__(why)


def prepare(act: RegistrationAct, institution: Institution) -> bool:
    """要求の準備 — False when nothing is to be asked any more. Raises :class:`Waits`, and ``BadInput`` for what is wrong."""
    row = act.registration
    if act.kind in (ActKind.REGISTER, ActKind.CHANGE):
        before = registered_before(row)
        _refuse_second(row, before)
        operation = "201" if before is None else "205"
        values = _registration_values(act, row)
        if before is not None:
            values = (("PrescriptionId", before.prescription_id), *values)
            if row.replaces_id != before.id:
                row.replaces = before
                row.save(update_fields=["replaces"])
    else:
        wanted = Stage.CANCELLED if act.kind == ActKind.UNDO_CANCEL else Stage.REGISTERED
        if row.stage != wanted:
            drop_act(act, f"登録の段階が「{Stage(row.stage).label}」のため")
            return False
        operation = {ActKind.CANCEL: "203", ActKind.UNDO_CANCEL: "207", ActKind.UNDO_CHANGE: "209"}[
            ActKind(act.kind)
        ]
        values = (("PrescriptionId", row.prescription_id), ("CancelReason", act.reason))
    act.operation, act.body = operation, request_body(institution, *values)
    act.code = act.message = ""
    act.prepared = None
    return True


def _refuse_second(row: Registration, before: Registration | None) -> None:
    other = left_behind(row, before)
    if other is not None:
        raise BadInput(
            [
                Finding(
                    "EPR-0010",
                    Severity.BLOCK,
                    Where(),
                    "eprescribing.left_behind",
                    {"number": other.access_code, "status": other.get_status_display()},
                )
            ]
        )


def registered_before(row: Registration) -> Registration | None:
    """変更の元 — the prescription of the chain that the service holds now; None, and it is registered anew."""
    before = row.replaces
    while before is not None and before.stage in (Stage.REFUSED, Stage.FAULTY, Stage.DROPPED):
        before = before.replaces
    if before is not None and before.stage == Stage.REGISTERED:
        return before
    # A cancellation that was refused, or taken back, while this one waited: there must not be two of one prescription.
    same = Registration.objects.filter(visit_id=row.visit_id, stage=Stage.REGISTERED, **row.key._asdict())
    return same.exclude(pk=row.pk).order_by("-number").first()


def _registration_values(act: RegistrationAct, row: Registration) -> tuple[tuple[str, str], ...]:
    return (
        ("PrescriptionInfo", to_base64(_document(act, row))),
        ("IssueType", row.issue_type),
        ("Comment", row.comment),
        *consent_values(act.visit),
    )


def _document(act: RegistrationAct, row: Registration) -> bytes:
    contents = read_contents(row.contents)
    if not row.is_electronic:
        return registration_document(contents)
    try:
        if act.prepared is None:
            made = signing.begin(contents, row.doctor, signing.signing_time())
            if isinstance(made, bytes):
                note_step(act, "signed", row.doctor.name)
                return made
            what = signing.what_is_signed(contents)
            request = signing.ask_approval(row.doctor, row.patient_id, made, what)
            act.prepared = signing.keep_prepared(made, request)
            note_step(act, "asked_to_sign", row.doctor.name)
        signed = signing.finish(act.prepared, row.doctor)
    except signing.NoSigner as missing:
        raise Waits("signer", str(missing), _SIGNER_WAIT) from missing
    except signing.SignatureRefused as refused:
        act.prepared = None
        signing.refuse(str(refused))
    if signed is None:
        raise Waits("approval", f"{row.doctor.name}さんの署名の承認を待っています。", _APPROVAL_WAIT)
    note_step(act, "signed", row.doctor.name)
    return signed
