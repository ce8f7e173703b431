# SPDX-License-Identifier: Apache-2.0
"""資格有効性の判定 — which of the six answers a question gets: about the number that was asked, or about a card.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 OQSCD006 資格有効性
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tasuki.eligibility.answer import Eligibility
from tasuki_server.eligibility.held import Held


class Judged(NamedTuple):
    """判定 — the answer and the qualifications it shows; ``asks_newer`` when only a newer one can tell 2 from 3."""

    eligibility: Eligibility
    shown: tuple[Held, ...] = ()
    asks_newer: bool = False


def matching(rows: Sequence[Held], symbol_key: str, branch: str) -> list[Held]:
    """照会条件に合う行 — a symbol or a branch that was not asked is not compared."""
    return [
        each
        for each in rows
        if (not symbol_key or each.symbol_key == symbol_key) and (not branch or each.branch == branch)
    ]


def judge_number(rows: Sequence[Held], day: date, ticketed: Collection[UUID] = ()) -> Judged:
    """番号の照会 — of the rows of the asked number; the newest period of it speaks for it.

    ``ticketed`` are the qualifications of 医療扶助 with a ticket for whoever asks: without one, 有効（未登録）.
    """
    begun = [each for each in rows if each.qualified_on <= day]
    if not begun:
        return Judged(Eligibility.NOT_FOUND)
    if len({each.person for each in begun}) > 1:
        return Judged(Eligibility.SEVERAL)
    own = max(begun, key=lambda each: (each.is_valid(day), each.qualified_on))
    if not own.is_valid(day):
        return Judged(Eligibility.INVALID, (own,), asks_newer=True)
    return Judged(_valid(own, ticketed), (own,))


def judge_card(rows: Sequence[Held], day: date, ticketed: Collection[UUID] = ()) -> Judged:
    """カードの照会 — of all rows of one person: what covers them now, else the last that did, 無効."""
    begun = [each for each in rows if each.qualified_on <= day]
    if not begun:
        return Judged(Eligibility.NOT_FOUND)
    current = sorted(
        (each for each in begun if each.is_valid(day)), key=lambda each: each.qualified_on, reverse=True
    )
    if not current:
        last = max(begun, key=lambda each: (each.lost_on or each.until_on or day, each.qualified_on))
        return Judged(Eligibility.INVALID, (last,))
    insured = [each for each in current if not each.is_medical_aid][:1]
    aided = [each for each in current if each.is_medical_aid][:1]
    shown = (*insured, *aided)
    return Judged(Eligibility.VALID if insured else _valid(aided[0], ticketed), shown)


def with_newer(judged: Judged, others: Sequence[Held], day: date) -> Judged:
    """新しい資格の有無 — 無効 becomes 無効（新しい資格あり） when the same person is insured another way now."""
    own = {each.qualification for each in judged.shown}
    if any(each.is_valid(day) and each.qualification not in own for each in others):
        return judged._replace(eligibility=Eligibility.REPLACED, asks_newer=False)
    return judged._replace(asks_newer=False)


def _valid(held: Held, ticketed: Collection[UUID]) -> Eligibility:
    if held.is_medical_aid and held.qualification not in ticketed:
        return Eligibility.NOT_REGISTERED
    return Eligibility.VALID
