# SPDX-License-Identifier: Apache-2.0
"""処方内容 — one prescription as a value: the source of the symbol on paper and of the electronic document alike.

Cite: 保険医療機関及び保険医療養担当規則 第23条; JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tasuki.chart.visit import Sex


class DosageForm(StrEnum):
    """剤形区分 — values as recorded."""

    INTERNAL = "1"  # 内服: the amount is a day's
    AS_NEEDED = "2"  # 頓服: the amount is a dose's
    EXTERNAL = "3"  # 外用: the amount is the whole
    DROPS = "4"  # 内服滴剤
    INJECTION = "5"  # 注射
    MATERIAL = "6"  # 医療材料


class CodeKind(StrEnum):
    """薬品コード種別 — values as recorded."""

    NONE = "1"
    CLAIM = "2"  # レセプト電算コード, 9 digits
    PRICE_LIST = "3"  # 厚労省コード
    YJ = "4"
    HOT = "6"
    GENERIC = "7"  # 一般名コード; empty where none is known


class DrugNote(StrEnum):
    """薬品補足区分 — what may not be changed, or what the patient asks for; values as recorded."""

    ONE_DOSE = "1"  # 一包化
    CRUSHED = "2"  # 粉砕
    NO_GENERIC = "3"  # 後発品変更不可
    NO_FORM = "4"  # 剤形変更不可
    NO_STRENGTH = "5"  # 含量規格変更不可
    NO_FORM_STRENGTH = "6"  # 剤形・含量規格変更不可
    BRAND_WISHED = "8"  # 先発医薬品患者希望


@dataclass(frozen=True, slots=True)
class IssuingHospital:
    """医療機関 — who issues; ``fee_table`` 1 医科, 3 歯科."""

    code: str
    prefecture: str
    name: str
    postal_code: str = ""
    address: str = ""
    telephone: str = ""
    department: str = ""
    fee_table: str = "1"


@dataclass(frozen=True, slots=True)
class IssuingDoctor:
    """医師 — whose prescription it is."""

    name: str
    kana: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PrescribedPatient:
    """患者 — for whom it is; the kana in any width."""

    name: str
    kana: str
    sex: Sex
    born: date
    code: str = ""


@dataclass(frozen=True, slots=True)
class PrescribedCover:
    """保険 — as the records have it. ``share_class`` is 一部負担金区分, ``kind`` 保険種別, ``duty`` 職務上の事由."""

    kind: str = ""
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""
    is_dependant: bool = False
    share_percent: int | None = None
    share_class: str = ""
    duty: str = ""


@dataclass(frozen=True, slots=True)
class PrescribedProgramme:
    """公費 — one programme's pair of numbers, in the order they bear the cost."""

    payer_number: str
    recipient_number: str = ""


@dataclass(frozen=True, slots=True)
class UsageNote:
    """用法補足 — kind as recorded (2 一包化, 5 用法の続き, 6 部位 …), the text, and codes where there are any."""

    text: str
    kind: str = ""
    supplement_code: str = ""
    site_code: str = ""


@dataclass(frozen=True, slots=True)
class DrugContents:
    """薬品 — code, name as ordered, amount in the unit of the drug; what a change of it is barred by.

    Without an amount it cannot be recorded, and is refused then.
    """

    name: str
    amount: Decimal | None
    unit: str
    code_kind: CodeKind = CodeKind.NONE
    code: str = ""
    notes: tuple[tuple[DrugNote | None, str], ...] = ()
    dose: str = ""  # 1回服用量
    is_material: bool = False


@dataclass(frozen=True, slots=True)
class RpContents:
    """剤 — drugs taken together. ``quantity`` is days, doses, or 1 where the amount is the whole.

    ``usage_code`` has the sixteen digits of the standard, or is empty: then the usage is text. ``borne_by`` are the
    places (from 1) of the programmes that bear it; None where nothing is said, that is all of them. ``split_quantity``
    is what this part of a split prescription gives of ``quantity``.
    """

    form: DosageForm
    quantity: int
    usage: str
    drugs: tuple[DrugContents, ...]
    usage_code: str = ""
    notes: tuple[UsageNote, ...] = ()
    borne_by: tuple[int, ...] | None = None
    split_quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Narcotic:
    """麻薬施用 — licence of the doctor, address and telephone of the patient."""

    licence_number: str
    patient_address: str
    patient_telephone: str


class PrescriptionKey(NamedTuple):
    """処方箋の別 — by what drugs of one visit are prescriptions of their own: uses of a refill, and the part of a split one."""

    refill_count: int = 0
    split_count: int = 0
    split_nth: int = 0


@dataclass(frozen=True, slots=True)
class PrescriptionContents:
    """処方内容 — everything a pharmacy must know, before it is written in any form.

    ``exchange_number`` is the 引換番号 of sixteen digits of a paper prescription registered with 電子処方箋管理サービス; it is
    recorded in the symbol only, since an electronic one gets its number by being registered. ``residual_action`` is
    1 疑義照会 or 2 情報提供.
    """

    hospital: IssuingHospital
    doctor: IssuingDoctor
    patient: PrescribedPatient
    cover: PrescribedCover
    issued_on: date
    rps: tuple[RpContents, ...]
    programmes: tuple[PrescribedProgramme, ...] = ()
    usable_until: date | None = None
    refill_count: int = 0
    residual_action: str = ""
    remarks: tuple[str, ...] = ()
    narcotic: Narcotic | None = None
    exchange_number: str = ""
    split_count: int = 0
    split_nth: int = 0

    @property
    def key(self) -> PrescriptionKey:
        """処方箋の別 — what sets it apart from others of the same visit."""
        return PrescriptionKey(self.refill_count, self.split_count, self.split_nth)
