# SPDX-License-Identifier: Apache-2.0
"""発生届の区分 — the classes of the law, by when, of whom, and the parts of a form that differ by disease."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """感染症の類型 — of 感染症法 第6条; a disease made 指定感染症 by order comes as an imported sheet."""

    CLASS1 = "class1"
    CLASS2 = "class2"
    CLASS3 = "class3"
    CLASS4 = "class4"
    CLASS5 = "class5"
    PANDEMIC = "pandemic"
    DESIGNATED = "designated"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """類型の表記 — as screens and prints show it."""
        return _CATEGORIES[self]


_CATEGORIES = {
    Category.CLASS1: "一類感染症",
    Category.CLASS2: "二類感染症",
    Category.CLASS3: "三類感染症",
    Category.CLASS4: "四類感染症",
    Category.CLASS5: "五類感染症",
    Category.PANDEMIC: "新型インフルエンザ等感染症",
    Category.DESIGNATED: "指定感染症",
    Category.UNKNOWN: "新感染症",
}


class Deadline(StrEnum):
    """届出の期限 — 直ちに, or within seven days of the diagnosis.

    Cite: 感染症法 第12条第1項第1号・第2号
    """

    IMMEDIATE = "immediate"
    SEVEN_DAYS = "seven_days"

    @property
    def label(self) -> str:
        """期限の表記."""
        return "直ちに" if self is Deadline.IMMEDIATE else "診断から7日以内"


class Subject(StrEnum):
    """診断（検案）した者（死体）の類型 — who was diagnosed; the values are box 1 of every form."""

    PATIENT = "patient"
    CARRIER = "carrier"
    SUSPECTED = "suspected"
    BODY = "body"
    SUSPECTED_BODY = "suspected_body"

    @property
    def label(self) -> str:
        """類型の表記 — as box 1 prints it."""
        return _SUBJECTS[self]

    @property
    def is_dead(self) -> bool:
        """死体か — examined after death."""
        return self in (Subject.BODY, Subject.SUSPECTED_BODY)


_SUBJECTS = {
    Subject.PATIENT: "患者（確定例）",
    Subject.CARRIER: "無症状病原体保有者",
    Subject.SUSPECTED: "疑似症患者",
    Subject.BODY: "感染症死亡者の死体",
    Subject.SUSPECTED_BODY: "感染症死亡疑い者の死体",
}


class Part(StrEnum):
    """疾患ごとの項目の欄 — where an item of a disease stands on its form."""

    TYPE = "type"
    SYMPTOM = "symptom"
    METHOD = "method"
    CAUSE = "cause"
    EXTRA = "extra"

    @property
    def label(self) -> str:
        """欄の見出し."""
        return _PARTS[self]


_PARTS = {
    Part.TYPE: "病型",
    Part.SYMPTOM: "症状",
    Part.METHOD: "診断方法",
    Part.CAUSE: "感染原因・感染経路",
    Part.EXTRA: "その他の届出事項",
}


class Certainty(StrEnum):
    """確定・推定 — how sure the cause or the place of an infection is."""

    CONFIRMED = "confirmed"
    PRESUMED = "presumed"

    @property
    def label(self) -> str:
        """確定・推定の表記."""
        return "確定" if self is Certainty.CONFIRMED else "推定"
