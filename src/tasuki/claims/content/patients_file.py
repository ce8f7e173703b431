# SPDX-License-Identifier: Apache-2.0
"""患者の控えのファイル — what an institution knows of its patients beside the claims, as JSON by chart number.

The cards and programmes that オンライン資格確認 answered, and the drugs prescribed to be dispensed outside.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from tasuki.calculation.copayment.case_file import InsuranceWire, ProgrammeWire, insurance_of, programme_of
from tasuki.claims.content.pharmacy import Prescribed
from tasuki.claims.content.snapshot import EligibilitySnapshot
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "tasuki/claim-patients/1"
register(
    {
        "claims.patients.UKE-K-06": "患者の控えの形が違います（{detail}）。`./tasuki schema claim-patients` の形に直してください。",
        "claims.patients.UKE-K-08": "有効期間の終わり{until}が始まり{since}より前です。資格の期間を確かめてください。",
        "claims.patients.UKE-K-07": "カルテ番号「{text}」が二度あります。一人を一つにまとめてください。",
    }
)


class PrescribedWire(Struct, forbid_unknown_fields=True, frozen=True):
    """処方薬 — one drug of an outside prescription: its day, the amount of a day and the days (1回量 and 回数 for others)."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{9}$")]
    day: date
    amount: Decimal | None = None
    count: Annotated[int, Meta(ge=0)] | None = None


class PatientWire(Struct, forbid_unknown_fields=True, frozen=True):
    """患者の控え — by the chart number that stands on the receipt."""

    chart_number: Annotated[str, Meta(min_length=1)]
    insurances: tuple[InsuranceWire, ...] = ()
    programmes: tuple[ProgrammeWire, ...] = ()
    prescribed: tuple[PrescribedWire, ...] | None = None
    confirmed_on: date | None = None


class PatientsWire(Struct, forbid_unknown_fields=True, frozen=True):
    """患者の控えのファイル — of one institution."""

    form: Literal["tasuki/claim-patients/1"]
    institution_code: str = ""
    patients: tuple[PatientWire, ...] = ()


class PatientNotes(NamedTuple):
    """患者の控え — the cards, and the prescriptions (of those they are known of), by chart number.

    ``institution_code`` is empty where the file does not say whose patients they are: then they are everybody's.
    """

    institution_code: str
    snapshots: Mapping[str, EligibilitySnapshot]
    prescribed: Mapping[str, tuple[Prescribed, ...]]


def patients_schema() -> dict[str, Any]:
    """患者の控えのスキーマ — JSON Schema of the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "claim-patients",
        **msgspec.json.schema(PatientsWire),
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return plain


def read_patients(data: bytes, file: str = "") -> PatientNotes:
    """患者の控えの読込 — Raises :class:`BadInput` naming the member that is wrong."""
    try:
        wire = msgspec.json.decode(data, type=PatientsWire)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as wrong:
        message, _, place = str(wrong).partition(" - at `$")
        raise _refused("UKE-K-06", file, place.rstrip("`").lstrip("."), detail=message) from wrong
    snapshots: dict[str, EligibilitySnapshot] = {}
    prescribed: dict[str, tuple[Prescribed, ...]] = {}
    for index, one in enumerate(wire.patients):
        if one.chart_number in snapshots:
            raise _refused("UKE-K-07", file, f"patients[{index}].chart_number", text=one.chart_number)
        cards = tuple(made for made in map(insurance_of, one.insurances) if made is not None)
        programmes = tuple(map(programme_of, one.programmes))
        for period in (*(card.validity for card in cards), *(held.validity for held in programmes)):
            if period is not None and period.until is not None and period.until < period.since:
                raise _refused("UKE-K-08", file, f"patients[{index}]", since=period.since, until=period.until)
        snapshots[one.chart_number] = EligibilitySnapshot(cards, programmes, one.confirmed_on)
        if one.prescribed is not None:
            prescribed[one.chart_number] = tuple(
                Prescribed(each.code, each.day, each.amount, each.count) for each in one.prescribed
            )
    return PatientNotes(wire.institution_code, snapshots, prescribed)


def _refused(code: str, file: str, field: str, **facts: object) -> BadInput:
    where = Where(file, field=field)
    return BadInput([Finding(code, Severity.BLOCK, where, f"claims.patients.{code}", facts)])
