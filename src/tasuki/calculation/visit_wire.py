# SPDX-License-Identifier: Apache-2.0
"""受診ファイルの形 — the members of VISIT.json (``tasuki/visit/1``) and its published schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tasuki.calculation.flags import Flag
from tasuki.calculation.payers.payers_wire import ChargeWire, ContractWire
from tasuki.chart.coverage import IncomeClass, InsuranceKind
from tasuki.chart.home_visit import HomePlan, HomeVisitManner, Residence
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.chart.visit import Outcome, Sex, VisitKind
from tasuki.facility.institution import InstitutionKind

FORM = "tasuki/visit/1"

Code9 = Annotated[
    str, Meta(pattern="^[0-9]{9}$", description="診療行為・医薬品・特定器材・コメントのコード 9桁")
]
Code7 = Annotated[str, Meta(pattern="^[0-9]{7}$", description="傷病名コード 7桁")]
Code4 = Annotated[str, Meta(pattern="^[0-9]{4}$", description="修飾語コード 4桁")]
Department = Annotated[str, Meta(pattern="^[0-9]{2}$", description="診療科コード 2桁")]
Clock = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="時刻 HH:MM")]
Moment = Annotated[
    str,
    Meta(
        pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?([+-][0-9]{2}:[0-9]{2}|Z)?$",
        description="日時 YYYY-MM-DDTHH:MM。時差がなければ日本時間",
    ),
]
Beds = Annotated[int, Meta(ge=0, le=9999)]
Times = Annotated[int, Meta(ge=1, le=999)]
Minutes = Annotated[int, Meta(ge=0, le=1440, description="医師の診療に要した時間(分)")]
Yen = Annotated[int, Meta(ge=0, le=99_999_999)]
Amount = Annotated[Decimal, Meta(description="数量。JSONの数または文字列")]


class Wire(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """受診ファイルの部分 — no member beyond the named ones."""


class StandardWire(Wire, frozen=True):
    """届出施設基準 — 施設基準コード with the days it is in force; both ends included."""

    code: Annotated[str, Meta(min_length=1)]
    since: date = date(2000, 1, 1)
    until: date | None = None


class HoursWire(Wire, frozen=True):
    """診療時間 — one period of a weekday, open from ``since`` until before ``until``."""

    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    since: Clock
    until: Clock


class InstitutionWire(Wire, frozen=True):
    """保険医療機関 — what its bills depend on."""

    code: Annotated[str, Meta(pattern="^[0-9]{7}$", description="医療機関コード 7桁")]
    prefecture: Annotated[str, Meta(pattern="^[0-9]{2}$", description="都道府県番号 2桁")]
    name: str = ""
    kind: InstitutionKind = InstitutionKind.CLINIC
    beds: Beds = 0
    general_beds: Beds | None = None
    standards: tuple[StandardWire, ...] = ()
    hours: tuple[HoursWire, ...] = ()
    closed_days: tuple[date, ...] = ()
    departments: tuple[Department, ...] = ()
    is_open_on_holidays: bool = False


class PatientWire(Wire, frozen=True):
    """患者 — birth and sex."""

    born: date
    sex: Sex
    id: str = ""


class InsuranceWire(Wire, frozen=True):
    """医療保険 — the kind decides how a visit is billed."""

    kind: InsuranceKind
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""
    is_dependant: bool = False
    share_percent: int | None = None
    income_class: IncomeClass | None = None
    id: str = ""


class PayersWire(Wire, frozen=True):
    """支払者 — who pays beside ``insurance``, named by ``id`` (else by kind) in orders; asks for the account of each."""

    others: Annotated[tuple[InsuranceWire, ...], Meta(max_length=8)] = ()
    fee_payer: str = ""
    contracts: Annotated[tuple[ContractWire, ...], Meta(max_length=50)] = ()
    charges: Annotated[tuple[ChargeWire, ...], Meta(max_length=200)] = ()


class ProgrammeWire(Wire, frozen=True):
    """公費 — one programme card."""

    payer_number: Annotated[str, Meta(pattern="^[0-9]{8}$", description="負担者番号 8桁")]
    recipient_number: str = ""
    month_cap_yen: Yen | None = None
    id: str = ""


class DiagnosisWire(Wire, frozen=True):
    """病名 — a disease as charted."""

    code: Code7
    since: date
    name: str = ""
    modifiers: tuple[Code4, ...] = ()
    is_main: bool = False
    is_suspected: bool = False
    outcome: Outcome = Outcome.CONTINUING
    ended_on: date | None = None


class ItemWire(Wire, frozen=True):
    """項目 — one code of an order."""

    code: Code9
    amount: Amount | None = None
    is_generic_name: bool = False
    comment: str = ""
    unit_price_yen: Amount | None = None


class CommentWire(Wire, frozen=True):
    """コメント — a recordable comment."""

    code: Code9
    text: str = ""


class OrderWire(Wire, frozen=True):
    """オーダ — one counting unit (剤・一連)."""

    kind: OrderKind
    items: Annotated[tuple[ItemWire, ...], Meta(min_length=1)]
    id: str = ""
    count: Times = 1
    at: Moment | None = None
    usage: str = ""
    dispensing: Dispensing | None = None
    is_temporary: bool = False
    is_refill: bool = False
    refill_count: Annotated[int, Meta(ge=0, le=3)] = 0
    site: str = ""
    comments: tuple[CommentWire, ...] = ()
    programme_ids: tuple[str, ...] | None = None
    began_on: date | None = None
    payer: str = ""


class PastWire(Wire, frozen=True):
    """算定歴 — one act billed before."""

    day: date
    code: Code9
    count: Times = 1
    visit_id: str = ""
    department: str = ""
    site: str = ""
    amount: Amount | None = None
    payer: Annotated[InsuranceKind | None, Meta(description="医療保険以外で算定したときの支払者の種別")] = (
        None
    )


class VisitWire(Wire, frozen=True):
    """受診 — when, where in the institution, and what a human recorded about it."""

    at: Moment
    id: str = "visit"
    department: Department = "01"
    kind: VisitKind = VisitKind.AUTO
    kind_reason: str = ""
    flags: tuple[Flag, ...] = ()
    minutes: Minutes | None = None


class HomeVisitWire(Wire, frozen=True):
    """在宅の診療 — facts of a visit to the patient's home."""

    manner: HomeVisitManner
    residence: Residence = Residence.HOUSE
    is_attached: bool = False
    patients_that_day: Times | None = None
    building_patients: Times | None = None
    dwellings: Times | None = None
    shares_household: bool = False
    is_second_in_household: bool = False
    minutes: Annotated[int, Meta(ge=0, le=1440)] | None = None
    plan: HomePlan | None = None
    is_prescription_given: bool | None = None
    discharged_on: date | None = None
    is_over_16_km: bool = False
    travel_yen: Yen = 0


class SelfCareWire(Wire, frozen=True):
    """自己管理 — numbers of the month that the doctor set."""

    injections_a_month: Times | None = None
    glucose_tests_a_month: Times | None = None
    injections_since: date | None = None
    months_supplied: Annotated[int, Meta(ge=1, le=3)] = 1
    cpap_minutes_a_day: tuple[Annotated[int, Meta(ge=0, le=1440)], ...] = ()


class VisitFile(Wire, frozen=True):
    """受診ファイル — one visit of one patient at one institution, with what went before."""

    schema: Literal["tasuki/visit/1"]
    institution: InstitutionWire
    patient: PatientWire
    visit: VisitWire
    insurance: InsuranceWire | None = None
    programmes: tuple[ProgrammeWire, ...] = ()
    diagnoses: tuple[DiagnosisWire, ...] = ()
    orders: tuple[OrderWire, ...] = ()
    history: tuple[PastWire, ...] = ()
    home: HomeVisitWire | None = None
    self_care: SelfCareWire | None = None
    payers: PayersWire | None = None


class VisitRequest(Wire, frozen=True):
    """受診（要求） — a visit file whose institution may be left out when the asker's own is known."""

    schema: Literal["tasuki/visit/1"]
    patient: PatientWire
    visit: VisitWire
    institution: InstitutionWire | None = None
    insurance: InsuranceWire | None = None
    programmes: tuple[ProgrammeWire, ...] = ()
    diagnoses: tuple[DiagnosisWire, ...] = ()
    orders: tuple[OrderWire, ...] = ()
    history: tuple[PastWire, ...] = ()
    home: HomeVisitWire | None = None
    self_care: SelfCareWire | None = None
    payers: PayersWire | None = None


def visit_schema() -> dict[str, Any]:
    """受診ファイルのスキーマ — JSON Schema 2020-12 of VISIT.json."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "visit",
        **msgspec.json.schema(VisitFile),
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return plain
