# SPDX-License-Identifier: Apache-2.0
"""足りない事実 — what a human would have to state before an advised line could be billed."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tasuki.calculation.flags import Flag
from tasuki.calculation.statement import Line
from tasuki.kernel.because import Because, Verdict, as_mapping


class WantedKind(StrEnum):
    """足りない事実の種類 — where it is stated."""

    FLAG = "flag"  # 申告事実
    NUMBER = "number"  # 診療の数字
    START = "start"  # 起算日
    STANDARD = "standard"  # 施設基準


class Wanted(NamedTuple):
    """足りない事実 — a flag, a number of the visit, the day an order counts from, or a standard by its name."""

    kind: WantedKind
    name: str


def wanted_of(line: Line) -> tuple[Wanted, ...]:
    """足りない事実 — of an advised line, in the order of its reasons; none where no statement would settle it."""
    found = (each for reason in line.because for each in _of_reason(reason))
    return tuple(dict.fromkeys(found))


def _of_reason(reason: Because) -> tuple[Wanted, ...]:
    if reason.verdict is not Verdict.ADVISED:
        return ()
    known = as_mapping(reason)
    flag = str(known.get("missing_flag", ""))
    if flag in set(Flag):
        return (Wanted(WantedKind.FLAG, flag),)
    if known.get("missing_number"):
        return (Wanted(WantedKind.NUMBER, str(known["missing_number"])),)
    if known.get("reason") == "minutes":
        return (Wanted(WantedKind.NUMBER, "minutes"),)
    if known.get("reason") == "no_start":
        return (Wanted(WantedKind.START, reason.rule_id),)
    names = known.get("missing", ())
    names = names if isinstance(names, tuple | list) else (names,)
    return tuple(Wanted(WantedKind.STANDARD, str(name)) for name in names if name)
