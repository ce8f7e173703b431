# SPDX-License-Identifier: Apache-2.0
"""再算定の相違 — the lines of a day as billed and as calculated, matched, and each difference explained by its cause."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import all_rules
from tasuki.calculation.sentences import explain
from tasuki.calculation.statement import LineKind
from tasuki.kernel.because import Verdict
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import Act, Drug, Material, PointsKind

if TYPE_CHECKING:
    from datetime import date

    from tasuki.calculation.statement import Line, Statement, Unit
    from tasuki.claims.recalculate.day_visits import BilledDay, BilledUnit
    from tasuki.masters.book import DayBook


class Cause(StrEnum):
    """相違の理由 — why a line as calculated is not the line as billed."""

    UNKNOWN_CODE = "unknown_code"  # the book of the day does not know the code
    PRICE_VINTAGE = "price_vintage"  # the loaded price list is of other days
    REVISION = "revision"  # calculated in another revision than it was billed in
    TABLES_ONLY = "tables_only"  # of this day's revision only the tables are held, not the rules of the notes
    MISSING_HISTORY = "missing_history"  # other months decide
    INSTITUTION_FACT = "institution_fact"  # what only the institution knew: hours, notes, standards
    NOT_BILLED = "not_billed"  # could be billed; the institution did not
    TABLE = "table"  # an official table denies it on its own: age, judgement without test, exclusion
    RULE = "rule"  # a rule says otherwise: our fault, or the file's


class Difference(NamedTuple):
    """相違 — one line; ``billed`` or ``calculated`` is None when it stands on one side only."""

    receipt_number: int
    day: date
    cause: Cause
    codes: tuple[str, ...]
    names: tuple[str, ...]
    billed: int | None
    calculated: int | None
    rule_id: str = ""
    sentence: str = ""
    line: int = 0


class DayComparison(NamedTuple):
    """一日の比較 — how many billed lines there are, how many are equal, and the differences."""

    lines: int
    equal: int
    differences: tuple[Difference, ...]


# What these hang on lies in other months, or in what was noted at them.
_HISTORY_FACTS = frozenset({"last", "last_day", "first_day", "since", "months", "interval"})
# Columns of the masters and 電子点数表 that speak without a note.
_TABLE_RULES = frozenset(
    {"table/age", "table/judgment", "table/exclusion", "table/inclusion", "table/limit", "table/sex"}
)
# The hour of a visit is inferred, so what hangs on it is not ours to judge.
_HOUR_RULES = ("A000/", "A001/", "A002/", "table/procedure_hours", "basic/", "table/time")


def compare_day(
    number: int, billed: BilledDay, statement: Statement, book: DayBook, *, is_shifted: bool
) -> DayComparison:
    """一日の比較 — lines matched by their codes; what bundles differently is matched by what it shares."""
    units = [unit for unit in statement.units if unit.total_points or _codes(unit)]
    open_units = list(units)
    differences: list[Difference] = []
    equal = 0
    waiting: list[BilledUnit] = []
    for unit in billed.units:
        if not unit.codes:
            continue
        match = next((each for each in open_units if _is_equal(unit, each)), None)
        if match is None:
            waiting.append(unit)
            continue
        open_units.remove(match)
        equal += 1
    for unit in waiting:
        matches = _matches(unit, open_units)
        for match in matches:
            open_units.remove(match)
        if matches and _is_same_sum(unit, matches):
            equal += 1
            continue
        differences.append(_explained(number, billed, unit, matches, statement, book, is_shifted=is_shifted))
    differences += [_extra(number, billed, unit) for unit in open_units if unit.total_points]
    if not _rules_in_force(book.day):
        differences = [
            one._replace(cause=Cause.TABLES_ONLY) if one.cause in (Cause.RULE, Cause.NOT_BILLED) else one
            for one in differences
        ]
    count = sum(1 for unit in billed.units if unit.codes)
    return DayComparison(count, equal, tuple(differences))


@cache
def _rules_in_force(day: date) -> int:
    """How many rules of the notes are in force; none for revisions of which only the tables are held."""
    return sum(1 for rule in all_rules() if day in rule.validity)


def _codes(unit: Unit) -> Counter[str]:
    return Counter(line.code for line in unit.lines if line.kind is not LineKind.COMMENT)


def _is_equal(billed: BilledUnit, unit: Unit) -> bool:
    return (
        Counter(billed.codes) == _codes(unit) and billed.points == unit.points and billed.times == unit.times
    )


def _is_same_sum(billed: BilledUnit, units: list[Unit]) -> bool:
    """Equal codes and points in all, written with another count or in other units."""
    codes: Counter[str] = sum((_codes(unit) for unit in units), Counter())
    same_codes = Counter(billed.codes) in (codes, Counter(dict.fromkeys(codes, 1)))
    return same_codes and billed.points * billed.times == sum(unit.total_points for unit in units)


def _matches(billed: BilledUnit, units: list[Unit]) -> list[Unit]:
    """The units that hold nothing but this line's codes, else the one that shares most with it."""
    mine = Counter(billed.codes)
    inside = [unit for unit in units if _codes(unit) and not _codes(unit) - mine]
    if inside:
        return inside
    shared = [((mine & _codes(unit)).total(), unit) for unit in units]
    best = max(shared, key=lambda pair: pair[0], default=None)
    return [best[1]] if best is not None and best[0] else []


def _explained(
    number: int,
    billed: BilledDay,
    unit: BilledUnit,
    matches: list[Unit],
    statement: Statement,
    book: DayBook,
    *,
    is_shifted: bool,
) -> Difference:
    made = Difference(
        number,
        statement.day,
        Cause.RULE,
        unit.codes,
        tuple(_name(book, code) for code in unit.codes),
        unit.points * unit.times,
        sum(each.total_points for each in matches) if matches else None,
        line=unit.line,
    )
    if any(_is_unknown(book, code) for code in unit.codes):
        return made._replace(cause=Cause.UNKNOWN_CODE)
    fallen = [line for line in (*statement.denied, *statement.advised) if line.code in unit.codes]
    advised = [line for line in fallen if line.verdict is Verdict.ADVISED]
    if fallen:
        line = (advised or fallen)[-1]
        reason = line.because[-1]
        cause = Cause.INSTITUTION_FACT if advised else _cause_of(line)
        return made._replace(cause=cause, rule_id=reason.rule_id, sentence=explain(line)[-1])
    if not matches:
        return made
    lines = [line for match in matches for line in match.lines]
    added = [line for line in lines if line.code not in unit.codes and line.kind is not LineKind.COMMENT]
    if added:
        reason = added[0].because[-1]
        return made._replace(
            rule_id=reason.rule_id, sentence=explain(added[0])[-1], cause=_extra_cause(added[0])
        )
    if _has_priced(book, unit.codes):
        return made._replace(cause=_price_cause(book, unit.codes, is_shifted=is_shifted))
    if is_shifted and not _says_so(book, unit):
        return made._replace(cause=Cause.REVISION)
    return made


def _extra(number: int, billed: BilledDay, unit: Unit) -> Difference:
    lines = [line for line in unit.lines if line.kind is not LineKind.COMMENT]
    billed_codes = {code for each in billed.units for code in each.codes}
    told = next((line for line in lines if line.code not in billed_codes), lines[0])
    return Difference(
        number,
        billed.visit.day,
        _extra_cause(told),
        tuple(line.code for line in lines),
        tuple(line.name for line in lines),
        None,
        unit.total_points,
        told.because[-1].rule_id if told.because else "",
        explain(told)[-1] if told.because else "",
    )


def _extra_cause(line: Line) -> Cause:
    rule_id = line.because[-1].rule_id if line.because else ""
    return Cause.INSTITUTION_FACT if rule_id.startswith(_HOUR_RULES) else Cause.NOT_BILLED


def _cause_of(line: Line) -> Cause:
    reason = line.because[-1]
    named = {name for name, _ in reason.facts}
    if "missing" in named:
        return Cause.INSTITUTION_FACT
    # The history is this receipt itself: a limit it exceeds is exceeded by what it bills.
    if reason.rule_id in _TABLE_RULES:
        return Cause.TABLE
    return Cause.MISSING_HISTORY if named & _HISTORY_FACTS else Cause.RULE


def _price_cause(book: DayBook, codes: tuple[str, ...], *, is_shifted: bool) -> Cause:
    if is_shifted:
        return Cause.REVISION
    for code in codes:
        row = book.item(code)
        listed_on = row.price_on if isinstance(row, Drug) else None
        if listed_on is not None and listed_on > book.day:
            return Cause.PRICE_VINTAGE
        if isinstance(row, Drug) and listed_on is None:
            return Cause.PRICE_VINTAGE
        if isinstance(row, Material):
            return Cause.PRICE_VINTAGE
    return Cause.RULE


def _has_priced(book: DayBook, codes: tuple[str, ...]) -> bool:
    return any(isinstance(book.item(code), Drug | Material) for code in codes)


def _says_so(book: DayBook, unit: BilledUnit) -> bool:
    """Whether the points of the loaded rows are those of the file: then the revision is no excuse."""
    rows = [book.item(code) for code in unit.codes]
    points = [row.points for row in rows if isinstance(row, Act) and row.points_kind == PointsKind.ADD]
    return len(points) == len(rows) and sum(points) == unit.points


def _is_unknown(book: DayBook, code: str) -> bool:
    try:
        book.item(code)
    except (UnknownCode, EndedCode):
        return True
    return False


def _name(book: DayBook, code: str) -> str:
    return code if _is_unknown(book, code) else book.item(code).name
