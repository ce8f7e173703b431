# SPDX-License-Identifier: Apache-2.0
"""書類に載せるカルテの内容 — diseases, allergies, results and drugs, in words and as facts; what is 未提供 is left out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tasuki.chart.orders import OrderKind
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug
from tasuki.sharing.build.facts import PrescribedDrug
from tasuki_server.chart.values import placed_orders
from tasuki_server.orders.catalogue import day_book
from tasuki_server.orders.labels import COUNT_UNITS
from tasuki_server.orders.table import find_row
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.gathering import Gathered, gather
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.models import UnitKind

_DRUGS = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL})


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


def letter_parts(visit: Visit) -> LetterParts:
    """書類の材料 — of the chart of a visit; diseases that have not ended."""
    items: dict[UnitKind, list[Gathered]] = {kind: [] for kind in UnitKind}
    for wanted in gather(visit, mappings()):
        items[wanted.kind] += [each for each in wanted.items if not _is_withheld(each)]
    diseases = [each for each in items[UnitKind.DISEASES] if each.facts.diagnosis.ended_on is None]
    allergies, results = items[UnitKind.ALLERGIES], items[UnitKind.RESULTS]
    drugs, words = _drugs(visit)
    return LetterParts(
        tuple(each.facts for each in diseases),
        tuple(each.facts for each in allergies),
        tuple(each.facts for each in results),
        drugs,
        tuple(each.title for each in diseases),
        tuple(_allergy_words(each.facts) for each in allergies),
        tuple(each.title for each in results),
        words,
    )


def _is_withheld(item: Gathered) -> bool:
    return item.flags is not None and item.flags.is_withheld


def _allergy_words(facts: Any) -> str:
    return f"{facts.substance}（{facts.reaction}）" if facts.reaction else str(facts.substance)


def _drugs(visit: Visit) -> tuple[tuple[PrescribedDrug, ...], tuple[str, ...]]:
    book = day_book(visit.day)
    facts: list[PrescribedDrug] = []
    words: list[str] = []
    for rp, order in enumerate((each for each in placed_orders(visit) if each.kind in _DRUGS), 1):
        count_words = f"{order.count}{COUNT_UNITS.get(order.kind, '')}" if order.kind in COUNT_UNITS else ""
        for index, item in enumerate(order.items, 1):
            drug = _drug(item.code, book)
            if drug is None:
                continue
            amount = item.amount if isinstance(item.amount, Decimal) else None
            shown = f"{amount.normalize():f}" if amount is not None else ""
            words.append(f"{drug.name} {shown}{drug.unit_name} {order.usage} {count_words}".strip())
            facts.append(
                PrescribedDrug(
                    id=f"{order.id}-{index}",
                    rp=rp,
                    index=index,
                    kind=order.kind,
                    code=item.code,
                    name=drug.name,
                    amount=amount,
                    unit=drug.unit_name,
                    count=order.count,
                    usage_text=order.usage or "医師の指示どおり",
                    ordered_at=visit.arrived_at,
                    since=visit.day,
                    is_generic_name=item.is_generic_name,
                )
            )
    return tuple(facts), tuple(words)


def _drug(code: str, book: DayBook) -> Drug | None:
    found = find_row(book, code)
    return found if isinstance(found, Drug) else None
