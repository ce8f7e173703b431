# SPDX-License-Identifier: Apache-2.0
"""時間外等の加算の選択 — which one of the additions for hours fits a basic fee, a patient and a place.

Cite: 医科点数表 A000 注7〜注9, A001 注5〜注7, A002 注8・注9
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.base_fee import FIRST_FAMILY, OUTPATIENT_FAMILY, REVISIT_FAMILY
from tasuki.calculation.flags import Flag
from tasuki.calculation.visit_time import Hours, visit_time
from tasuki.facility.standards import NIGHT_EMERGENCY

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.visit_time import VisitTime
    from tasuki.masters.rows import Act

PAEDIATRICS = "09"
PAEDIATRIC_SURGERY = "17"
INFANT_AGE = 6


class TimeAddition(StrEnum):
    """時間外等の加算の種類 — as the notes name them."""

    OUT_OF_HOURS = "out_of_hours"  # 時間外加算
    HOLIDAY = "holiday"  # 休日加算
    MIDNIGHT = "midnight"  # 深夜加算
    NIGHT_EMERGENCY = "night_emergency"  # 時間外加算の特例


class Ward(StrEnum):
    """対象 — whose addition: of all ages, of infants, or of infants in open hours of paediatrics."""

    ALL = "all"
    INFANT = "infant"
    PAEDIATRIC = "paediatric"


class Chosen(NamedTuple):
    """選ばれた加算 — its code with the kind and the patients it is for."""

    code: str
    kind: TimeAddition
    ward: Ward


_OUT, _HOLIDAY, _MIDNIGHT, _EMERGENCY = TimeAddition
_ALL, _INFANT, _PAEDIATRIC = Ward

CODES = {
    FIRST_FAMILY: {
        (_OUT, _ALL): "111000570", (_OUT, _INFANT): "111011970", (_OUT, _PAEDIATRIC): "111011570",
        (_HOLIDAY, _ALL): "111000670", (_HOLIDAY, _INFANT): "111012070", (_HOLIDAY, _PAEDIATRIC): "111011670",
        (_MIDNIGHT, _ALL): "111000770", (_MIDNIGHT, _INFANT): "111012170",
        (_MIDNIGHT, _PAEDIATRIC): "111011770",
        (_EMERGENCY, _ALL): "111000870", (_EMERGENCY, _INFANT): "111012270",
    },
    REVISIT_FAMILY: {
        (_OUT, _ALL): "112001110", (_OUT, _INFANT): "112014770", (_OUT, _PAEDIATRIC): "112014170",
        (_HOLIDAY, _ALL): "112001210", (_HOLIDAY, _INFANT): "112014870", (_HOLIDAY, _PAEDIATRIC): "112014270",
        (_MIDNIGHT, _ALL): "112001310", (_MIDNIGHT, _INFANT): "112014970",
        (_MIDNIGHT, _PAEDIATRIC): "112014370",
        (_EMERGENCY, _ALL): "112001410", (_EMERGENCY, _INFANT): "112015070",
    },
    OUTPATIENT_FAMILY: {
        (_OUT, _ALL): "112006470", (_OUT, _INFANT): "112015170", (_OUT, _PAEDIATRIC): "112014470",
        (_HOLIDAY, _ALL): "112006570", (_HOLIDAY, _INFANT): "112015270", (_HOLIDAY, _PAEDIATRIC): "112014570",
        (_MIDNIGHT, _ALL): "112006670", (_MIDNIGHT, _INFANT): "112015370",
        (_MIDNIGHT, _PAEDIATRIC): "112014670",
        (_EMERGENCY, _ALL): "112006770", (_EMERGENCY, _INFANT): "112015470",
    },
}  # fmt: skip

_KIND_OF_HOURS = {Hours.NIGHT: _OUT, Hours.HOLIDAY: _HOLIDAY, Hours.MIDNIGHT: _MIDNIGHT}


def time_addition(case: Case, base: Act) -> Chosen | None:
    """時間外等の加算の選択 — None inside the hours, or when the base takes no such addition (col 43)."""
    return case.keep(("time addition", base.code), lambda _: _chosen(case, base))


def _chosen(case: Case, base: Act) -> Chosen | None:
    if base.time_kind != "1" or case.has_flag(Flag.TIME_ADDITION_DECLINED):
        return None
    kind = time_addition_kind(case, case.time)
    is_infant = case.age.years < INFANT_AGE
    if kind is not None:
        ward = _INFANT if is_infant else _ALL
        return Chosen(CODES[base.addition_group][kind, ward], kind, ward)
    if is_infant and case.time.is_open and displays_paediatrics(case):
        kind = _KIND_OF_HOURS.get(case.time.hours)
        if kind is not None:
            return Chosen(CODES[base.addition_group][kind, _PAEDIATRIC], kind, _PAEDIATRIC)
    return None


def time_addition_kind(case: Case, time: VisitTime) -> TimeAddition | None:
    """時間外等の種類 — of 注7 for an instant: places that keep emergencies at night or on holidays count as closed to others."""
    hours = time.hours
    is_night_emergency = case.has_standard(NIGHT_EMERGENCY)
    is_on_duty = is_night_emergency or case.has_flag(Flag.EMERGENCY_CALL)
    if hours is Hours.NIGHT and is_night_emergency:
        return _EMERGENCY
    if hours in (Hours.HOLIDAY, Hours.MIDNIGHT):
        return _KIND_OF_HOURS[hours] if is_on_duty or not time.is_open else None
    return _OUT if time.is_out_of_hours else None


def act_time_kind(case: Case, order_id: str) -> TimeAddition | None:
    """実施時刻の時間外等の種類 — at the instant the order tells, else at reception.

    Cite: 通知 第3部第1節第1款 時間外緊急院内検査加算(2), 第4部 通則3(2), 第9部処置 通則 8・11
    """
    at = case.instants.get(order_id)
    return _at_reception(case) if at is None else time_addition_kind(case, visit_time(case.institution, at))


def is_plainly_in_hours(case: Case) -> bool:
    """時間内のみか — reception was in the hours, and no order tells another instant."""
    return not case.instants and _at_reception(case) is None


def _at_reception(case: Case) -> TimeAddition | None:
    return case.keep("time addition kind", lambda _: time_addition_kind(case, case.time))


def displays_paediatrics(case: Case) -> bool:
    """小児科標榜 — whether the institution displays paediatrics or paediatric surgery.

    Cite: 通知 A000 (22)
    """
    shown = (*case.institution.departments, case.visit.department)
    return PAEDIATRICS in shown or PAEDIATRIC_SURGERY in shown
