# SPDX-License-Identifier: Apache-2.0
"""画像診断 — what an X-ray, CT or MRI brings with it (医科点数表 第4部画像診断 通則, E001〜E203)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.standing_acts import at_one_site, each_act, ranked
from tasuki.calculation.time_additions import act_time_kind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act, Material

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome

EMERGENCY = "170016010"
SCAN_STORAGE = "170028810"
# Digital exposure → 電子画像管理加算 of its kind.
STORAGE = {
    "170027910": "170000210",  # 単純撮影 57
    "170028310": "170000210",  # 単純間接撮影 57
    "170028010": "170016910",  # 特殊撮影 58
    "170028110": "170017010",  # 造影剤使用撮影 66
    "170028410": "170017010",  # 造影剤使用間接撮影 66
    "170028210": "170026710",  # 乳房撮影 54
}
# 特殊撮影 recorded as 診断 and 撮影 in one code.
_ONE_CODE, SPECIAL_STORAGE = "（診断・撮影）", "170016910"
# 核医学診断, one series of one radioisotope.
NUCLEAR, NUCLEAR_STORAGE = ("E100", "E101", "E101-2", "E101-3", "E101-4", "E101-5"), "170026810"
# 写真診断 → the code of the same reading as a second method at one part of the body, and its method.
SECOND_READING = {
    "170000410": "170022730", "170000510": "170022830", "170000610": "170000730", "170000810": "170022930",
}  # fmt: skip
METHOD = {
    "170000410": "単純撮影",
    "170000510": "単純撮影",
    "170000610": "特殊撮影",
    "170000810": "造影剤使用撮影",
}
SCANS = ("E200", "E202")
EXPOSURES = ("E002", "E200", "E202")
PLAIN_EXPOSURES = frozenset({"170001910", "170027910", "170002410", "170028310"})
INFANT_FILM = "799990070"
INFANT_AGE = 6
FILMS = "700"  # 特定器材コード of films


@rule(
    "E000/digital_storage",
    title="電子画像管理加算",
    cite="医科点数表 第4部第1節 通則4, 第3節 通則3; 通知 第4部第1節 2(1)・(2)",
    since=date(2024, 6, 1),
    sections=("E002", *NUCLEAR, *SCANS),
)
def digital_storage(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """電子画像管理加算 — once for each series made digitally, in place of the price of films.

    Several methods at one part of the body at once are one series: only the main one brings it. What was taken at
    another instant is a series of its own. Where films were ordered they are billed instead.
    """
    with_films = {unit.group for unit in draft.units if _has_films(unit)}
    best: dict[str, tuple[tuple[int, str], Proposal]] = {}
    for unit in draft.units:
        present = {line.code for line in unit.lines}
        if unit.group in with_films or present & {*STORAGE.values(), SCAN_STORAGE, NUCLEAR_STORAGE}:
            continue
        exposure = next(
            (row for line in unit.lines if isinstance(row := line.row, Act) and _storage(row)), None
        )
        if exposure is None:
            continue
        proposal = Proposal(
            _storage(exposure), facts(exposure=exposure.name), onto=exposure.code, onto_group=unit.group
        )
        at = case.instants.get(unit.order_id)
        series = f"site:{unit.site}:{at}" if unit.site else f"unit:{unit.group}:{exposure.code}"
        rank = (int(exposure.points), exposure.code)
        if series not in best or best[series][0] < rank:
            best[series] = (rank, proposal)
    return tuple(proposal for _, proposal in best.values()) or None


def _storage(row: Act) -> str:
    if row.code in STORAGE:
        return STORAGE[row.code]
    if row.is_addition:
        return ""
    if row.section in NUCLEAR:
        return NUCLEAR_STORAGE
    if row.section == "E002" and _ONE_CODE in row.name and "デジタル" in row.name:
        return SPECIAL_STORAGE
    return SCAN_STORAGE if row.section in SCANS and row.record_kind == "1" else ""


def _has_films(unit: DraftUnit) -> bool:
    return any(isinstance(line.row, Material) and line.code.startswith(FILMS) for line in unit.lines)


@rule(
    "E000/emergency_imaging",
    title="時間外緊急院内画像診断加算",
    cite="医科点数表 第4部 通則3",
    since=date(2024, 6, 1),
    sections=EXPOSURES,
)
def emergency_imaging(case: Case, draft: Draft) -> Outcome | None:
    """時間外緊急院内画像診断加算 — 110 points a day for urgent imaging in the house outside the displayed hours."""
    if EMERGENCY in draft.codes() or case.billed_today((EMERGENCY,)) is not None:
        return None
    kinds = (
        act_time_kind(case, unit.order_id)
        for unit in draft.units
        if any(isinstance(line.row, Act) and line.row.section in EXPOSURES for line in unit.lines)
    )
    kind = next((kind for kind in kinds if kind is not None), None)
    if kind is None:
        return None
    known = facts(kind=kind.value)
    return Proposal(EMERGENCY, known) if case.has_flag(Flag.EMERGENCY_TEST) else Advice(EMERGENCY, known)


@rule(
    "E400/infant_film",
    title="フィルム料（乳幼児）加算",
    cite="医科点数表 E400 注1; 特定器材マスター col 14",
    since=date(2024, 6, 1),
    codes=PLAIN_EXPOSURES,
)
def infant_film(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """フィルム料（乳幼児）加算 — a tenth on the films of a plain photograph of chest or belly under six.

    Where the part of the body is not recorded, it is only advised.
    """
    if case.age.years >= INFANT_AGE:
        return None
    plain = {unit.group for unit in draft.units if any(line.code in PLAIN_EXPOSURES for line in unit.lines)}
    outcomes: list[Outcome] = []
    for unit in draft.units:
        films = [line.code for line in unit.lines if _is_film(line.row)]
        if unit.group not in plain or not films or any(line.code == INFANT_FILM for line in unit.lines):
            continue
        known = facts(age=case.age.years, site=unit.site)
        if any(part in unit.site for part in ("胸", "腹")):
            outcomes.append(Proposal(INFANT_FILM, known, onto=films[-1], onto_group=unit.group))
        elif not unit.site:
            outcomes.append(Advice(INFANT_FILM, known))
    return tuple(outcomes) or None


def _is_film(row: object) -> bool:
    return isinstance(row, Material) and row.code.startswith(FILMS) and row.price_kind != "5"


@rule(
    "E001/second_method",
    title="同一部位の2以上のエックス線撮影の写真診断",
    cite="医科点数表 第4部第1節 通則2",
    since=date(2024, 6, 1),
    codes=SECOND_READING,
)
def second_method(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """写真診断 — the second reading by another method at the same part of the body counts half.

    The reading of most points stays whole. What was taken at another instant is read anew. Where a part is not
    recorded, the code of half points is only advised.
    """
    readings = ranked(each for each in each_act(draft) if each.row.code in SECOND_READING)
    outcomes: list[Outcome] = []
    for place, reading in enumerate(readings):
        at = case.instants.get(reading.unit.order_id)
        others = [
            first
            for first in readings[:place]
            if METHOD[first.row.code] != METHOD[reading.row.code]
            and case.instants.get(first.unit.order_id) == at
        ]
        same, unsure = at_one_site(others, reading)
        if same:
            known = facts(first=same[0].row.name, site=reading.unit.site)
            code = reading.row.code
            outcomes.append(
                Proposal(SECOND_READING[code], known, onto_group=reading.unit.group, replaces=code)
            )
        elif unsure:
            outcomes.append(Advice(SECOND_READING[reading.row.code], facts(first=unsure[0].row.name)))
    return tuple(outcomes) or None
