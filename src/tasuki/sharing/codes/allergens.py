# SPDX-License-Identifier: Apache-2.0
"""アレルゲンの候補 — the commonest J-FAGY codes of food and of what is neither food nor medicine, by folded name.

A starter set; the whole master is its publisher's, and what it lacks is sent in the guide's uncoded form.

Cite: J-FAGYアレルゲンマスター 2025-04-01 (日本医療情報学会)
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tasuki.kernel.kana import search_key

_FOOD = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS"
_OTHER = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS"


class Allergen(NamedTuple):
    """アレルゲン — one code of J-FAGY."""

    code: str
    name: str
    kana: str

    @property
    def is_food(self) -> bool:
        """食物か — else neither food nor medicine."""
        return self.code.startswith("J9F")

    @property
    def system(self) -> str:
        """コード体系 — of food, or of the rest."""
        return _FOOD if self.is_food else _OTHER


def find_allergens(text: str, limit: int = 12, *, is_food: bool | None = None) -> tuple[Allergen, ...]:
    """アレルゲンの候補 — the name itself first, then what begins with it, then what holds it.

    >>> [(each.code, each.name) for each in find_allergens("ソバ", 1)]
    [('J9FA19140000', 'そば')]
    """
    key = search_key(text)
    if not key:
        return ()
    ranked = []
    for row in allergens():
        if is_food is not None and row.is_food is not is_food:
            continue
        names = (search_key(row.name), search_key(row.kana))
        if key in names or row.code == text.strip().upper():
            rank = 0
        elif any(name.startswith(key) or key.startswith(name) for name in names if len(name) > 1):
            rank = 1
        elif len(key) > 1 and any(key in name for name in names):
            rank = 2
        else:
            continue
        ranked.append((rank, len(row.name), row.code, row))
    return tuple(row for *_, row in sorted(ranked)[:limit])


@cache
def allergens() -> tuple[Allergen, ...]:
    """アレルゲンの表 — read once."""
    lines = (files("tasuki.sharing") / "data" / "allergens.tsv").read_text("utf-8").splitlines()[1:]
    return tuple(Allergen(*line.split("\t")) for line in lines)
