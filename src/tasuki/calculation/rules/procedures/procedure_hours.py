# SPDX-License-Identifier: Apache-2.0
"""処置・手術等の時間外等加算 — urgent acts that follow a visit out of hours, on a holiday or at night."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.apply_conditions import missing_standards
from tasuki.calculation.price_acts import price_group
from tasuki.calculation.rule import Proposal, rule
from tasuki.calculation.time_additions import CODES, TimeAddition, Ward, act_time_kind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit

_OUT, _HOLIDAY, _MIDNIGHT, _EMERGENCY = TimeAddition


class HoursCodes(NamedTuple):
    """時間外等加算 — of a chapter: from how many points, and the code of each kind."""

    least_points: int
    codes: dict[TimeAddition, str]


# The first tier that fits counts: 1 (1,000 points and more, notified) before 2.
TIERS: dict[str, tuple[HoursCodes, ...]] = {
    "J": (
        HoursCodes(1000, {
            _OUT: "140055390", _HOLIDAY: "140055290", _MIDNIGHT: "140055490", _EMERGENCY: "140055590",
        }),
        HoursCodes(150, {
            _OUT: "140000190", _HOLIDAY: "140000290", _MIDNIGHT: "140000390", _EMERGENCY: "140000490",
        }),
    ),
    "K": (
        HoursCodes(0, {
            _OUT: "150371390", _HOLIDAY: "150371290", _MIDNIGHT: "150371490", _EMERGENCY: "150371590",
        }),
        HoursCodes(0, {
            _OUT: "150000490", _HOLIDAY: "150000590", _MIDNIGHT: "150000690", _EMERGENCY: "150000790",
        }),
    ),
    "L": (
        HoursCodes(0, {
            _OUT: "150231790", _HOLIDAY: "150231890", _MIDNIGHT: "150231990", _EMERGENCY: "150232090",
        }),
    ),
    "D": (
        HoursCodes(0, {
            _OUT: "160204070", _HOLIDAY: "160203970", _MIDNIGHT: "160204170", _EMERGENCY: "160204270",
        }),
    ),
}  # fmt: skip
# 内視鏡検査 that the general rule of hours leaves out (通則5).
_OWN_HOURS = frozenset({"D296-3", "D324", "D325"})
BASE_ADDITIONS = frozenset(
    code for family in CODES.values() for (_, ward), code in family.items() if ward is not Ward.PAEDIATRIC
)
_ALL_CODES = frozenset(code for tiers in TIERS.values() for tier in tiers for code in tier.codes.values())


@rule(
    "table/procedure_hours",
    title="処置・手術・麻酔・内視鏡検査の時間外等加算",
    cite="医科点数表 第9部処置 通則5, 第10部手術 通則12, 第11部麻酔 通則3, 第3部内視鏡検査 通則5; "
    "通知 第9部 4〜11; 医科診療行為マスター col 43",
    since=date(2024, 6, 1),
    codes=BASE_ADDITIONS,
)
def procedure_hours(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """処置等の時間外等加算 — only after a visit fee that itself carries 時間外, 休日 or 深夜加算.

    夜間・早朝等加算 is not enough. The hour is that of the act where its order tells one.
    """
    if not draft.codes() & BASE_ADDITIONS:
        return None
    proposals = []
    for unit in draft.units:
        base = next((row for line in unit.lines if isinstance(row := line.row, Act) and _takes(row)), None)
        if base is None:
            continue
        kind = act_time_kind(case, unit.order_id)
        if kind is None or any(line.code in _ALL_CODES for line in unit.lines):
            continue
        points = _fixed_points(unit)
        code = _code(case, base, kind, points)
        if code:
            known = facts(kind=kind.value, points=points)
            proposals.append(Proposal(code, known, onto=base.code, onto_group=unit.group))
    return tuple(proposals) or None


def _takes(row: Act) -> bool:
    is_left_out = row.section in _OWN_HOURS
    return row.time_kind == "1" and row.chapter in TIERS and not row.is_addition and not is_left_out


def _fixed_points(unit: DraftUnit) -> int:
    """所定点数 — of the act with the additions of its notes, without general additions.

    Cite: 通知 第9部処置 通則 10
    """
    lines = tuple(line for line in unit.lines if isinstance(line.row, Act) and line.row.record_kind != "9")
    return price_group(lines).points


def _code(case: Case, base: Act, kind: TimeAddition, points: int) -> str:
    for tier in TIERS[base.chapter]:
        code = tier.codes[kind]
        if points < tier.least_points or not case.book.has(code):
            continue
        if not missing_standards(case, case.book.act(code)):
            return code
    return ""
