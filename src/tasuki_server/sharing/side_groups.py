# SPDX-License-Identifier: Apache-2.0
"""同じ項目の組 — ours and others' items beside each other, joined by their keys, the newest first; results with their course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tasuki.forms.graphs import Trend, TrendPoint, trend
from tasuki.sharing.build.facts import ConditionFacts, Information, LabFacts, LabStatus
from tasuki.sharing.item_key import ItemKey
from tasuki_server.sharing.others_models import Decision, Reconciled
from tasuki_server.sharing.side_items import SideItem

_OLDEST = date.min
# 突合せる情報: what a doctor takes over, keeps apart or marks as known.
RECONCILED = (
    Information.CONDITION,
    Information.DRUG_ALLERGY,
    Information.OTHER_ALLERGY,
    Information.PRESCRIPTION,
)


@dataclass(frozen=True, slots=True)
class SideRow:
    """組の行 — an item with what was decided about it; ``is_changed`` when the other side has a newer version since."""

    item: SideItem
    decision: Reconciled | None = None
    is_changed: bool = False

    @property
    def is_open(self) -> bool:
        """未決か — of another institution, and nobody has decided about this version."""
        return not self.item.is_ours and (self.decision is None or self.is_changed)


@dataclass(frozen=True, slots=True)
class SideGroup:
    """同じ項目の組 — one thing, from everyone who tells of it."""

    key: ItemKey
    rows: tuple[SideRow, ...]

    @property
    def title(self) -> str:
        """組の名称 — ours when we have one."""
        return next((row.item.title for row in self.rows if row.item.is_ours), self.rows[0].item.title)

    @property
    def information(self) -> Information:
        """情報の種類."""
        return self.key.information

    @property
    def newest_on(self) -> date:
        """最新の日付."""
        return max((row.item.on or _OLDEST for row in self.rows), default=_OLDEST)

    @property
    def has_ours(self) -> bool:
        """自院にあるか — by the key."""
        return any(row.item.is_ours for row in self.rows)

    @property
    def has_others(self) -> bool:
        """他院にあるか."""
        return any(not row.item.is_ours for row in self.rows)

    @property
    def reconciles(self) -> bool:
        """突合せる情報か."""
        return self.information in RECONCILED

    @property
    def is_to_reconcile(self) -> bool:
        """突合せ待ちか — only others have it, and nobody has decided yet."""
        if not self.reconciles or self.has_ours:
            return False
        return any(row.is_open for row in self.rows)

    @property
    def differs(self) -> bool:
        """修飾語の違い — the same disease, told with other modifiers: both stay to be read."""
        told = {
            (each.facts.diagnosis.is_suspected, frozenset(each.facts.diagnosis.modifiers))
            for each in (row.item for row in self.rows)
            if isinstance(each.facts, ConditionFacts)
        }
        return len(told) > 1

    @property
    def numbers(self) -> tuple[SideItem, ...]:
        """数値の結果 — settled ones, the oldest first; those beyond what was measured break the line."""
        found = [
            row.item
            for row in self.rows
            if isinstance(row.item.facts, LabFacts)
            and isinstance(row.item.facts.value, Decimal)
            and row.item.facts.status is not LabStatus.CANCELLED
        ]
        return tuple(sorted(found, key=lambda each: each.on or _OLDEST))

    @property
    def has_course(self) -> bool:
        """推移があるか — two numbers or more, all in the unit of the key."""
        return len(self.numbers) > 1


def groups_of(items: Iterable[SideItem], decided: Mapping[str, Reconciled]) -> tuple[SideGroup, ...]:
    """同じ項目の組 — items with a key in common stand together; the newest thing first.

    A group takes the chief key of its newest item that is coded, else of its newest.
    """
    home: dict[ItemKey, int] = {}
    members: dict[int, list[SideItem]] = {}
    for number, each in enumerate(items):
        places = sorted({home[key] for key in each.keys if key in home})
        place = places[0] if places else number
        members.setdefault(place, []).append(each)
        for other in places[1:]:
            members[place] += members.pop(other)
            home = {key: place if at == other else at for key, at in home.items()}
        home.update(dict.fromkeys(each.keys, place))
    made = [_group(each, decided) for each in members.values()]
    return tuple(sorted(made, key=lambda group: (-group.newest_on.toordinal(), group.title)))


def _group(items: Sequence[SideItem], decided: Mapping[str, Reconciled]) -> SideGroup:
    ordered = sorted(items, key=lambda each: (each.on or _OLDEST, each.source), reverse=True)
    rows = tuple(_row(each, decided.get(each.source)) for each in ordered)
    key = next((each.keys[0] for each in ordered if each.keys[0].is_coded), ordered[0].keys[0])
    return SideGroup(key, rows)


def _row(item: SideItem, decision: Reconciled | None) -> SideRow:
    if item.is_ours or decision is None:
        return SideRow(item)
    is_changed = decision.source_version != item.source_version and decision.decision != Decision.APART
    return SideRow(item, decision, is_changed)


def course_of(group: SideGroup) -> str:
    """検査値の推移 — as SVG; the range is shown only where every institution gives the same."""
    points, ranges = [], set()
    for each in group.numbers:
        facts = each.facts
        assert isinstance(facts, LabFacts) and isinstance(facts.value, Decimal)
        ranges.add((facts.low, facts.high))
        is_beyond = bool(facts.comparator)
        label = f"{facts.comparator}{facts.value:f}" if is_beyond else ""
        points.append(TrendPoint(facts.taken_at.date(), None if is_beyond else facts.value, label))
    low, high = ranges.pop() if len(ranges) == 1 else (None, None)
    unit = next((each.facts.unit for each in group.numbers if isinstance(each.facts, LabFacts)), "")
    return trend(Trend(group.title, unit, tuple(points), low, high))


def chosen(
    groups: Iterable[SideGroup], *, words: str = "", information: str = "", source: str = "", only: str = ""
) -> tuple[SideGroup, ...]:
    """組の絞込み — by words of the title, by kind, by institution; ``only`` others', what is to be decided, or in both."""
    found = []
    for group in groups:
        rows = tuple(row for row in group.rows if not source or row.item.source_number == source)
        is_wanted = bool(rows) and (not information or group.information == information)
        if words and not any(words in row.item.title or words in row.item.detail for row in rows):
            is_wanted = False
        if only == "others" and not (group.has_others and not group.has_ours):
            is_wanted = False
        if only == "open" and not group.is_to_reconcile:
            is_wanted = False
        if only == "both" and not (group.has_others and group.has_ours):
            is_wanted = False
        if is_wanted:
            found.append(replace(group, rows=rows) if source else group)
    return tuple(found)
