# SPDX-License-Identifier: Apache-2.0
"""算定理由 — why a line was granted, denied or advised."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verdict(StrEnum):
    """判定 — 算定・算定不可・要確認: what became of a line."""

    GRANTED = "granted"
    DENIED = "denied"
    ADVISED = "advised"


class Because(NamedTuple):
    """算定理由 — one reason: the rule or table that spoke, what it said, from which facts and source.

    ``facts`` holds every number and name the sentence needs, as a tuple of pairs in stable order;
    ``cite`` is the law or official table; ``row`` the code or key of the table row, "" for a rule.
    """

    rule_id: str
    verdict: Verdict
    facts: tuple[tuple[str, object], ...]
    cite: str
    row: str = ""


def facts(**pairs: object) -> tuple[tuple[str, object], ...]:
    """事実 — keyword pairs as the stable tuple that :class:`Because` keeps.

    >>> facts(age=5, code="111000110")
    (('age', 5), ('code', '111000110'))
    """
    return tuple(pairs.items())


def as_mapping(reason: Because) -> Mapping[str, object]:
    """事実表 — the facts of a reason as a mapping, for renderers."""
    return dict(reason.facts)
