# SPDX-License-Identifier: Apache-2.0
"""書類に載せるカルテの内容 — diseases, allergies, results and drugs, in words and as facts; what is 未提供 is left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from tasuki.sharing.build.facts import PrescribedDrug
from tasuki.sharing.build.from_orders import drugs_of
from tasuki_server.chart.values import placed_orders
from tasuki_server.orders.catalogue import day_book
from tasuki_server.orders.labels import COUNT_UNITS
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.gathering import Gathered, gather
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.models import UnitKind


class LetterPart(NamedTuple):
    """書類に載せる記録 — one that may be left out: its id, its group, and its words."""

    id: str
    group: str
    words: str


@dataclass(frozen=True, slots=True)
class LetterParts:
    """書類の材料 — the words beside the facts they say."""

    disease_facts: tuple[Any, ...]
    allergy_facts: tuple[Any, ...]
    result_facts: tuple[Any, ...]
    drug_facts: tuple[PrescribedDrug, ...]
    diseases: tuple[str, ...]
    allergies: tuple[str, ...]
    results: tuple[str, ...]
    drugs: tuple[str, ...]

    def listed(self) -> tuple[LetterPart, ...]:
        """載せる記録の一覧 — in the order of the letter."""
        groups = (
            ("傷病名", self.disease_facts, self.diseases),
            ("アレルギー", self.allergy_facts, self.allergies),
            ("検査", self.result_facts, self.results),
            ("処方", self.drug_facts, self.drugs),
        )
        return tuple(
            LetterPart(facts.id, group, words)
            for group, given, said in groups
            for facts, words in zip(given, said, strict=True)
        )


def letter_parts(visit: Visit, left_out: Collection[str] = ()) -> LetterParts:
    """書類の材料 — of the chart of a visit, without those records: diseases that have not ended, what may be told to others."""
    items: dict[UnitKind, list[Gathered]] = {kind: [] for kind in UnitKind}
    for wanted in gather(visit, mappings()):
        items[wanted.kind] += [
            each for each in wanted.items if not _is_withheld(each) and each.facts.id not in left_out
        ]
    diseases = [each for each in items[UnitKind.DISEASES] if each.facts.diagnosis.ended_on is None]
    allergies, results = items[UnitKind.ALLERGIES], items[UnitKind.RESULTS]
    placed = drugs_of(tuple(placed_orders(visit)), day_book(visit.day), visit.arrived_at, visit.day)
    drugs = tuple(each for each in placed if each.id not in left_out)
    return LetterParts(
        tuple(each.facts for each in diseases),
        tuple(each.facts for each in allergies),
        tuple(each.facts for each in results),
        drugs,
        tuple(each.title for each in diseases),
        tuple(_allergy_words(each.facts) for each in allergies),
        tuple(each.title for each in results),
        tuple(_drug_words(each) for each in drugs),
    )


def _is_withheld(item: Gathered) -> bool:
    return item.flags is not None and item.flags.is_withheld


def _allergy_words(facts: Any) -> str:
    return f"{facts.substance}（{facts.reaction}）" if facts.reaction else str(facts.substance)


def _drug_words(drug: PrescribedDrug) -> str:
    amount = f"{drug.amount.normalize():f}" if drug.amount is not None else ""
    count = f"{drug.count}{COUNT_UNITS[drug.kind]}" if drug.kind in COUNT_UNITS else ""
    return " ".join(filter(None, (drug.name, f"{amount}{drug.unit}", drug.usage_text, count)))
