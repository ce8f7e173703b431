# SPDX-License-Identifier: Apache-2.0
"""改定影響 — visits as they were, priced by the tables and rules of another revision: what changes, by item and by patient.

Both sides are calculated by the same functions from the same visits, so that only the revision differs. What was done does not
change: nobody knows which other acts would be done under other fees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from tasuki.calculation.calculate import calculate
from tasuki.calculation.sentences import explain
from tasuki.calculation.statement import Line, LineKind, Statement
from tasuki.chart.visit import History, PastLine, Visit
from tasuki.facility.institution import Institution, NotifiedStandard
from tasuki.kernel.finding import Severity
from tasuki.kernel.messages import sentence as finding_sentence
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision

YEN_A_POINT = 10


class PatientVisits(NamedTuple):
    """患者の受診 — one person's visits in order, with what was billed before the first of them."""

    patient: str
    visits: tuple[Visit, ...]
    past: tuple[PastLine, ...] = ()


class ItemChange(NamedTuple):
    """項目の変化 — one code over all visits: times and points on both sides."""

    code: str
    name: str
    times_before: int
    points_before: int
    times_after: int
    points_after: int

    @property
    def points(self) -> int:
        """増減点数 — after less before."""
        return self.points_after - self.points_before


class LineChange(NamedTuple):
    """明細の変化 — a code that stands on one side only, with the reason that the other side gives."""

    code: str
    name: str
    is_added: bool
    points: int
    rule_id: str
    reason: str


class VisitChange(NamedTuple):
    """受診の変化 — the points of one visit on both sides, and the lines that came or went."""

    patient: str
    visit_id: str
    day: date
    points_before: int
    points_after: int
    lines: tuple[LineChange, ...]


class PatientChange(NamedTuple):
    """患者の変化 — the points of one person's visits on both sides."""

    patient: str
    visits: int
    points_before: int
    points_after: int

    @property
    def points(self) -> int:
        """増減点数 — after less before."""
        return self.points_after - self.points_before


@dataclass(frozen=True, slots=True)
class Impact:
    """改定影響 — totals and changes; ``priced_on`` is the day whose tables and rules stand for the other revision."""

    revision: str
    priced_on: date
    visit_count: int
    points_before: int
    points_after: int
    items: tuple[ItemChange, ...]
    patients: tuple[PatientChange, ...]
    visits: tuple[VisitChange, ...]

    @property
    def points(self) -> int:
        """増減点数 — after less before."""
        return self.points_after - self.points_before

    @property
    def yen(self) -> int:
        """増減額 — at ten yen a point."""
        return self.points * YEN_A_POINT


def pricing_day(book: Book, revision: str, day: date) -> date:
    """移す日 — the day of a revision that is nearest to a day of service.

    Raises ``KeyError`` when the revision is not loaded.
    """
    found = next((each for each in book.revisions if each.name == revision), None)
    if found is None:
        raise KeyError(revision)
    return _nearest(found, day)


def measure_impact(
    people: Iterable[PatientVisits],
    institution: Institution,
    book: Book,
    revision: str,
    tell: Callable[[int], None] | None = None,
    *,
    is_part: bool = False,
) -> Impact:
    """改定影響の計算 — every visit under its own day's revision and under another; ``tell`` hears the number done.

    The 施設基準 are those notified on the day of service or on the day of the other revision. A visit sees as
    its history what the earlier ones were billed on the same side. ``is_part`` keeps items that do not change here,
    since they may change where parts are put together.
    """
    items: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    names: dict[str, str] = {}
    patients: list[PatientChange] = []
    visits: list[VisitChange] = []
    last_day = date.min
    for person in people:
        changes = []
        for before, after, visit in _both(person, institution, book, revision):
            _count(items, names, before, 0)
            _count(items, names, after, 2)
            lines = tuple(_line_changes(before, after))
            changes.append(
                VisitChange(
                    person.patient, visit.id, visit.day, before.total_points, after.total_points, lines
                )
            )
            last_day = max(last_day, pricing_day(book, revision, visit.day))
            if tell is not None:
                tell(len(visits) + len(changes))
        visits += changes
        patients.append(
            PatientChange(
                person.patient,
                len(changes),
                sum(each.points_before for each in changes),
                sum(each.points_after for each in changes),
            )
        )
    return Impact(
        revision=revision,
        priced_on=last_day if visits else pricing_day(book, revision, date.max),
        visit_count=len(visits),
        points_before=sum(each.points_before for each in visits),
        points_after=sum(each.points_after for each in visits),
        items=_items(items, names, keeps_all=is_part),
        patients=_by_change(patients),
        visits=tuple(visits),
    )


def merge_impacts(parts: Sequence[Impact]) -> Impact:
    """改定影響の合算 — of parts measured apart with ``is_part``, each of other people: the same as measured at once.

    Raises ``ValueError`` for no part, or parts of different revisions.
    """
    if not parts or len({part.revision for part in parts}) != 1:
        raise ValueError("parts of one revision")
    items: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    names: dict[str, str] = {}
    for part in parts:
        for item in part.items:
            counts = items[item.code]
            for place, count in enumerate(item[2:]):
                counts[place] += count
            names[item.code] = item.name
    return Impact(
        revision=parts[0].revision,
        priced_on=max(part.priced_on for part in [part for part in parts if part.visit_count] or parts),
        visit_count=sum(part.visit_count for part in parts),
        points_before=sum(part.points_before for part in parts),
        points_after=sum(part.points_after for part in parts),
        items=_items(items, names),
        patients=_by_change([each for part in parts for each in part.patients]),
        visits=tuple(each for part in parts for each in part.visits),
    )


def _by_change(patients: Sequence[PatientChange]) -> tuple[PatientChange, ...]:
    return tuple(sorted(patients, key=lambda each: (-abs(each.points), each.patient)))


def _both(
    person: PatientVisits, institution: Institution, book: Book, revision: str
) -> Iterable[tuple[Statement, Statement, Visit]]:
    own: Sequence[PastLine] = person.past
    other: Sequence[PastLine] = person.past
    for visit in person.visits:
        priced_on = pricing_day(book, revision, visit.day)
        place = _notified_on_either(institution, visit.day, priced_on)
        before = calculate(visit, place, History(tuple(own)), book)
        after = calculate(visit, place, History(tuple(other)), book, priced_on=priced_on)
        own = (*own, *before.as_history())
        other = (*other, *after.as_history())
        yield before, after, visit


def _notified_on_either(institution: Institution, day: date, priced_on: date) -> Institution:
    codes = institution.standards_on(day) | institution.standards_on(priced_on)
    if codes == institution.standards_on(day):
        return institution
    days = Validity(min(day, priced_on), None)
    return replace(institution, standards=tuple(NotifiedStandard(code, days) for code in sorted(codes)))


def _nearest(revision: Revision, day: date) -> date:
    validity = revision.validity
    if day < validity.since:
        return validity.since
    return validity.until if validity.until is not None and day > validity.until else day


def _count(items: dict[str, list[int]], names: dict[str, str], statement: Statement, at: int) -> None:
    """Points of each unit on its lines: each line's own where they add up, else all on the first."""
    for unit in statement.units:
        lines = [line for line in unit.lines if line.kind is not LineKind.COMMENT]
        adds_up = sum(line.points for line in lines) == unit.points
        for place, line in enumerate(lines):
            points = line.points if adds_up else unit.points if place == 0 else 0
            found = items[line.code]
            found[at] += unit.times
            found[at + 1] += points * unit.times
            names[line.code] = line.name


def _items(
    items: dict[str, list[int]], names: dict[str, str], *, keeps_all: bool = False
) -> tuple[ItemChange, ...]:
    made = (ItemChange(code, names[code], *counts) for code, counts in items.items())
    changed = [each for each in made if keeps_all or each.points or each.times_before != each.times_after]
    return tuple(sorted(changed, key=lambda each: (-abs(each.points), each.code)))


def _line_changes(before: Statement, after: Statement) -> Iterable[LineChange]:
    old = {line.code: line for line in before.granted() if line.kind is not LineKind.COMMENT}
    new = {line.code: line for line in after.granted() if line.kind is not LineKind.COMMENT}
    for code, line in old.items():
        if code not in new:
            yield _gone(line, after)
    for code, line in new.items():
        if code not in old:
            rule_id = line.because[-1].rule_id if line.because else ""
            yield LineChange(code, line.name, True, line.points, rule_id, _told(line))


def _gone(line: Line, after: Statement) -> LineChange:
    """Why the other revision does not bill it: denied or advised there, ended, or not proposed."""
    fallen = next((each for each in (*after.denied, *after.advised) if each.code == line.code), None)
    if fallen is not None:
        rule_id = fallen.because[-1].rule_id if fallen.because else ""
        return LineChange(line.code, line.name, False, line.points, rule_id, _told(fallen))
    refused = next(
        (
            each
            for each in after.findings
            if each.severity is Severity.BLOCK and line.code in each.facts.values()
        ),
        None,
    )
    reason = "この改定では提案されません" if refused is None else finding_sentence(refused)
    return LineChange(line.code, line.name, False, line.points, "", reason)


def _told(line: Line) -> str:
    return explain(line)[-1] if line.because else ""
