# SPDX-License-Identifier: Apache-2.0
"""在宅の診療 — what a visit to the patient's home was, and what the patient does at home between visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class HomeVisitManner(StrEnum):
    """訪問の区分 — called to the home, by plan, by plan at another institution's request, or online by plan."""

    CALLED = "called"  # 往診
    PLANNED = "planned"  # 訪問診療
    REFERRED = "referred"  # 他の保険医療機関の求めによる訪問診療
    ONLINE = "online"  # 在宅診療計画による情報通信機器を用いた診療


class Residence(StrEnum):
    """居住の場所 — decides between 在医総管 and 施医総管, and the class of 在宅ターミナルケア加算."""

    HOUSE = "house"  # 居宅
    FACILITY = "facility"  # 施設入居時等医学総合管理料の対象となる施設・サービス
    SHELTERED = "sheltered"  # 障害福祉サービスの施設・福祉ホーム、小規模多機能型の宿泊


class HomePlan(StrEnum):
    """在宅診療計画 — how often in the month the plan visits, and whether a visit is online."""

    ONCE = "once"  # 月1回
    TWICE = "twice"  # 月2回以上
    TWICE_WITH_ONLINE = "twice_with_online"  # 月2回以上、うち1回以上情報通信機器
    ONCE_WITH_ONLINE = "once_with_online"  # 月1回、2月に1回に限り情報通信機器


@dataclass(frozen=True, slots=True)
class HomeVisit:
    """在宅の診療 — facts of a visit to the home that no order says.

    ``patients_that_day``: people of the building visited by plan on the day, this one included, without
    those 通知 C001 (3) leaves out. ``building_patients`` 単一建物診療患者数, ``dwellings`` 戸数 of the building;
    None where nobody counted. ``shares_household``: several patients live in one household there;
    ``is_second_in_household``: another of it was seen first on this trip. ``is_attached``: the institution
    stands on or beside the facility's ground. ``minutes`` is the time of the examination itself.
    ``is_prescription_given``: a prescription for a pharmacy is handed out in the month.
    """

    manner: HomeVisitManner
    residence: Residence = Residence.HOUSE
    is_attached: bool = False
    patients_that_day: int | None = None
    building_patients: int | None = None
    dwellings: int | None = None
    shares_household: bool = False
    is_second_in_household: bool = False
    minutes: int | None = None
    plan: HomePlan | None = None
    is_prescription_given: bool | None = None
    discharged_on: date | None = None
    is_over_16_km: bool = False
    travel_yen: int = 0


@dataclass(frozen=True, slots=True)
class SelfCare:
    """自己管理 — numbers of care between visits: injections told to do a month, tests of blood sugar, hours of CPAP.

    ``injections_since`` is the day of the first guidance at any institution; ``months_supplied`` for how many
    months material is handed out; ``cpap_minutes_a_day`` the mean of a day of each earlier month, the last one last.
    """

    injections_a_month: int | None = None
    glucose_tests_a_month: int | None = None
    injections_since: date | None = None
    months_supplied: int = 1
    cpap_minutes_a_day: tuple[int, ...] = ()
