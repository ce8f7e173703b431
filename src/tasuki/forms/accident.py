# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の明細 — what the statements of both have in common: rows of points by technique and goods, fees in yen.

Cite: 労災診療費算定基準; 自動車損害賠償責任保険診療費算定基準（新基準）
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccidentRow(StrEnum):
    """明細の行 — as the statements print them; a statement that has fewer rows adds them up."""

    FIRST = "11"
    REVISIT = "12.revisit"
    OUTPATIENT_MANAGEMENT = "12.management"
    AFTER_HOURS = "12.after_hours"
    HOLIDAY = "12.holiday"
    NIGHT = "12.night"
    MANAGEMENT = "13"
    HOUSE_CALL = "14.call"
    HOME_VISIT = "14.visit"
    HOME_OTHER = "14.other"
    HOME_DRUG = "14.drug"
    INTERNAL_DRUG = "21.drug"
    INTERNAL_DISPENSING = "21.dispensing"
    AS_NEEDED_DRUG = "22.drug"
    EXTERNAL_DRUG = "23.drug"
    EXTERNAL_DISPENSING = "23.dispensing"
    PRESCRIBING = "25"
    NARCOTIC = "26"
    DISPENSING_BASIC = "27"
    SUBCUTANEOUS = "31"
    INTRAVENOUS = "32"
    INJECTION_OTHER = "33"
    INJECTION_DRUG = "30.drug"
    PROCEDURE = "40.act"
    PROCEDURE_DRUG = "40.drug"
    SURGERY = "50.act"
    SURGERY_DRUG = "50.drug"
    EXAMINATION = "60.act"
    EXAMINATION_DRUG = "60.drug"
    IMAGING = "70.act"
    IMAGING_DRUG = "70.drug"
    PRESCRIPTION = "80.prescription"
    OTHER = "80.other"
    OTHER_DRUG = "80.drug"


class AccidentFeeKind(StrEnum):
    """金額の行 — fees in yen by their printed row."""

    FIRST = "first"  # 初診
    REVISIT = "revisit"  # 再診
    GUIDANCE = "guidance"  # 指導
    EMERGENCY = "emergency"  # 救急医療管理加算
    OTHER = "other"  # その他


@dataclass(frozen=True, slots=True)
class AccidentCell:
    """明細の点数 — technique and goods (薬剤等) of one row; ``unit_points`` where the form prints points × count."""

    technique_points: int = 0
    goods_points: int = 0
    count: int = 0
    unit_points: int | None = None

    def __add__(self, other: AccidentCell) -> AccidentCell:
        return AccidentCell(
            self.technique_points + other.technique_points,
            self.goods_points + other.goods_points,
            self.count + other.count,
            self.unit_points if self.unit_points == other.unit_points else None,
        )


@dataclass(frozen=True, slots=True)
class AccidentFee:
    """金額の記載 — yen of one row in all, and how often."""

    kind: AccidentFeeKind
    yen: int
    count: int = 1


NO_POINTS = AccidentCell()


def together(rows: dict[AccidentRow, AccidentCell], *wanted: AccidentRow) -> AccidentCell:
    """行の合算 — of some rows; the price before × only where a single one is filled."""
    found = [rows[row] for row in wanted if row in rows]
    if len(found) == 1:
        return found[0]
    return sum((AccidentCell(one.technique_points, one.goods_points, one.count) for one in found), NO_POINTS)
