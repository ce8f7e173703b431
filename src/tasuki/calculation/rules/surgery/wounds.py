# SPDX-License-Identifier: Apache-2.0
"""創傷処理 — exposed parts of the body, and wounds near each other (K000, K000-2, K003 to K006-3)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, done, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
DERMAL_SUTURE = "150001470"
# 露出部: head, neck, the arm from the elbow down, the leg from the knee down.
EXPOSED = (
    "頭", "顔", "頸", "首", "額", "頬", "鼻", "耳", "眼", "口", "唇", "顎", "肘", "前腕", "手", "指", "膝", "下腿",
    "足", "趾", "踵",
)  # fmt: skip
COVERED = ("上腕", "肩", "胸", "腹", "背", "腰", "臀", "大腿", "股", "体幹", "躯幹", "会陰", "陰部", "腋")
EXPOSED_SECTIONS = frozenset(("K003", "K005", "K006-2"))
COVERED_SECTIONS = frozenset(("K004", "K006", "K006-3"))
WOUNDS = frozenset(("K000", "K000-2"))


class Lengths(NamedTuple):
    """長径の区分 — the codes of one kind of wound, each with the length in cm it ends before."""

    steps: tuple[tuple[Decimal | None, str], ...]


def _lengths(*steps: tuple[str | None, str]) -> Lengths:
    return Lengths(tuple((None if upto is None else Decimal(upto), code) for upto, code in steps))


KINDS = (
    _lengths(("5", "150001010"), ("10", "150001110"), (None, "150284010")),
    _lengths(("5", "150001250"), ("10", "150001310"), (None, "150383410")),
    _lengths(("2.5", "150307310"), ("5", "150307410"), ("10", "150307510"), (None, "150307610")),
    _lengths(("2.5", "150306910"), ("5", "150307010"), ("10", "150307110"), (None, "150307210")),
)
_KIND_OF = {code: kind for kind in KINDS for _, code in kind.steps}


def is_exposed(site: str) -> bool | None:
    """露出部か — by the words of a site, None when they do not tell.

    Cite: 通知 K000(4)
    """
    if any(word in site for word in COVERED):
        return False
    return True if any(word in site for word in EXPOSED) else None


@rule(
    "K000/dermal_suture_site",
    title="真皮縫合加算の部位",
    cite="医科点数表 K000 注2, K000-2 注2; 通知 K000(4)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(DERMAL_SUTURE,),
)
def dermal_suture_site(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """真皮縫合加算 — only for a wound of an exposed part."""
    outcomes: list[Outcome] = []
    for unit in draft.units:
        if not any(line.code == DERMAL_SUTURE for line in unit.lines):
            continue
        exposed = is_exposed(unit.site)
        if exposed is False:
            outcomes.append(Denial(DERMAL_SUTURE, "", facts(site=unit.site), group=unit.group))
        elif exposed is None:
            outcomes.append(Advice(DERMAL_SUTURE, facts()))
    return tuple(outcomes) or None


@rule(
    "K005/exposed_part",
    title="露出部と露出部以外の腫瘍摘出",
    cite="通知 K003・K004, K005・K006, K006-2・K006-3",
    since=R6,
    stage=Stage.CONDITION,
    sections=EXPOSED_SECTIONS | COVERED_SECTIONS,
)
def exposed_part(_case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """露出部 — a removal whose recorded site contradicts its code is shown."""
    advice = []
    for each in done(draft, EXPOSED_SECTIONS | COVERED_SECTIONS):
        exposed = is_exposed(each.unit.site)
        if exposed is not None and exposed is not (each.row.section in EXPOSED_SECTIONS):
            advice.append(Advice(each.row.code, facts(site=each.unit.site)))
    return tuple(advice) or None


@rule(
    "K000/near_wounds",
    title="近接した創傷",
    cite="通知 K000(2)",
    since=R6,
    stage=Stage.CONDITION,
    sections=WOUNDS,
)
def near_wounds(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """近接した創傷 — wounds of one site are one wound of the sum of their lengths.

    Lengths are the amounts of the orders, in cm. Without them the lesser falls and a human sums them; without
    sites a human is asked.
    """
    found = done(draft, WOUNDS)
    if len(found) < 2:
        return None
    outcomes: list[Outcome] = []
    groups: dict[tuple[str, Lengths | None], list[Done]] = defaultdict(list)
    for each in ranked(found):
        groups[each.unit.site, _KIND_OF.get(each.row.code)].append(each)
    for (site, kind), members in groups.items():
        if len(members) < 2:
            continue
        if not site:
            outcomes.extend(Advice(each.row.code, facts(reason="site")) for each in members[1:])
        else:
            outcomes.extend(_one_wound(site, kind, members))
    return tuple(outcomes) or None


def _one_wound(site: str, kind: Lengths | None, members: list[Done]) -> list[Outcome]:
    main = members[0]
    outcomes: list[Outcome] = []
    lengths = [_length(each) for each in members]
    known = [length for length in lengths if length is not None]
    code = main.row.code
    if kind is not None and len(known) == len(members):
        total = sum(known, Decimal(0))
        code = next(code for upto, code in kind.steps if upto is None or total < upto)
        if code != main.row.code:
            outcomes.append(
                Proposal(
                    code, facts(length=total, site=site), onto_group=main.unit.group, replaces=main.row.code
                )
            )
    else:
        outcomes.append(Advice(code, facts(site=site)))
    outcomes[:0] = [
        Denial(each.row.code, code, facts(site=site), group=each.unit.group) for each in members[1:]
    ]
    return outcomes


def _length(each: Done) -> Decimal | None:
    return next((line.amount for line in each.unit.lines if line.code == each.row.code), None)
