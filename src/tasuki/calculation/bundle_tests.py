# SPDX-License-Identifier: Apache-2.0
"""まるめ — tests of one draw billed together at the points of their number."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.bundle_points import bundles_on
from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, granted
from tasuki.calculation.price_acts import price_group
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tasuki.calculation.bundle_points import BundlePoints

register(
    {
        "calculation.bundle_split": "{name}の{count}項目が公費の異なるオーダに分かれています。"
        "まるめは公費ごとに数えました。同じ公費でよいか確かめてください。",
    }
)

Draw = tuple[str, "datetime | None", "tuple[str, ...] | None"]


def bundle_tests(draft: Draft) -> Draft:
    """まるめ — merges the tests of each bundle group into one unit when they are enough.

    All items of a group on one visit count together, whether from blood, urine or punctured fluid; only a
    second draw of blood on the same day counts by itself. A draw is told apart by the time of its order. An item
    ordered again counts no second time towards the number of items.

    Cite: 医科点数表 D006 注, D007 注, D008 注, D009 注2, D013 注, D014 注1; 通知 D001(10), D004(14);
    医科診療行為マスター col 16
    """
    bundles = bundles_on(draft.case.day)
    if not [act for act in draft.acts() if act.test_bundle != "0" and act.test_bundle in bundles]:
        return draft
    instants = draft.case.instants
    gathered: dict[Draw, list[DraftUnit]] = defaultdict(list)
    rest: list[DraftUnit] = []
    for unit in draft.units:
        group = _group_of(unit)
        if group in bundles:
            gathered[group, instants.get(unit.order_id), unit.programme_ids].append(unit)
        else:
            rest.append(unit)
    for key, units in gathered.items():
        gathered[key], again = _once_each(units)
        rest.extend(again)
    merged: list[DraftUnit] = []
    for number, draw in enumerate(sorted(gathered, key=_draw_rank)):
        merged.extend(_merge(bundles[draw[0]], gathered[draw], number))
    after = draft.with_units((*rest, *merged))
    return _with_findings(after, bundles, gathered)


def _group_of(unit: DraftUnit) -> str:
    base = unit.lines[0].row
    return base.test_bundle if isinstance(base, Act) else "0"


def _once_each(units: list[DraftUnit]) -> tuple[list[DraftUnit], list[DraftUnit]]:
    """Every item of a draw once, and what of them was done again."""
    items: dict[str, DraftUnit] = {}
    again: list[DraftUnit] = []
    for unit in sorted(units, key=lambda unit: unit.group):
        code, times = unit.lines[0].code, unit.times
        if code in items:
            again.append(unit)
            continue
        items[code] = changed(unit, times=1)
        if times > 1:
            again.append(changed(unit, times=times - 1))
    return list(items.values()), again


def _draw_rank(draw: Draw) -> tuple[str, str, tuple[str, ...]]:
    group, at, programmes = draw
    return (group, "" if at is None else at.isoformat(), programmes or ())


def _merge(bundle: BundlePoints, units: list[DraftUnit], number: int) -> list[DraftUnit]:
    points = bundle.points_of(len(units))
    if points is None:
        return units
    reason = granted("table/bundle", bundle.cite, f"16/{bundle.group}", name=bundle.name, count=len(units))
    lines: list[DraftLine] = []
    for unit in sorted(units, key=lambda unit: (_order_of(unit.lines[0]), unit.group)):
        base, *additions = unit.lines
        lines.append(changed(base, because=(*base.because, reason)))
        if additions:
            extra = price_group((base, *additions))
            lines.extend(extra.lines[1:])
            points += sum(line.points for line in extra.lines[1:])
    orders = {unit.order_id for unit in units}
    first = units[0]
    return [
        changed(
            first,
            group=f"bundle:{bundle.group}:{number}",
            lines=tuple(lines),
            points=points,
            order_id=orders.pop() if len(orders) == 1 else "",
            is_bundle=True,
            comments=tuple(sorted({comment for unit in units for comment in unit.comments})),
        )
    ]


def _order_of(line: DraftLine) -> tuple[str, str]:
    return (line.row.order if isinstance(line.row, Act) else "", line.code)


def _with_findings(
    draft: Draft, bundles: Mapping[str, BundlePoints], gathered: dict[Draw, list[DraftUnit]]
) -> Draft:
    """Asks when the items of one group were counted apart because other programmes pay for some."""
    found = []
    for group in sorted({draw[0] for draw in gathered}):
        draws = [draw for draw in gathered if draw[0] == group]
        if len({draw[2] for draw in draws}) > 1:
            count = sum(len(gathered[draw]) for draw in draws)
            facts = {"name": bundles[group].name, "count": count}
            where = Where(record=draft.case.visit.id, field=bundles[group].name)
            found.append(Finding("CAL-0008", Severity.CONFIRM, where, "calculation.bundle_split", facts))
    return draft.with_findings(found) if found else draft
