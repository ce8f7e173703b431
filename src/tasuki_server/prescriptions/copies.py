# SPDX-License-Identifier: Apache-2.0
"""処方内容（控え）の取得 — the PDF that the patient takes home, from what was registered.

Cite: 電子処方箋管理サービス EPS-IF-211/212
"""

from __future__ import annotations

import asyncio
from datetime import date

import asyncpg

from tasuki.chart.visit import Sex
from tasuki.eligibility.message import Message
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.prescription import PrescribedDrug, Rp, SplitPart
from tasuki.forms.prescription_copy import PrescriptionCopy
from tasuki.forms.render import FormsUnavailable, render
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.orders import RpOrder, rp_orders
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.records import Document
from tasuki.prescriptions.service.messages import to_base64
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.states import PrescriptionState
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.intake import ELECTRONIC
from tasuki_server.prescriptions.rows import Row, note, own_prescription

_STORED = """
    SELECT s.records, (SELECT b.access_code FROM prescriptions_prescription b WHERE b.id = $2) AS before
    FROM prescriptions_storeddocument s WHERE s.id = $1
"""
_UNITS = {"1": "日分", "4": "日分", "2": "回分"}
_NO_GENERIC, _BRAND_WISHED = "3", "8"


async def patient_copy(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋参考情報（控え）取得 — not of one that was cancelled: its number opens nothing."""
    row = await own_prescription(connection, asked)
    if row["state"] == PrescriptionState.CANCELLED:
        raise Refused("TSKE008", state=PrescriptionState.CANCELLED.label, act="控えの取得")
    stored = await connection.fetchrow(_STORED, row["document_id"], row["replaces"])
    try:
        copy = copy_of(bytes(stored["records"]), row, stored["before"] or "")
        pdf = await asyncio.to_thread(render, "prescription_copy", copy)
    except BadInput as bad:
        raise Refused("TSKE023", reason=sentence(bad.findings[0])) from bad
    except FormsUnavailable as missing:
        raise Refused("TSKE023", reason="帳票の部品がありません") from missing
    await note(connection, asked, row["patient_id"], prescription=row["id"])
    return asked.answer(
        (
            ("PrescriptionId", str(row["id"])),
            ("AccessCode", row["access_code"]),
            ("PrescriptionReferenceInformationFile", to_base64(pdf)),
        )
    )


def copy_of(records: bytes, row: Row, before: str) -> PrescriptionCopy:
    """控えの内容 — of the records that were registered."""
    document = read_prescription(records)
    value = document.value
    return PrescriptionCopy(
        issued_on=row["issued_on"],
        issuer=Issuer(
            name=value("1", "institution_name") or row["clinic_name"],
            address=value("2", "address"),
            telephone=value("3", "telephone"),
            postal_code=value("2", "postal_code"),
            prefecture=value("1", "prefecture"),
            code=value("1", "institution_code"),
        ),
        doctor_name=value("5", "doctor_name"),
        patient=PatientParty(
            name=value("11", "patient_name") or value("11", "patient_kana"),
            born=row["born"] or date(1900, 1, 1),
            sex=Sex.FEMALE if value("12", "sex") == "2" else Sex.MALE,
            kana=value("11", "patient_kana"),
        ),
        rps=tuple(_rp(document, each) for each in rp_orders(document)),
        exchange_number=row["access_code"],
        insurer_number=row["insurer"],
        symbol=value("23", "symbol"),
        number=value("23", "number"),
        branch=value("23", "branch"),
        is_electronic=row["issue_type"] == ELECTRONIC,
        usable_until=row["usable_until"] if value("52", "usable_until") else None,
        refill_count=row["rounds"] if row["rounds"] > 1 else None,
        split=SplitPart(row["split_count"], row["split_nth"]) if row["split_count"] else None,
        remarks=tuple(document.item(each, "text") for each in document.of("81")),
        replaces=before,
    )


def _rp(document: Document, order: RpOrder) -> Rp:
    drugs = []
    for drug in order.drugs:
        notes = [
            (document.item(each, "kind"), document.item(each, "text"))
            for each in drug.beside
            if each.number == "281"
        ]
        kinds = {kind for kind, _ in notes}
        amount = f"{drug.amount:f}{drug.unit}" if drug.amount is not None else drug.unit
        drugs.append(
            PrescribedDrug(
                drug.name,
                amount,
                substitution_barred=_NO_GENERIC in kinds,
                patient_wish=_BRAND_WISHED in kinds and _NO_GENERIC not in kinds,
                notes=tuple(text for kind, text in notes if kind not in (_NO_GENERIC, _BRAND_WISHED)),
            )
        )
    unit = _UNITS.get(order.dosage_form, "")
    quantity = f"{order.given_quantity}{unit}" if order.given_quantity and unit else ""
    if quantity and order.split_quantity is not None:
        quantity += f"（全{order.quantity}{unit}）"
    return Rp(tuple(drugs), order.usage_name, quantity, order.notes)
