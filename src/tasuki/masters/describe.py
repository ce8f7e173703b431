# SPDX-License-Identifier: Apache-2.0
"""項目表示 — the columns of a row that carry meaning, with their Japanese labels, and what tables say of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tasuki.kernel.validity import Validity
from tasuki.masters.labels import LABELS, PLAIN, VALUES, WINDOWS
from tasuki.masters.revisions import is_price_confirmed
from tasuki.masters.rows import AgeAddition, Drug, Step, Window

if TYPE_CHECKING:
    from tasuki.masters.book import Book, DayBook
    from tasuki.masters.rows import CountLimit, Row


class Described(NamedTuple):
    """項目 — the name of a column, its value as text, and the field it comes from."""

    field: str
    label: str
    value: str


class Relation(NamedTuple):
    """関係 — another code that a table names with this one, and what the table says."""

    kind: str  # exclusion window, inclusion, …
    code: str
    name: str
    meaning: str
    is_special: bool


def describe(row: Row, day: date, book: Book) -> list[Described]:
    """項目表示 — every column whose value differs from its empty meaning, in the order of the master."""
    made = [Described("code", LABELS["code"], row.code), Described("name", LABELS["name"], row.name)]
    for field in msgspec.structs.fields(type(row)):
        if field.name in ("code", "name"):
            continue
        value = getattr(row, field.name)
        if field.name not in PLAIN and (value == field.default or value in ("", "0", "00", None, ())):
            continue
        made.append(Described(field.name, LABELS.get(field.name, field.name), _text(field.name, value, book)))
    if isinstance(row, Drug) and not is_price_confirmed(row.price_on, day):
        made.append(
            Described("price_confirmed", LABELS["price_confirmed"], "この日の薬価改定後の薬価は未確認")
        )
    return made


def exclusions_of(code: str, on: DayBook) -> list[Relation]:
    """背反 — every act that may not stand with this one, and which of the two is billed."""
    made: list[Relation] = []
    for window in Window:
        for pair in on.exclusions(code, window):
            keep = {1: "この項目を算定", 2: "相手を算定", 3: "いずれか一方"}[pair.keep]
            made.append(Relation(WINDOWS[window], pair.other, _name(pair.other, on), keep, pair.is_special))
    return made


def inclusions_of(code: str, on: DayBook) -> tuple[list[tuple[str, str, int]], list[Relation]]:
    """包括 — the groups this act includes (unit, group, members), and the acts that include it."""
    groups = [
        (parent.unit.name, parent.group, len(on.inclusion_members(parent.group)))
        for parent in on.inclusion_groups(code)
    ]
    parents: list[Relation] = []
    for parent_code, rows in on.book.parents.items():
        for parent in rows:
            if on.day not in parent.validity:
                continue
            for member in on.inclusion_members(parent.group):
                if member.code == code:
                    name = _name(parent_code, on)
                    parents.append(
                        Relation(parent.group, parent_code, name, parent.unit.name, member.is_special)
                    )
    return groups, parents


def limit_text(limit: CountLimit) -> str:
    """算定回数 — one limit in words."""
    return f"{limit.unit_name} {limit.count}回" + ("（特例条件あり）" if limit.is_special else "")


def _name(code: str, on: DayBook) -> str:
    rows = on.book.acts.get(code)
    return next((row.name for row in rows if on.day in row.validity), rows[0].name) if rows else ""


def _text(field: str, value: Any, book: Book) -> str:
    if isinstance(value, Validity):
        return f"{value.since} 〜 {value.until or ''}".rstrip()
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, IntEnum):
        return VALUES.get(field, {}).get(str(value.value), str(value.value))
    if isinstance(value, Step):
        return (
            f"下限{value.above} 上限{value.upto} きざみ{value.width} きざみ点数{value.points} "
            f"エラー処理{value.error_rule}"
        )
    if isinstance(value, Decimal):
        return f"{value:f}"
    if field == "standards":
        return "、".join(_standard(code, book) for code in value if code != "0")
    if isinstance(value, tuple):
        return "、".join(_part(part) for part in value)
    return VALUES.get(field, {}).get(str(value), str(value))


def _standard(code: str, book: Book) -> str:
    found = book.standards.get(code)
    return f"{code} {found.name}" if found else code


def _part(part: Any) -> str:
    if isinstance(part, AgeAddition):
        return f"{part.age_from}以上{part.age_to}未満 {part.code}"
    if isinstance(part, tuple):
        return "-".join(map(str, part))
    return str(part)
