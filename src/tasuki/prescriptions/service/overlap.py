# SPDX-License-Identifier: Apache-2.0
"""重複投薬等チェック — new drugs against everything the person takes on the same days, whoever prescribed or dispensed it.

同一成分 is decided by the first seven characters of the code. 併用禁忌 is asked of a checker that the caller brings, so
that knowledge of drugs stays in one place.

Cite: 電子処方箋管理サービス EPS-IF-103 (重複投薬等チェック結果)
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tasuki.prescriptions.service.courses import Course


class AlertKind(StrEnum):
    """チェック結果の区分 — same ingredient, or two drugs that must not be given together."""

    DUPLICATE = "1"
    CONTRAINDICATION = "2"

    @property
    def label(self) -> str:
        """区分名 — as a result says it."""
        return "重複投薬" if self is AlertKind.DUPLICATE else "併用禁忌"


class PastCourse(NamedTuple):
    """過去の投薬 — one drug of before with who prescribed and who dispensed it."""

    course: Course
    clinic_number: str
    clinic_name: str
    pharmacy_number: str
    pharmacy_name: str
    prescription_id: str


class Alert(NamedTuple):
    """チェック結果 — one new drug against one of before; ``text`` is what the checker says of a contraindication."""

    kind: AlertKind
    target: Course
    past: PastCourse
    text: str = ""

    @property
    def days(self) -> tuple[date, date]:
        """重なる期間 — first and last day on which both are taken."""
        return (
            max(self.target.since, self.past.course.since),
            min(self.target.until, self.past.course.until),
        )

    def is_of(self, institution_number: str) -> bool:
        """同一医療機関か — whether the other side was prescribed or dispensed by the asker itself."""
        return institution_number in (self.past.clinic_number, self.past.pharmacy_number)


class Contraindications(Protocol):
    """併用禁忌の判定 — what is wrong with giving two drugs together on a day, "" for nothing; codes of the price list."""

    def __call__(self, first: str, second: str, on: date) -> str:
        """判定 — of one pair, in either order."""


def none_known(first: str, second: str, on: date) -> str:
    """併用禁忌の判定なし — where no knowledge of drugs is at hand."""
    return ""


def find_alerts(
    proposed: Iterable[Course], past: Iterable[PastCourse], contraindicated: Contraindications = none_known
) -> tuple[Alert, ...]:
    """重複投薬等チェック — every pair of a new and an earlier drug that are taken on a common day."""
    earlier = tuple(past)
    found = []
    for target in proposed:
        for each in earlier:
            course = each.course
            if course.since > target.until or course.until < target.since:
                continue
            if target.ingredient and target.ingredient == course.ingredient:
                found.append(Alert(AlertKind.DUPLICATE, target, each))
            elif target.yj and course.yj:
                text = contraindicated(target.yj, course.yj, max(target.since, course.since))
                if text:
                    found.append(Alert(AlertKind.CONTRAINDICATION, target, each, text))
    return tuple(found)
