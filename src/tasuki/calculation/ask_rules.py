# SPDX-License-Identifier: Apache-2.0
"""ルール適用 — asks the registered rules of a stage and puts their answers into the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.base_fee import BASE_CODES
from tasuki.calculation.draft import Draft, fallen
from tasuki.calculation.plan import gates_of, plan_on
from tasuki.calculation.ready_lines import named, ready_lines
from tasuki.calculation.rule import Denial, Proposal, Rule, Stage
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.plan import Gates
    from tasuki.calculation.ready_lines import Ready, ReadyLines
    from tasuki.calculation.rule import Outcome

register(
    {
        "calculation.rule_code_lacking": "「{rule}」のコード {code} が {day} のマスターにありません。マスターを取り込んでから算定し直してください。"
    }
)


_BASE, _ADDITION, _CONDITION, _CHECK = Stage


def propose_base(draft: Draft) -> Draft:
    """基本診療料の提案 — rules of stage BASE."""
    return _ask(draft, _BASE)


def propose_additions(draft: Draft) -> Draft:
    """加算等の提案 — rules of stage ADDITION, each seeing what the ones before it proposed."""
    return _ask(draft, _ADDITION)


def check_conditions(draft: Draft) -> Draft:
    """算定要件の確認 — rules of stage CONDITION, before the tables weigh acts against each other."""
    return _ask(draft, _CONDITION)


def check_standing(draft: Draft) -> Draft:
    """残った明細の確認 — rules of stage CHECK, after tables have spoken."""
    return _ask(draft, _CHECK)


def _ask(draft: Draft, stage: Stage) -> Draft:
    """Each rule in its turn.

    What one proposes lets in those after it that hang on it; what one takes away turns back those after it
    that hung on nothing else. With the first answer the stage takes a draft of its own, to which it adds.
    """
    case = draft.case
    gates, is_open, of_orders = case.keep(draft.kind, lambda _: _asked_of(draft))
    plan, known = gates.plan, gates.lines
    is_open &= plan.stages[stage]
    hung, family = gates.standing(draft, of_orders)
    waiting = plan.let_in(hung, family) & is_open
    if not waiting:
        return draft
    ready = ready_lines(case.book)
    is_own = False
    while waiting:
        for later, ask, rule in gates.in_turn(waiting):
            answer = ask(case, draft)
            if answer is None:
                continue
            if not is_own:
                draft, is_own = draft.own(), True
            before, before_family = hung, family
            # Several outcomes are a tuple, one is none.
            outcomes: tuple[Outcome, ...] = answer if type(answer) is tuple else (answer,)  # type: ignore[assignment]
            for outcome in outcomes:
                if type(outcome) is Proposal and not outcome.replaces:
                    try:
                        made = ready.line_of(rule, outcome)
                    except (UnknownCode, EndedCode):
                        _add_lacking(draft, rule, outcome)
                        continue
                    if outcome.onto:
                        is_new = _add_onto(draft, made, outcome, ready)
                    elif is_new := outcome.code not in draft.codes():
                        draft.add(made.row, made.unit)
                    if is_new:
                        code = outcome.code
                        hung |= (known[code] if code in known else gates.of_line(made.row)) & is_open
                        if code in BASE_CODES and type(made.row) is Act:
                            family |= plan.by_family.get(made.row.addition_group, 0)
                    continue
                after = _apply(draft, rule, outcome, ready)
                if after is not draft:
                    draft = after.own()
                    hung, family = gates.standing(draft, of_orders)
            if hung != before or family != before_family:
                waiting = plan.let_in(hung, family) & is_open & later
                break
        else:
            break
    return draft.shared() if is_own else draft


def _asked_of(draft: Draft) -> tuple[Gates, int, int]:
    """By the rules of the book's day: a revision may be weighed on visits of other days."""
    case = draft.case
    book = case.book
    gates = gates_of(plan_on(book.day), book)
    return gates, *gates.of_visit(case, draft.kind)


def _apply(draft: Draft, rule: Rule, outcome: Outcome, ready: ReadyLines) -> Draft:
    """What is not simply added: a denial, an advice, or a code in the place of another."""
    if isinstance(outcome, Proposal):
        return _exchange(draft, rule, outcome)
    if isinstance(outcome, Denial) and outcome.code in draft.codes():
        return _deny(draft, rule, outcome)
    try:
        line = ready.told(rule, outcome, draft.case.name_of)
    except (UnknownCode, EndedCode):
        _add_lacking(draft, rule, outcome)
    else:
        draft.add_told(line, "denied" if isinstance(outcome, Denial) else "advised")
    return draft


def _deny(draft: Draft, rule: Rule, denial: Denial) -> Draft:
    known = named((("lost_to", denial.lost_to), *denial.facts), draft.case.name_of)
    reason = Because(rule.id, Verdict.DENIED, known, rule.cite, denial.code)
    return draft.deny(
        lambda unit, line: (
            reason if line.row.code == denial.code and denial.group in ("", unit.group) else None
        )
    )


def _add_lacking(draft: Draft, rule: Rule, outcome: Outcome) -> None:
    """A rule asked for a code that the loaded tables do not hold: said aloud, never a silent zero."""
    code_facts = {"rule": rule.title, "code": outcome.code, "day": draft.case.day}
    key = "calculation.rule_code_lacking"
    draft.add_told(
        Finding("CAL-0007", Severity.CONFIRM, Where(field=outcome.code), key, code_facts), "findings"
    )


def _add_onto(draft: Draft, made: Ready, proposal: Proposal, ready: ReadyLines) -> bool:
    """Whether it joined the unit of its base: what is already ordered is not proposed a second time."""
    onto, group = proposal.onto, proposal.onto_group
    if not group and proposal.code in draft.codes():
        return False
    line = made.line
    for place, unit in enumerate(draft.units):
        if group and unit.group != group:
            continue
        joined = ready.join(unit, onto, line)
        if joined is not None:
            draft.add(made.row, joined, place)
            return True
    raise LookupError(f"rule {made.rule.id} proposes {proposal.code} onto {onto}, which is not drafted")


def _exchange(draft: Draft, rule: Rule, proposal: Proposal) -> Draft:
    """The code of the same act that its note asks for, in the place of the one that was ordered."""
    try:
        row = draft.case.book.item(proposal.code)
    except (UnknownCode, EndedCode):
        _add_lacking(draft, rule, proposal)
        return draft
    units = list(draft.units)
    for index, unit in enumerate(units):
        places = [place for place, each in enumerate(unit.lines) if each.code == proposal.replaces]
        if not places or proposal.onto_group not in ("", unit.group):
            continue
        old = unit.lines[places[0]]
        granted = Because(rule.id, Verdict.GRANTED, proposal.facts, rule.cite, row.code)
        lost = (("lost_to", row.code), *proposal.facts)
        amount = old.amount if proposal.amount is None else proposal.amount
        line = changed(old, row=row, amount=amount, because=(*old.because, granted))
        lines = (*unit.lines[: places[0]], line, *unit.lines[places[0] + 1 :])
        units[index] = changed(unit, lines=lines)
        denied = fallen(
            old, Because(rule.id, Verdict.DENIED, named(lost, draft.case.name_of), rule.cite, old.code)
        )
        return draft.having(units=tuple(units), denied=(*draft.denied, denied))
    raise LookupError(f"rule {rule.id} replaces {proposal.replaces}, which is not drafted")
