# SPDX-License-Identifier: Apache-2.0
"""送信の文脈 — who sends, about whom, when, under which number: what all resources of one unit have in common."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tasuki.sharing.build.codes import CodeMap
from tasuki.sharing.build.faults import missing, refuse

if TYPE_CHECKING:
    from tasuki.chart.visit import Sex

_INSTITUTION = re.compile(r"[0-4][0-9][1-3][0-9]{7}")
_UNIT = re.compile(r"[A-Za-z0-9-]{1,36}")
_PART = re.compile(r"[^:\s　]*")
# Names of what is sent are made from this and the unit's own number: new for each unit, the same each time.
_NAMES = uuid.UUID("6f0a3c0e-5e0d-5d0e-9a63-1a3c0f6f3b10")


class Place(StrEnum):
    """入外区分 — where a patient was seen (v3-ActCode)."""

    OUTPATIENT = "AMB"
    INPATIENT = "IMP"
    EMERGENCY = "EMER"
    HOME = "HH"


PLACE_NAMES = {
    Place.OUTPATIENT: "外来",
    Place.INPATIENT: "入院",
    Place.EMERGENCY: "救急",
    Place.HOME: "在宅",
}


def institution_number(prefecture: str, code: str, table: str = "1") -> str:
    """医療機関番号10桁 — prefecture, 点数表 (1 医科, 2 歯科, 3 調剤) and the code of seven digits.

    >>> institution_number("13", "1999999")
    '1311999999'
    """
    number = f"{prefecture}{table}{code}"
    if not _INSTITUTION.fullmatch(number):
        refuse("institution", "number", number, "医療機関番号", "都道府県2桁・点数表1桁・機関コード7桁の数字")
    return number


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """医療機関 — the number of ten digits, the name and where it is."""

    number: str
    name: str
    address: str = ""
    postal_code: str = ""
    telephone: str = ""

    def __post_init__(self) -> None:
        if not _INSTITUTION.fullmatch(self.number):
            refuse(
                "institution",
                "number",
                self.number,
                "医療機関番号",
                "都道府県2桁・点数表1桁・機関コード7桁の数字",
            )
        if not self.name.strip():
            missing("institution", "name", "医療機関名")


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    """診療科 — the code of SS-MIX2 (two digits, or three) and the name as displayed."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DoctorFacts:
    """医師 — the institution's own number, the name as 「姓 名」, kana alike, and the medical register when known."""

    id: str
    name: str
    kana: str = ""
    register_number: str = ""


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """受診 — where and when the patient was seen, by which department."""

    id: str
    place: Place
    since: date | datetime | None = None
    until: date | datetime | None = None
    department: DepartmentFacts | None = None


@dataclass(frozen=True, slots=True)
class InsuredNumber:
    """被保険者個人識別子 — insurer, symbol, number and branch.

    Cite: JP-CLINS 1.10.0 JP_Insurance_memberID

    >>> InsuredNumber("12345", "あいう", "１８７", "05").text
    '00012345:あいう:１８７:05'
    """

    insurer: str
    symbol: str
    number: str
    branch: str = ""

    def __post_init__(self) -> None:
        if not (self.insurer.isascii() and self.insurer.isdecimal() and len(self.insurer) <= 8):
            refuse("patient", "insurer", self.insurer, "保険者番号", "8桁までの数字")
        for name, value, what in (("symbol", self.symbol, "記号"), ("number", self.number, "番号")):
            if not _PART.fullmatch(value):
                refuse("patient", name, value, f"被保険者証の{what}", "空白とコロンのない文字")
        if self.branch and not re.fullmatch("[0-9]{2}", self.branch):
            refuse("patient", "branch", self.branch, "枝番", "2桁の数字")

    @property
    def text(self) -> str:
        """識別子の文字列."""
        return f"{self.insurer.zfill(8)}:{self.symbol}:{self.number}:{self.branch}"


@dataclass(frozen=True, slots=True)
class PublicPayerNumber:
    """生活保護受給者識別子 — payer of eight digits and recipient of seven, for those without health insurance.

    Cite: JP-CLINS 1.10.0 JP_PublicPayer_memberID
    """

    payer: str
    recipient: str

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9]{8}", self.payer):
            refuse("patient", "payer", self.payer, "公費負担者番号", "8桁の数字")
        if not re.fullmatch("[0-9]{7}", self.recipient):
            refuse("patient", "recipient", self.recipient, "公費の受給者番号", "7桁の数字")

    @property
    def text(self) -> str:
        """識別子の文字列."""
        return f"{self.payer}::{self.recipient}:"


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """患者 — as the service knows a person: name in kanji and kana, sex, birth, address, insured number.

    ``gender`` None is 不明.
    """

    id: str
    family: str
    given: str
    born: date
    gender: Sex | None
    address: str
    insured: InsuredNumber | PublicPayerNumber
    family_kana: str = ""
    given_kana: str = ""
    postal_code: str = ""
    telephone: str = ""

    def __post_init__(self) -> None:
        for name, value, what in (
            ("id", self.id, "患者番号"),
            ("family", self.family, "患者の姓"),
            ("given", self.given, "患者の名"),
            ("address", self.address, "患者の住所"),
        ):
            if not value.strip():
                missing("patient", name, what)
        if bool(self.family_kana) != bool(self.given_kana):
            missing("patient", "family_kana", "患者のカナ氏名の姓か名")


@dataclass(frozen=True, slots=True)
class Around:
    """送信の文脈 — the institution, the patient, the moment and the number of one unit that is sent.

    ``unit_number`` is unique in the institution and the year of issue; the same number replaces what was sent before.
    """

    institution: InstitutionFacts
    patient: PatientFacts
    sent_at: datetime
    unit_number: str
    department: DepartmentFacts
    doctor: DoctorFacts | None = None
    visit: VisitFacts | None = None
    codes: CodeMap = field(default_factory=CodeMap)

    def __post_init__(self) -> None:
        if self.sent_at.tzinfo is None:
            refuse("around", "sent_at", self.sent_at, "送信日時", "時差付きの日時")
        if not 2020 <= self.sent_at.year <= 2039:
            refuse("around", "sent_at", self.sent_at, "送信日時", "2020年から2039年")
        if not _UNIT.fullmatch(self.unit_number):
            refuse("around", "unit_number", self.unit_number, "送信番号", "36文字以内の半角英数字とハイフン")

    @property
    def bundle_number(self) -> str:
        """Bundle-ID — institution, year of issue, number.

        Cite: JP-CLINS 1.10.0 R2152
        """
        return f"{self.institution.number}^{self.sent_at.year}^{self.unit_number}"

    def url(self, kind: str, id: str) -> str:
        """fullUrl — a UUID of the unit, the type and the id: new for every unit, the same each time it is built."""
        return f"urn:uuid:{uuid.uuid5(_NAMES, f'{self.bundle_number}|{kind}|{id}')}"

    @property
    def patient_url(self) -> str:
        """患者のfullUrl."""
        return self.url("Patient", self.patient.id)

    def resource_number(self, kind: str, id: str) -> str:
        """リソース一意識別ID — unique in the institution, and the same whenever the fact is sent again."""
        return f"{self.institution.number}^{kind}^{id}"
