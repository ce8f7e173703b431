# SPDX-License-Identifier: Apache-2.0
"""改定影響の報告 — as text, as plain values, and as rows of a table that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.impact import Impact

FORM = "tasuki/impact/1"
TABLES = {"items": "項目別", "patients": "患者別", "lines": "明細別"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def impact_trace(impact: Impact) -> dict[str, Any]:
    """改定影響の記録 — plain JSON members, versioned."""
    return {
        "schema": FORM,
        "revision": impact.revision,
        "priced_on": impact.priced_on.isoformat(),
        "visits": impact.visit_count,
        "points_before": impact.points_before,
        "points_after": impact.points_after,
        "points": impact.points,
        "yen": impact.yen,
        "items": [each._asdict() | {"points": each.points} for each in impact.items],
        "patients": [each._asdict() | {"points": each.points} for each in impact.patients],
        "changed_visits": [
            each._asdict() | {"day": each.day.isoformat(), "lines": [line._asdict() for line in each.lines]}
            for each in impact.visits
            if each.lines or each.points_before != each.points_after
        ],
    }


def impact_text(impact: Impact, most: int = 40) -> str:
    """改定影響の説明 — totals, the items that change most, and why lines come or go."""
    lines = [
        f"{impact.visit_count:,}件の受診を {impact.revision}（{impact.priced_on}の点数表とルール）で計算",
        f"合計 {impact.points_before:,}点 → {impact.points_after:,}点"
        f"（{impact.points:+,}点、{impact.yen:+,}円）",
        "",
        "項目別（増減の大きい順）",
    ]
    for each in impact.items[:most]:
        lines.append(
            f"  {each.points:+9,}点  {each.name}  {each.times_before}回 {each.points_before:,}点 → "
            f"{each.times_after}回 {each.points_after:,}点"
        )
    if len(impact.items) > most:
        lines.append(f"  ほか {len(impact.items) - most}項目")
    lines += ["", "算定されるようになる・されなくなる明細"]
    for count, name, mark, reason in reasons_of_change(impact)[:most]:
        lines.append(f"  {mark} {name} {count}件 {reason}")
    return "\n".join(lines) + "\n"


def reasons_of_change(impact: Impact) -> list[tuple[int, str, str, str]]:
    """増減する明細の理由 — how often, which line, + or −, and one reason; the most frequent first."""
    counts: dict[tuple[str, bool], int] = {}
    told: dict[tuple[str, bool], tuple[str, str]] = {}
    for visit in impact.visits:
        for line in visit.lines:
            key = (line.code, line.is_added)
            counts[key] = counts.get(key, 0) + 1
            told.setdefault(key, (line.name, line.reason))
    rows = [(count, told[key][0], "＋" if key[1] else "－", told[key][1]) for key, count in counts.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1]))


def impact_csv(impact: Impact, table: str) -> bytes:
    """改定影響の表 — one of :data:`TABLES` as CSV with a byte order mark, which spreadsheets ask for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in _rows(impact, table):
        writer.writerow([_safe(each) for each in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows(impact: Impact, table: str) -> Iterable[tuple[object, ...]]:
    if table == "items":
        yield (
            "コード",
            "名称",
            "回数（前）",
            "点数（前）",
            "回数（後）",
            "点数（後）",
            "増減点数",
            "増減額（円）",
        )
        for item in impact.items:
            yield (*item, item.points, item.points * 10)
    elif table == "patients":
        yield ("患者", "受診", "点数（前）", "点数（後）", "増減点数")
        for person in impact.patients:
            yield (*person, person.points)
    elif table == "lines":
        yield (
            "患者",
            "診療日",
            "受診",
            "点数（前）",
            "点数（後）",
            "増減",
            "コード",
            "名称",
            "点数",
            "ルール",
            "理由",
        )
        for visit in impact.visits:
            for line in visit.lines:
                yield (
                    visit.patient, visit.day.isoformat(), visit.visit_id, visit.points_before, visit.points_after,
                    "算定" if line.is_added else "算定なし", line.code, line.name, line.points, line.rule_id, line.reason,
                )  # fmt: skip
    else:
        raise KeyError(table)


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is given a mark before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
