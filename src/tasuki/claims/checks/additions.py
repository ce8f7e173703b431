# SPDX-License-Identifier: Apache-2.0
"""加算の並びの点検 — note additions after their base in rising order, general additions after those.

Cite: 医科診療行為マスター 告示等識別区分(1), 注加算コード, 注加算通番; 記録条件仕様 摘要情報の記録順
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.diseases import book_of_month
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import OUTCOMES
from tasuki.claims.records import SI
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.claims.receipt import Receipt

_BASE = frozenset({"1", "3", "5"})
_NOTE = "7"
_GENERAL = "9"


def order_of_additions(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """注加算・通則加算 — in each group of lines, judged from the base act on."""
    book = book_of_month(receipt, context)
    if book is None:
        return
    for group in receipt.groups:
        found: list[tuple[SI, Act]] = []
        for unit in group.units:
            for line in unit.lines:
                rows = book.book.acts.get(line.code) if isinstance(line, SI) else None
                if rows and isinstance(line, SI):
                    found.append((line, rows[0]))
        yield from _series(found)


def _series(acts: Sequence[tuple[SI, Act]]) -> Iterator[Hit]:
    base: Act | None = None
    last_serial = ""
    ended = False
    for line, act in acts:
        if act.record_kind in _BASE:
            base, last_serial, ended = act, "", False
        elif act.record_kind == _GENERAL:
            if base is None:
                yield hit("44350", line.record, 4, text=line.code)
            ended = True
        elif act.record_kind == _NOTE and base is not None:
            yield from _note(line, act, base, last_serial, ended=ended)
            last_serial = act.addition_serial if act.addition_serial != "0" else last_serial


def _note(line: SI, act: Act, base: Act, last_serial: str, *, ended: bool) -> Iterator[Hit]:
    if ended:
        yield hit("44360", line.record, 4, text=line.code)
    elif act.addition_group not in ("0", base.addition_group):
        # 逓減 and other codes without a 注加算コード follow any base.
        yield hit("46411", line.record, 4, text=line.code)
    elif act.addition_serial != "0" and last_serial:
        if act.addition_serial == last_serial:
            yield hit("46120", line.record, 4, text=line.code, serial=act.addition_serial)
        elif act.addition_serial < last_serial:
            yield hit("46410", line.record, 4, text=line.code)


def first_visit(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """初診料と傷病名 — a disease starts that day, and no older one is still open.

    Cite: 医科診療行為マスター 実日数 2, 日数・回数 1
    """
    book = book_of_month(receipt, context)
    month = receipt.header.service_month
    if book is None or month is None:
        return
    for line in receipt.lines:
        rows = book.book.acts.get(line.code) if isinstance(line, SI) else None
        if not rows or not isinstance(line, SI) or (rows[0].day_kind, rows[0].day_count) != ("2", "1"):
            continue
        for day, _ in line.days:
            if day > month.last_day:
                continue
            on = month.day(day)
            starts = any(one.since_on == on for one in receipt.diseases)
            is_open = any(
                one.since_on is not None and one.since_on < on and one.outcome == next(iter(OUTCOMES))
                for one in receipt.diseases
            )
            if receipt.diseases and (not starts or is_open):
                yield hit("46340", line.record, line.first_day + day - 1, day=day, text=line.code)


RULES = (order_of_additions, first_visit)
