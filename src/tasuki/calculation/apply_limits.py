# SPDX-License-Identifier: Apache-2.0
"""算定回数 — how often an act may be billed in a day, a month, and so on (電子点数表 05)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.draft import Draft, DraftUnit, advised, denied, fallen
from tasuki.calculation.ended_limits import is_ended
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.statement import Line
    from tasuki.kernel.because import Because
    from tasuki.masters.rows import CountLimit

CITE = "医科電子点数表 05 算定回数テーブル"

# 算定単位コード → months the window reaches back, the month of service being the first.
_MONTHS = {"131": 1, "143": 2, "144": 3, "145": 4, "146": 6, "147": 12, "161": 24, "148": 60}
# 患者当り, 初回, １疾患当り: whatever was billed before counts, but whether it was for the same disease no table tells.
EVER = frozenset(("53", "135", "151"))


def apply_limits(draft: Draft) -> Draft:
    """算定回数 — lines beyond a limit are denied, those of a special limit shown to a human.

    Windows are calendar months of service; a week is Sunday to Saturday. A limit per patient, per disease or
    to the first time is shown to a human, who knows the disease; one per organ or per course is not counted.
    """
    case = draft.case
    limited = _may_be_used_up(draft)
    if not limited:
        return draft
    used: dict[str, int] = {}
    units: list[DraftUnit] = []
    fell: list[Line] = []
    advice: list[Line] = []
    for unit in draft.units:
        if not [line for line in unit.lines if line.row.code in limited]:
            units.append(unit)
            continue
        kept = []
        count = unit.times
        for line in unit.lines:
            allowed, reason = _allowed(case, line.code, used.get(line.code, 0), count)
            if reason is not None and reason.verdict == "advised":
                advice.append(fallen(line, reason))
                allowed = count
            elif reason is not None:
                fell.append(fallen(line, reason))
            if allowed >= count:
                kept.append(line)
            elif allowed > 0 and len(unit.lines) == 1:
                kept.append(line)
                count = allowed
            if allowed > 0:
                used[line.code] = used.get(line.code, 0) + min(allowed, count)
        if kept:
            units.append(changed(unit, lines=tuple(kept), times=count))
    if not fell and not advice:
        return draft
    return draft.having(units=tuple(units), denied=(*draft.denied, *fell), advised=(*draft.advised, *advice))


def _may_be_used_up(draft: Draft) -> set[str]:
    """The codes with a limit that leaves less than one time, or are done more often now than one of their limits."""
    case = draft.case
    past = case.history.by_code
    known = draft.weighed
    limited: dict[str, int] | None = known.get(_LOWEST)
    if limited is None:
        limits = {code: case.book.limits(code) for code in draft.codes()}
        limited = known[_LOWEST] = {
            code: min(each.count for each in rows) for code, rows in limits.items() if rows
        }
    found = {
        code for code, limit in limited.items() if limit < 1 or (code in past and _is_reached(case, code))
    }
    if not _is_repeated(draft):
        return found
    counts: dict[str, int] = {}
    for unit in draft.units:
        for line in unit.lines:
            code = line.row.code
            counts[code] = counts.get(code, 0) + unit.times
            if code in limited and counts[code] > 1 and (counts[code] > limited[code] or code in past):
                found.add(code)
    return found


def _is_repeated(draft: Draft) -> bool:
    """Whether any code stands for more than one time."""
    lines = 0
    for unit in draft.units:
        if unit.times > 1:
            return True
        lines += len(unit.lines)
    return lines > len(draft.codes())


_LOWEST = "lowest limits"


def _is_reached(case: Case, code: str) -> bool:
    """Whether what was billed before leaves not even one time more, or may: then a human is asked."""
    allowed, reason = _allowed(case, code, 0, 1)
    return allowed < 1 or reason is not None


def _allowed(case: Case, code: str, used: int, count: int) -> tuple[int, Because | None]:
    """Every limit must hold, so one that a human may lift never hides one that stands."""
    best: tuple[int, Because | None] = (count, None)
    known = case.book.kept("limits in order")
    limits = known.get(code)
    if limits is None:
        limits = known[code] = sorted(case.book.limits(code), key=_is_asked)
    for limit in limits:
        if best[1] is not None and _is_asked(limit):
            break
        since = limit_window(case.day, limit.unit_code)
        if limit.unit_code in EVER:
            since = date.min
        if since is None or is_ended(limit, case.day):
            continue
        past = [line for line in case.history.of(code) if since <= line.day <= case.day]
        left = max(0, limit.count - used - sum(line.count for line in past))
        if left < best[0]:
            last = max((line.day for line in past), default=None)
            best = (left, _reason(limit, last))
    return best


def limit_window(day: date, unit_code: str) -> date | None:
    """算定単位の始期 — the first day of the window that ends today, None when the unit is not one of days."""
    if unit_code == "121":
        return day
    if unit_code == "138":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    if unit_code == "142":
        return day - timedelta(days=13)
    if unit_code == "162":
        return date(day.year - (day.month < 4), 4, 1)
    months = _MONTHS.get(unit_code)
    return None if months is None else months_before(day, months)


def _is_asked(limit: CountLimit) -> bool:
    """Whether a human decides: 特例条件, or a window that only the disease tells."""
    return limit.is_special or limit.unit_code in EVER


def _reason(limit: CountLimit, last: date | None) -> Because:
    make = advised if _is_asked(limit) else denied
    return make(
        "table/limit",
        CITE,
        f"{limit.code}/{limit.unit_code}",
        lost_to=f"{limit.unit_name}{limit.count}回",
        unit=limit.unit_name,
        count=limit.count,
        last_day=last,
    )
