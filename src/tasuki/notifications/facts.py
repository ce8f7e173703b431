# SPDX-License-Identifier: Apache-2.0
"""発生届の内容 — a notice as values, in the order of the form.

Cite: 感染症法 第12条第1項; 同施行規則 第4条第1項
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tasuki.chart.visit import Sex
from tasuki.notifications.words import Certainty, Subject


@dataclass(frozen=True, slots=True)
class Identity:
    """当該者 — who the person is; only on forms that ask it. 所在地 is where the person is now, 住所 where they live."""

    name: str = ""
    kana: str = ""
    born: date | None = None
    occupation: str = ""
    address: str = ""
    telephone: str = ""
    whereabouts: str = ""
    whereabouts_telephone: str = ""
    guardian_name: str = ""
    guardian_address: str = ""
    guardian_telephone: str = ""

    @property
    def is_told(self) -> bool:
        """氏名等の有無 — whether anything here tells who it is."""
        return self != Identity()


@dataclass(frozen=True, slots=True)
class Ticked:
    """該当する項目 — the code of an item of the form, and what it asks in words."""

    code: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """診断方法 — a ticked method of examination: specimen, result and the day it was taken."""

    code: str
    specimen: str = ""
    result: str = ""
    taken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reporter:
    """届け出る医師 — name, and the institution where they practise."""

    doctor: str = ""
    institution: str = ""
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """感染原因・感染経路・感染地域 — ticked causes, the rest in words, and where."""

    causes: tuple[Ticked, ...] = ()
    words: str = ""
    certainty: Certainty | None = None
    is_abroad: bool | None = None
    region: str = ""
    region_certainty: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """感染症発生届 — of one person and one disease.

    ``age_months`` belongs to a child under one year only, whose ``age_years`` is 0. ``symptom_words`` and
    ``method_words`` say what no item of the form says.
    """

    disease: str
    reported_on: date
    subject: Subject
    sex: Sex
    age_years: int
    age_months: int | None = None
    identity: Identity = Identity()
    kind: Ticked | None = None
    symptoms: tuple[Ticked, ...] = ()
    symptom_words: str = ""
    methods: tuple[Examined, ...] = ()
    method_words: str = ""
    first_seen_on: date | None = None
    diagnosed_on: date | None = None
    infected_on: date | None = None
    onset_on: date | None = None
    died_on: date | None = None
    origin: Origin = Origin()
    extras: tuple[Ticked, ...] = ()
    remarks: str = ""
    reporter: Reporter = Reporter()
