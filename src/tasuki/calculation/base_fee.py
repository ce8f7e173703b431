# SPDX-License-Identifier: Apache-2.0
"""基本診療料のコード — which code stands for which kind of 初診, 再診 and 外来診療料, and what hangs on it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.flags import Flag
from tasuki.chart.home_visit import HomeVisitManner
from tasuki.chart.visit import VisitKind

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act


class Manner(StrEnum):
    """診察の方法 — face to face, by telephone (電話等), or online (情報通信機器)."""

    FACE_TO_FACE = "face_to_face"
    TELEPHONE = "telephone"
    ONLINE = "online"


class Place(StrEnum):
    """同一日の位置 — the day's first visit, a second one, or the second department of the day."""

    ONLY = "only"
    AGAIN = "again"  # 同日再診
    SECOND_DEPARTMENT = "second_department"  # 同一日2科目


# Reading a member of an enumeration costs more than a name: these are asked at every visit.
_FACE_TO_FACE, _TELEPHONE, _ONLINE = Manner
_ONLY = Place.ONLY
_BY_TELEPHONE = VisitKind.REVISIT_BY_TELEPHONE
_ONLINE_FLAG, _SECOND_DEPARTMENT = Flag.ONLINE, Flag.SECOND_DEPARTMENT
# The kinds of visits at which the patient, or the screen, is seen (電話等 aside).
IN_PERSON = tuple(kind for kind in VisitKind if kind is not _BY_TELEPHONE)

# 注加算コード of the three families: additions of a base carry the same number (col 38).
FIRST_FAMILY = "1101"
REVISIT_FAMILY = "1201"
OUTPATIENT_FAMILY = "1202"

FIRST = {
    (Manner.FACE_TO_FACE, Place.ONLY): "111000110",
    (Manner.ONLINE, Place.ONLY): "111014210",
    (Manner.FACE_TO_FACE, Place.SECOND_DEPARTMENT): "111011810",
    (Manner.ONLINE, Place.SECOND_DEPARTMENT): "111014510",
}
REVISIT = {
    (Manner.FACE_TO_FACE, Place.ONLY): "112007410",
    (Manner.FACE_TO_FACE, Place.AGAIN): "112008350",
    (Manner.FACE_TO_FACE, Place.SECOND_DEPARTMENT): "112015810",
    (Manner.TELEPHONE, Place.ONLY): "112007950",
    (Manner.TELEPHONE, Place.AGAIN): "112008850",
    (Manner.TELEPHONE, Place.SECOND_DEPARTMENT): "112015950",
    (Manner.ONLINE, Place.ONLY): "112024210",
    (Manner.ONLINE, Place.AGAIN): "112024950",
    (Manner.ONLINE, Place.SECOND_DEPARTMENT): "112025210",
}
OUTPATIENT = {
    (Manner.FACE_TO_FACE, Place.ONLY): "112011310",
    (Manner.FACE_TO_FACE, Place.AGAIN): "112011710",
    (Manner.FACE_TO_FACE, Place.SECOND_DEPARTMENT): "112016210",
    (Manner.ONLINE, Place.ONLY): "112024710",
    (Manner.ONLINE, Place.AGAIN): "112025450",
    (Manner.ONLINE, Place.SECOND_DEPARTMENT): "112025910",
}
FIRST_CODES = frozenset(FIRST.values())
REVISIT_CODES = frozenset((*REVISIT.values(), *OUTPATIENT.values()))
BASE_CODES = FIRST_CODES | REVISIT_CODES
SECOND_DEPARTMENT_CODES = frozenset(
    code
    for table in (FIRST, REVISIT, OUTPATIENT)
    for (_, place), code in table.items()
    if place is Place.SECOND_DEPARTMENT
)


def base_taking_additions(draft: Draft, *families: str) -> Act | None:
    """加算できる基本診療料 — the base when it belongs to one of the families.

    The fee of a second department has no 注加算コード, so no addition of the chapter joins it.

    Cite: 医科点数表 A000 注5, A001 注3, A002 注5
    """
    base = draft.base
    return base if base is not None and base.addition_group in families else None


def standing_base(draft: Draft) -> Act:
    """基本診療料の行 — for a rule that hangs on families of basic fees, which is asked only while one stands."""
    base = draft.base
    assert base is not None
    return base


def manner_of(case: Case, kind: VisitKind) -> Manner:
    """診察の方法 — from the recorded kind and the fact of an online visit."""
    if kind is _BY_TELEPHONE:
        return _TELEPHONE
    visit = case.visit
    home = visit.home
    is_online = _ONLINE_FLAG in visit.flags or (home is not None and home.manner is HomeVisitManner.ONLINE)
    return _ONLINE if is_online else _FACE_TO_FACE


def place_of(case: Case) -> Place:
    """同一日の位置 — from the basic fees already billed today, by department.

    Another department on one day is the second department; the same one is 同日再診.
    """
    if _SECOND_DEPARTMENT in case.visit.flags:
        return Place.SECOND_DEPARTMENT
    today = case.today
    earlier = [line for line in today if line.code in BASE_CODES] if today else ()
    if not earlier:
        return _ONLY
    department = case.visit.department
    is_same = any(line.department in ("", department) for line in earlier)
    return Place.AGAIN if is_same else Place.SECOND_DEPARTMENT


def bills_outpatient_fee(case: Case) -> bool:
    """外来診療料の対象 — a hospital of 200 or more general beds.

    Cite: 医科点数表 A002 注1
    """
    return places.bills_outpatient_fee(case.premises)
