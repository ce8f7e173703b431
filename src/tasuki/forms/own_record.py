# SPDX-License-Identifier: Apache-2.0
"""本人の記録 — what a person takes along of their own record: part by part a table, with what it is and is not.

No form of the law: a sheet that a person shows to whom they like. Their own measures stand in a part of their own.

Cite: 個人情報保護法 第33条（開示）
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasuki.forms.wording import era_parts
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class RecordPart:
    """記録の部 — a heading, the names of its columns and its rows; ``empty`` is said where there are none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "登録はありません。"


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """本人の記録 — of one person at one moment; ``born`` is written as people read it."""

    name: str
    born: str
    printed_at: datetime
    parts: tuple[RecordPart, ...]
    notes: tuple[str, ...] = ()


def check(record: OwnRecord) -> list[Finding]:
    """本人の記録の点検 — a row with more or fewer cells than its part has columns would shift every value."""
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="own_record", field=part.title),
            "form.not_allowed",
            {"reason": f"「{part.title}」に列の数の合わない行があります。"},
        )
        for part in record.parts
        if any(len(row) != len(part.columns) for row in part.rows)
    ]


def layout(record: OwnRecord) -> dict[str, Any]:
    """本人の記録の印字内容 — every part in the order given."""
    return {
        "name": record.name,
        "born": record.born,
        "day": era_parts(record.printed_at.date())._asdict(),
        "clock": f"{record.printed_at:%H:%M}",
        "parts": [
            {
                "title": part.title,
                "columns": list(part.columns),
                "rows": [list(row) for row in part.rows],
                "empty": part.empty,
            }
            for part in record.parts
        ],
        "notes": list(record.notes),
    }
