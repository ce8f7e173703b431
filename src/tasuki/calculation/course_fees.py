# SPDX-License-Identifier: Apache-2.0
"""段階のある管理料 — fees whose code depends on how far a course has come, as one table.

The master has one code for each step (1月目, 2月目以降; 初回, 2回目以降), and only the history tells which fits.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Step(StrEnum):
    """段階の数え方 — what moves a course on."""

    MONTH = "month"  # 初回の月、その後の月
    YEAR = "year"  # 初回から1年以内、1年を超えた期間
    TIME = "time"  # 初回、2回目以降


class Course(NamedTuple):
    """段階のある管理料 — the codes of its first step and of the later one, face to face and online in one family."""

    key: str
    name: str
    cite: str
    step: Step
    first: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """コード一覧 — every code of the course."""
        return (*self.first, *self.later)


# first[i] and later[i] are the same kind of care (face to face, online).
COURSES: tuple[Course, ...] = (
    Course(
        "16_asthma", "喘息治療管理料１", "医科点数表 B001 16 イ・注1", Step.MONTH, ("113005710",), ("113004910",)
    ),
    Course(
        "35_immunotherapy", "アレルギー性鼻炎免疫療法治療管理料", "医科点数表 B001 35", Step.MONTH,
        ("113036810",), ("113036910",),
    ),
    Course(
        "37_kidney", "慢性腎臓病透析予防指導管理料", "医科点数表 B001 37 イ・ロ・注3", Step.YEAR,
        ("113704110", "113704210"), ("113704310", "113704410"),
    ),
    Course(
        "9_diet_first", "外来栄養食事指導料１", "医科点数表 B001 9 イ・注1・注4", Step.TIME,
        ("113017410", "113034710"), ("113017510", "113029810"),
    ),
    Course(
        "9_diet_second", "外来栄養食事指導料２", "医科点数表 B001 9 ロ・注5・注6", Step.TIME,
        ("113029910", "113034810"), ("113030010", "113034910"),
    ),
)  # fmt: skip
