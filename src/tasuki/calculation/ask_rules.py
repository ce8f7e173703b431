# SPDX-License-Identifier: Apache-2.0
"""ルール適用 — asks the registered rules of a stage and puts their answers into the draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, unborn
from tasuki.calculation.rule import Advice, Denial, Proposal, Rule, Stage, rules_on
from tasuki.calculation.sections import section_of
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.rule import Outcome


def propose_base(draft: Draft) -> Draft:
    """基本診療料の提案 — rules of stage BASE."""
    return _ask(draft, Stage.BASE)


def propose_additions(draft: Draft) -> Draft:
    """加算等の提案 — rules of stage ADDITION, each seeing what the ones before it proposed."""
    return _ask(draft, Stage.ADDITION)


def check_standing(draft: Draft) -> Draft:
    """残った明細の確認 — rules of stage CHECK, after tables have spoken."""
    return _ask(draft, Stage.CHECK)


def _ask(draft: Draft, stage: Stage) -> Draft:
    for each in rules_on(draft.case.day, stage):
        answer = each.function(draft.case, draft)
        if answer is None:
            continue
        outcomes = answer if type(answer) is tuple else (answer,)
        for outcome in outcomes:
            draft = _apply(draft, each, outcome)  # type: ignore[arg-type]
    return draft


def _apply(draft: Draft, rule: Rule, outcome: Outcome) -> Draft:
    if isinstance(outcome, Proposal):
        return _add(draft, rule, outcome)
    if isinstance(outcome, Denial):
        reason = Because(rule.id, Verdict.DENIED, (("lost_to", outcome.lost_to), *outcome.facts), rule.cite)
        return draft.deny(
            lambda unit, line: (
                reason if line.code == outcome.code and outcome.group in ("", unit.group) else None
            )
        )
    return _advise(draft, rule, outcome)


def _add(draft: Draft, rule: Rule, proposal: Proposal) -> Draft:
    row = draft.case.book.item(proposal.code)
    reason = Because(rule.id, Verdict.GRANTED, proposal.facts, rule.cite, row.code)
    line = DraftLine(row, proposal.amount, (reason,))
    if not proposal.onto:
        section = section_of(row.tally_out) if isinstance(row, Act) else None
        unit = DraftUnit(section or "80", f"auto:{row.code}", (line,), proposal.times)
        return draft.with_units((*draft.units, unit))
    units = list(draft.units)
    for index, unit in enumerate(units):
        if proposal.onto_group and unit.group != proposal.onto_group:
            continue
        places = [place for place, each in enumerate(unit.lines) if each.code == proposal.onto]
        if places:
            units[index] = unit._replace(lines=_inserted(unit.lines, places[-1], line))
            return draft.with_units(units)
    raise LookupError(f"rule {rule.id} proposes {proposal.code} onto {proposal.onto}, which is not drafted")


def _inserted(lines: tuple[DraftLine, ...], base: int, line: DraftLine) -> tuple[DraftLine, ...]:
    """The additions of a base follow it in ascending serial, general additions last."""
    end = base + 1
    while end < len(lines) and isinstance(lines[end].row, Act) and lines[end].row.is_addition:  # type: ignore[union-attr]
        end += 1
    additions = sorted((*lines[base + 1 : end], line), key=_addition_order)
    return (*lines[: base + 1], *additions, *lines[end:])


def _addition_order(line: DraftLine) -> tuple[str, int, str]:
    row = line.row
    if not isinstance(row, Act):
        return ("9", 0, line.code)
    return (row.record_kind, int(row.addition_serial or 0), row.code)


def _advise(draft: Draft, rule: Rule, advice: Advice) -> Draft:
    row = draft.case.book.item(advice.code)
    reason = Because(rule.id, Verdict.ADVISED, advice.facts, rule.cite, row.code)
    return replace(draft, advised=(*draft.advised, unborn(row, reason)))
