# SPDX-License-Identifier: Apache-2.0
"""マスター行 — the typed rows of every table, as the compiled Book keeps them.

Column numbers in brackets are those of 支払基金 マスターファイル仕様説明書 (令和6年度版 2025-06-02) and
医科電子点数表の活用手引き (R6). Codes keep their official text; prices are ``Decimal``. The rows are
``msgspec`` structs, frozen, because they are made by the hundred thousand and stored as they are.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum

import msgspec

from tasuki.kernel.validity import Validity

# 特定器材 without a code of its own: the claim names product, size and price instead.
UNCODED_MATERIAL = "777770000"


# 労災診療行為マスター: the first three digits of acts that only 労災保険 and what follows its rules pay.
WORK_ACCIDENT_CODES = ("101", "102")


class Row(msgspec.Struct, frozen=True, kw_only=True, array_like=True, omit_defaults=False):
    """マスター行 — what every row has: a code, a name and the days it counts."""

    code: str
    name: str
    validity: Validity


class PointsKind(IntEnum):
    """点数識別 — what the number in the points column means (医科診療行為マスター col 11)."""

    YEN = 1
    ADD = 3
    PURCHASE_PRICE = 4
    ADD_PERCENT = 5
    SUBTRACT_PERCENT = 6
    REDUCTION_ACT = 7
    SUBTRACT = 8


class Step(msgspec.Struct, frozen=True, array_like=True):
    """きざみ — stepped points: ``above`` (下限), ``upto`` (上限), ``width``, ``points`` a step, ``error_rule`` 0-3.

    Source: col 30-35.
    """

    above: int
    upto: int
    width: int
    points: Decimal
    error_rule: int


class AgeAddition(msgspec.Struct, frozen=True, array_like=True):
    """年齢加算 — the addition usable with a base between two ages (col 100-111)."""

    age_from: str
    age_to: str
    code: str


ADDITION_KINDS = frozenset(("7", "9", "A"))


class Act(Row, frozen=True, kw_only=True, array_like=True):
    """診療行為 — one act of the fee table, or an addition to one (医科診療行為マスター).

    ``points`` is points, yen or percent as ``points_kind`` says; ages are the official two characters.
    """

    kana: str = ""
    full_name: str = ""
    unit_code: str = "0"  # 8
    unit_name: str = ""  # 10
    points_kind: PointsKind = PointsKind.ADD  # 11
    points: Decimal = Decimal(0)  # 12
    setting: str = "0"  # 13 0 both, 1 inpatients, 2 outpatients
    elderly: str = "0"  # 14
    tally_out: str = "0"  # 15
    tally_in: str = "0"  # 66
    test_bundle: str = "0"  # 16 まるめ group
    facility_kind: str = "0"  # 19 0 both, 1 hospital, 2 clinic
    disease_relation: str = "0"  # 25
    day_kind: str = "0"  # 27
    day_count: str = "0"  # 28
    drug_relation: str = "0"  # 29
    step: Step | None = None  # 30-35
    max_count: int = 0  # 36
    max_count_rule: str = "0"  # 37
    addition_group: str = "0"  # 38 注加算コード
    addition_serial: str = "0"  # 39 注加算通番
    general_age: str = "0"  # 40
    age_from: str = "00"  # 41
    age_to: str = "00"  # 42
    time_kind: str = "0"  # 43
    standard_conformity: str = "0"  # 44
    conformity_standard: str = "0"  # 45
    infant_procedure: str = "0"  # 46
    judgment_kind: str = "0"  # 50 1 act, 2 判断料
    judgment_group: str = "0"  # 51
    month_reduction: str = "0"  # 52
    outpatient_management: str = "0"  # 56 1 blocks 外来管理加算, 2 is it
    specimen_comment: str = "0"  # 61
    general_base: str = "0"  # 62
    reduction_family: str = "0"  # 63
    record_kind: str = "1"  # 68 告示等識別区分(1)
    table_kind: str = "1"  # 69 告示等識別区分(2)
    beds_kind: str = "0"  # 71
    standards: tuple[str, ...] = ()  # 72-81, ten places, "0" = none
    chapter: str = ""  # 85 コード表用番号 letter
    section: str = ""  # 85, 92, 93 as "A000", "B001-3"
    order: str = ""  # 89 公表順序番号
    age_additions: tuple[AgeAddition, ...] = ()  # 100-111
    former_code: str = ""  # 112
    infection_control: str = "0"  # 124
    ent_infant: str = "0"  # 125
    ent_antibiotic: str = "0"  # 126
    base_up: str = "0"  # 129
    base_up_second: str = "0"  # 130
    item: str = ""  # 94 項番 within the section, where it has more than one
    unofficial: str = ""  # the list its points were taken from, "" for a row of the master or the starter

    @property
    def is_addition(self) -> bool:
        """加算か — whether it must follow a base act in the same unit when recorded.

        Column 68 is 7 or 9; A marks the multiples of operations in the table of 労災.
        """
        return self.record_kind in ADDITION_KINDS


class Drug(Row, frozen=True, kw_only=True, array_like=True):
    """医薬品 — one product, priced in yen for one smallest unit (医薬品マスター)."""

    kana: str = ""
    full_name: str = ""
    unit_code: str = "0"
    unit_name: str = ""  # 10
    price_kind: str = "1"  # 11
    price: Decimal = Decimal(0)  # 12 yen for one unit
    controlled: str = "0"  # 14 1 麻薬 2 毒薬 3 覚醒剤原料 5 向精神薬
    nerve_block: str = "0"  # 15
    biological: str = "0"  # 16
    is_generic: bool = False  # 17 後発品
    contrast: str = "0"  # 20
    injection_ml: int = 0  # 21
    form: str = "1"  # 28 1 内用 3 その他 4 注射 6 外用 8 歯科
    price_list_code: str = ""  # 32 薬価基準収載医薬品コード
    usable_until: date | None = None  # 34
    generic_code: str = ""  # 37 一般名コード
    generic_name: str = ""  # 38
    generic_addition: str = "0"  # 39 0 none, 1 加算1 only, 2 加算1・2
    elective_pair: str = ""  # 41
    elective_kind: str = "0"  # 42
    price_on: date | None = None  # day of the official list or file the price was read from


class Material(Row, frozen=True, kw_only=True, array_like=True):
    """特定器材 — one material, priced in yen for one unit (特定器材マスター)."""

    kana: str = ""
    full_name: str = ""
    unit_code: str = "0"
    unit_name: str = ""
    price_kind: str = "1"  # 11 1 yen, 2 購入価格, 5 % addition, 9 multiplier
    price: Decimal = Decimal(0)  # 12
    age_addition: str = "0"  # 14
    age_from: str = "00"
    age_to: str = "00"
    oxygen: str = "0"  # 21
    divisor_kind: str = "0"  # 22
    section: str = ""  # 31, 32


class Disease(Row, frozen=True, kw_only=True, array_like=True):
    """傷病名 — one disease of seven digits (傷病名マスター); ``name`` is 基本名."""

    kana: str = ""
    short_name: str = ""  # 8
    successor_code: str = ""  # 4 移行先
    exchange_code: str = ""  # 13
    icd10: tuple[str, ...] = ()  # 16, 17
    single_use: str = "00"  # 19 01 = needs a modifier
    is_unclaimable: bool = False  # 20
    specific: str = "00"  # 21 03, 04, 05, 07, 08
    intractable: str = "00"  # 43 09 難病外来
    management_number: str = ""  # 11 病名管理番号


class Modifier(Row, frozen=True, kw_only=True, array_like=True):
    """修飾語 — a word of four digits before (0001-7999) or after (8000-8999) a disease name."""

    kana: str = ""
    exchange_code: str = ""
    kind: str = ""  # 19

    @property
    def is_suffix(self) -> bool:
        """接尾語か — whether it stands after the disease name."""
        return "8000" <= self.code <= "8999"


class Comment(Row, frozen=True, kw_only=True, array_like=True):
    """コメント — a recordable comment; ``pattern`` tells how its text is made (コメントマスター)."""

    kana: str = ""
    pattern: str = "10"  # 4
    slots: tuple[tuple[int, int], ...] = ()  # 10-17 position, length
    is_selectable: bool = False  # 20


class GenericName(Row, frozen=True, kw_only=True, array_like=True):
    """一般名 — a standard generic name of a prescription (一般名処方マスタ); ``name`` is 標準的な記載."""

    ingredient: str = ""
    specification: str = ""
    addition: str = "0"  # 0 none, 1 加算1 only, 2 加算1・2
    lowest_price: Decimal | None = None


class Window(IntEnum):
    """背反の範囲 — within which two acts exclude each other."""

    DAY = 1
    MONTH = 2
    SAME_TIME = 3
    WEEK = 4


class Exclusion(msgspec.Struct, frozen=True, array_like=True):
    """背反 — two codes that may not both stand within a window (電子点数表 03-1 to 03-4).

    ``keep`` 1 bills ``code``, 2 bills ``other``, 3 either one; ``is_special`` (特例条件) asks a human.
    """

    window: Window
    code: str
    other: str
    keep: int
    is_special: bool
    validity: Validity


class InclusionUnit(IntEnum):
    """包括単位 — within which an act includes others."""

    DAY = 1
    MONTH = 2
    SAME_TIME = 3
    WEEK_BEFORE_OPERATION = 5
    OPERATION = 6


class InclusionParent(msgspec.Struct, frozen=True, array_like=True):
    """包括する行為 — an act that includes every member of a group (補助マスター col 4-9)."""

    code: str
    unit: InclusionUnit
    group: str
    validity: Validity


class InclusionMember(msgspec.Struct, frozen=True, array_like=True):
    """被包括行為 — a member of a group (包括テーブル 02)."""

    group: str
    code: str
    is_special: bool
    validity: Validity


class CountLimit(msgspec.Struct, frozen=True, array_like=True):
    """算定回数 — how often an act may be billed within a unit (算定回数テーブル 05)."""

    code: str
    unit_code: str
    unit_name: str
    count: int
    is_special: bool
    validity: Validity


class WardFee(msgspec.Struct, frozen=True, array_like=True):
    """入院基本料識別 — the group of additions that a ward fee belongs to (補助マスターテーブル 01, 20)."""

    code: str
    group: str
    validity: Validity


class InpatientAddition(msgspec.Struct, frozen=True, array_like=True):
    """入院基本料加算 — which additions a group of ward fees allows (入院基本料テーブル 04)."""

    group: str
    code: str
    serial: str
    validity: Validity


class Standard(msgspec.Struct, frozen=True, array_like=True):
    """施設基準コード — the number and name of a standard an institution notifies (仕様説明書 別紙)."""

    code: str
    name: str
    part: str = ""


class RequiredComment(msgspec.Struct, frozen=True, array_like=True):
    """コメント関連 — a comment that 記載要領 別表Ⅰ asks for with an act (コメント関連テーブル)."""

    act_code: str
    comment_code: str
    section: str
    condition: tuple[str, ...]
    validity: Validity
