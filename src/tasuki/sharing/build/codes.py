# SPDX-License-Identifier: Apache-2.0
"""コード対応表 — an institution's own codes and the standard codes they stand for, each with its source and day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date


class CodeKind(StrEnum):
    """コードの種類 — what the local code names."""

    DISEASE = "disease"  # レセ電傷病名コード7桁
    MODIFIER = "modifier"  # レセ電修飾語コード4桁
    DRUG = "drug"  # レセ電医薬品コード9桁
    ALLERGEN = "allergen"
    LAB = "lab"
    USAGE = "usage"
    UNIT = "unit"


class StandardCode(NamedTuple):
    """標準コード — a coding as it is sent."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """コードの対応 — one local code, the standard codes it stands for, who says so, and as of when.

    ``unit`` is the unit that the institution reports an item in.
    """

    kind: CodeKind
    local_code: str
    codes: tuple[StandardCode, ...]
    local_name: str = ""
    source: str = ""
    dated: date | None = None
    unit: str = ""

    def of(self, system: str) -> StandardCode | None:
        """体系別のコード — the first of a system."""
        return next((each for each in self.codes if each.system == system), None)


class CodeMap:
    """コード対応表 — mappings by kind and local code; of several for one code the codes of all are joined, and
    within one system the later mapping counts.

    >>> book = Mapping(CodeKind.LAB, "TP", (StandardCode("urn:a", "1", "総蛋白"),), source="院内")
    >>> CodeMap([book]).find(CodeKind.LAB, "TP").source
    '院内'
    """

    def __init__(self, mappings: Iterable[Mapping] = ()) -> None:
        self._by_code: dict[tuple[CodeKind, str], Mapping] = {}
        for each in mappings:
            key = (each.kind, each.local_code)
            self._by_code[key] = _joined(self._by_code[key], each) if key in self._by_code else each

    def find(self, kind: CodeKind, local_code: str) -> Mapping | None:
        """対応 — of a local code."""
        return self._by_code.get((kind, local_code))

    def standard(self, kind: CodeKind, local_code: str, system: str) -> StandardCode | None:
        """標準コード — of a local code in one system."""
        found = self.find(kind, local_code)
        return found.of(system) if found else None

    def with_(self, others: Iterable[Mapping]) -> CodeMap:
        """対応の追加 — a new map; this one stays."""
        return CodeMap((*self, *others))

    def has_system(self, kind: CodeKind, system: str) -> bool:
        """表の有無 — whether any code of a kind stands in a system: whether its table was imported."""
        return any(each.kind is kind and each.of(system) for each in self)

    def __iter__(self) -> Iterator[Mapping]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)


def _joined(older: Mapping, newer: Mapping) -> Mapping:
    replaced = {each.system for each in newer.codes}
    kept = tuple(each for each in older.codes if each.system not in replaced)
    sources = tuple(dict.fromkeys(each for each in (older.source, newer.source) if each))
    return Mapping(
        newer.kind,
        newer.local_code,
        (*kept, *newer.codes),
        newer.local_name or older.local_name,
        "、".join(sources),
        newer.dated or older.dated,
        newer.unit or older.unit,
    )
