# SPDX-License-Identifier: Apache-2.0
"""注射量 — the volume of what was dripped on a day, in millilitres."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.draft import DraftLine

_VOLUME_IN_NAME = re.compile(r"(\d+(?:\.\d+)?)\s*mL")


class Volume(NamedTuple):
    """注射量 — ``unknown`` names a drug whose volume neither the master nor its name tells, "" when none."""

    ml: Decimal
    unknown: str = ""


def injection_volume(lines: Iterable[DraftLine]) -> Volume:
    """注射量 — of all drugs of the drips of a day, the small ones pushed through the line included.

    The master gives the volume of containers of 20 mL and more (col 21); the name tells the smaller ones. A
    powder has none of its own.

    Cite: 通知 G004(2); 医薬品マスター col 21 注射容量
    """
    total = Decimal(0)
    unknown = ""
    for line in lines:
        row = line.row
        if not isinstance(row, Drug):
            continue
        amount = line.amount if line.amount is not None else Decimal(0)
        each = _container_ml(row)
        if each is None:
            unknown = unknown or row.name
        else:
            total += each * amount
    return Volume(total, unknown)


def _container_ml(row: Drug) -> Decimal | None:
    unit = unicodedata.normalize("NFKC", row.unit_name)
    if unit.startswith("mL"):
        return Decimal(1)
    if row.injection_ml:
        return Decimal(row.injection_ml)
    found = _VOLUME_IN_NAME.findall(unicodedata.normalize("NFKC", row.name))
    if found:
        return Decimal(found[-1])
    return Decimal(0) if unit in ("瓶", "mgV") else None
