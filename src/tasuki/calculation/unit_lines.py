# SPDX-License-Identifier: Apache-2.0
"""加算の並び — where an addition stands in the unit of its base."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.masters.rows import ADDITION_KINDS, Act

if TYPE_CHECKING:
    from tasuki.calculation.draft import DraftLine


def inserted(lines: tuple[DraftLine, ...], base: int, line: DraftLine) -> tuple[DraftLine, ...]:
    """加算の並び — the additions of a base follow it in ascending 通番, general additions last."""
    end, last = base + 1, len(lines)
    if end == last:
        return (*lines, line)
    while end < last and _is_addition(lines[end]):
        end += 1
    additions = [*lines[base + 1 : end], line]
    if len(additions) > 1:
        additions.sort(key=_order)
    return (*lines[: base + 1], *additions, *lines[end:])


def _is_addition(line: DraftLine) -> bool:
    row = line.row
    return type(row) is Act and row.record_kind in ADDITION_KINDS


def _order(line: DraftLine) -> tuple[bool, str, bool, str, str]:
    """Additions that must follow a base first (col 68), those without a base of their own after the others."""
    row = line[0]
    if type(row) is not Act:
        return (True, "9", True, "0", row.code)
    return _act_order(row.record_kind, row.addition_group, row.addition_serial, row.code)


@lru_cache(maxsize=4096)
def _act_order(kind: str, group: str, serial: str, code: str) -> tuple[bool, str, bool, str, str]:
    return (kind not in ADDITION_KINDS, kind, group in ("0", ""), (serial or "0").zfill(2), code)
