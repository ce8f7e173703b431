# SPDX-License-Identifier: Apache-2.0
"""注に定める併算定の制限 — pairs that a note of the fee table names and that the exclusion tables of the starter lack."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.base_fee import BASE_CODES
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import is_member
from tasuki.kernel.because import facts
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome


class Within(Enum):
    """併算定できない期間 — the day or the calendar month."""

    DAY = "日"
    MONTH = "月"


class Pair(NamedTuple):
    """併算定できない組 — where a winner stands its losers fall; both are sections or codes.

    ``is_asked`` only shows the loser: the note speaks of one letter, and another may have been written.
    """

    winners: frozenset[str]
    losers: frozenset[str]
    within: Within
    cite: str
    is_asked: bool = False


def _of(*members: str) -> frozenset[str]:
    return frozenset(members)


NUTRITION = _of(
    *("113017410", "113017510", "113029810", "113029910", "113030010", "113034710", "113034810", "113034910"),
    *("113035010", "113044410", "113003410"),
)
VISITS = BASE_CODES | _of("C000", "C001", "C001-2")
PSYCHOTHERAPY = _of(
    "180761710", "180761810", "180774810", "180774910"
)  # by video, and the first visit of 30 minutes
COUNSELLING = _of(
    "113029410",
    "113702610",
    "113702710",
    "113702810",
    "113702910",
    "113703010",
    "113703110",
    "113703210",
    "113703310",
    "113703410",
    "113703510",
    "113703610",
    "113703710",
)
CHILDREN_AND_EPILEPSY = _of(
    "113002210", "113029510", "113002850", "113029610", "113006610", "113035110"
)  # 小児科療養, てんかん, 小児悪性腫瘍患者
PAIRS = (
    Pair(_of("113013610", "113015610", "113030910", "113036010"), NUTRITION, Within.MONTH, "B001の27 注2"),
    Pair(_of("113704110", "113704210", "113704310", "113704410"), NUTRITION, Within.MONTH, "B001の37 注2"),
    Pair(
        _of("113013010", "113015510", "113035710", "113044210"),
        _of("113012810", "113035210"),
        Within.MONTH,
        "B001の24 注3",
    ),
    Pair(
        _of("113034010", "113034110", "113034210"),
        _of("113015010", "113015130", "113030210", "113030310"),
        Within.MONTH,
        "B001の12 注3",
    ),
    Pair(
        _of("113034010", "113034110", "113034210"),
        _of("113013210", "113013310", "113035810", "113035910"),
        Within.MONTH,
        "B001の25 注2",
    ),
    Pair(_of("114741710"), CHILDREN_AND_EPILEPSY, Within.MONTH, "B001の5 注4, B001の6 注5, B001の18 注4"),
    Pair(PSYCHOTHERAPY, COUNSELLING, Within.MONTH, "B001の4 注1"),
    Pair(_of("C106"), _of("B005-9"), Within.MONTH, "B005-9 注"),
    Pair(_of("B002"), VISITS, Within.DAY, "B002 注2"),
    Pair(_of("B004"), VISITS | _of("B002"), Within.DAY, "B004 注3"),
    Pair(_of("113032510", "113032610"), VISITS | _of("B002", "B004"), Within.DAY, "B015 注3"),
    Pair(_of("B001-9"), _of("B009", "B010"), Within.DAY, "B001-9 注4", is_asked=True),
    Pair(
        _of("113022610", "113014610", "113022710", "113042610"),
        _of("B009", "B011"),
        Within.DAY,
        "B005-7 注3",
        is_asked=True,
    ),
    Pair(_of("B005-8"), _of("B009"), Within.DAY, "B005-8 注2", is_asked=True),
    Pair(_of("K523-2"), _of("150103110", "K653-3"), Within.DAY, "K523-2 注"),
)


# Of a pair of one day something is said only where its winner stands, of one of a month also where a loser does.
_SPEAKING = frozenset().union(
    *[pair.winners for pair in PAIRS], *[pair.losers for pair in PAIRS if pair.within is Within.MONTH]
)


@rule(
    "B000/noted_pairs",
    title="注に定める併算定の制限",
    cite="医科点数表 B001の4 注1, B001の5 注4, B001の6 注5, B001の12 注3, B001の18 注4, B001の24 注3, B001の25 注2, B001の27 注2, B001の37 注2, "
    "B001-9 注4, B002 注2, B004 注3, B005-7 注3, B005-8 注2, B005-9 注, B015 注3, K523-2 注",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=[each for each in _SPEAKING if not each.isdecimal()],
    codes=[each for each in _SPEAKING if each.isdecimal()],
)
def noted_pairs(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """注に定める併算定の制限 — the loser of a pair falls beside its winner, of this visit or billed before in the month.

    A loser billed before its winner is shown with the winner: what was billed has to be taken back by a human.
    """
    outcomes: list[Outcome] = []
    for pair in PAIRS:
        winner, losers = _standing(draft, pair.winners), _standing(draft, pair.losers)
        if losers and not winner and pair.within is Within.MONTH:
            winner = _billed(case, pair, pair.winners)
        if winner and losers:
            outcomes += [_outcome(pair, winner[0], code) for code in losers]
        elif winner and not pair.is_asked:
            earlier = _billed(case, pair, pair.losers)
            outcomes += [
                Advice(winner[0], facts(cite=pair.cite, reason="earlier", name=case.book.act(code).name))
                for code in earlier[:1]
            ]
    return tuple(outcomes) or None


def _outcome(pair: Pair, winner: str, loser: str) -> Outcome:
    known = facts(cite=pair.cite)
    return Advice(loser, known) if pair.is_asked else Denial(loser, winner, known)


def _standing(draft: Draft, members: frozenset[str]) -> list[str]:
    return sorted({act.code for act in draft.acts() if is_member(act, members)})


def _billed(case: Case, pair: Pair, members: frozenset[str]) -> list[str]:
    """算定歴 — the members billed at another visit of the day, or before in the month."""
    since = case.day if pair.within is Within.DAY else case.day.replace(day=1)
    return sorted(
        code
        for code in case.recent_codes
        if any(since <= line.day <= case.day for line in case.history.of(code))
        and _is_member(case, code, members)
    )


def _is_member(case: Case, code: str, members: frozenset[str]) -> bool:
    try:
        row = case.book.item(code)
    except (UnknownCode, EndedCode):
        return False
    return isinstance(row, Act) and is_member(row, members)
