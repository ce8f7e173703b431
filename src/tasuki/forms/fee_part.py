# SPDX-License-Identifier: Apache-2.0
"""診療報酬点数表の部 — the parts by which receipts and itemised statements are broken down."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from tasuki.calculation.statement import LineKind, Statement, Unit


class FeePart(StrEnum):
    """診療報酬点数表の部 — the parts an outpatient receipt is broken down by, in printed order.

    Cite: 医科診療報酬点数表 第1章 第1部, 第2章 第1部-第14部
    """

    FIRST_AND_REVISIT = "first_and_revisit"  # 初・再診料
    MANAGEMENT = "management"  # 医学管理等
    HOME_CARE = "home_care"  # 在宅医療
    EXAMINATION = "examination"  # 検査
    IMAGING = "imaging"  # 画像診断
    MEDICATION = "medication"  # 投薬
    INJECTION = "injection"  # 注射
    REHABILITATION = "rehabilitation"  # リハビリテーション
    PSYCHIATRY = "psychiatry"  # 精神科専門療法
    PROCEDURE = "procedure"  # 処置
    SURGERY = "surgery"  # 手術
    ANAESTHESIA = "anaesthesia"  # 麻酔
    RADIOTHERAPY = "radiotherapy"  # 放射線治療
    PATHOLOGY = "pathology"  # 病理診断
    OTHER = "other"  # その他 (ベースアップ評価料 など)


# The letters of 区分番号 (A000, B001 …), in the order of the parts.
_BY_LETTER = dict(zip("ABCDEFGHIJKLMNO", FeePart, strict=True))

# 診療識別 that lie wholly in one part; 60 holds 検査 and 病理診断, 80 whatever has no class of its own.
_BY_SECTION = {
    "11": FeePart.FIRST_AND_REVISIT,
    "12": FeePart.FIRST_AND_REVISIT,
    "13": FeePart.MANAGEMENT,
    "14": FeePart.HOME_CARE,
    "21": FeePart.MEDICATION,
    "22": FeePart.MEDICATION,
    "23": FeePart.MEDICATION,
    "25": FeePart.MEDICATION,
    "26": FeePart.MEDICATION,
    "27": FeePart.MEDICATION,
    "31": FeePart.INJECTION,
    "32": FeePart.INJECTION,
    "33": FeePart.INJECTION,
    "40": FeePart.PROCEDURE,
    "50": FeePart.SURGERY,
    "54": FeePart.ANAESTHESIA,
    "60": FeePart.EXAMINATION,
    "70": FeePart.IMAGING,
    "80": FeePart.OTHER,
}


def parts_of_units(statement: Statement, chapter_of: Callable[[str], str]) -> tuple[FeePart, ...]:
    """算定単位の部 — the part of each unit of a statement, in the statement's order.

    ``chapter_of`` gives the letter of the fee table for an act's code (column 85 of the master), ""
    when it has none. The claim's 診療識別 does not tell parts apart everywhere: 処方箋料 stands under 80
    and belongs to 投薬. Drugs and materials go with the act of their group.
    """
    group_chapter: dict[str, str] = {}
    for unit in statement.units:
        if letter := _letter(unit, chapter_of):
            group_chapter.setdefault(unit.group, letter)
    return tuple(
        _BY_LETTER.get(
            _letter(unit, chapter_of) or group_chapter.get(unit.group, ""), _BY_SECTION[unit.section]
        )
        if unit.section in ("60", "80")
        else _BY_SECTION[unit.section]
        for unit in statement.units
    )


def points_by_part(statement: Statement, chapter_of: Callable[[str], str]) -> dict[FeePart, int]:
    """部別点数 — the points of a statement by part, parts with nothing left out."""
    sums: dict[FeePart, int] = {}
    for unit, part in zip(statement.units, parts_of_units(statement, chapter_of), strict=True):
        sums[part] = sums.get(part, 0) + unit.total_points
    return {part: sums[part] for part in FeePart if sums.get(part)}


def _letter(unit: Unit, chapter_of: Callable[[str], str]) -> str:
    for line in unit.lines:
        if line.kind is LineKind.ACT and (letter := chapter_of(line.code)):
            return letter
    return ""
