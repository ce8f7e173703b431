# SPDX-License-Identifier: Apache-2.0
"""内包リソースの点検 — which of them nothing points at, told as by gathering every text there is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tasuki.sharing.validator import Validator

VALIDATOR = Validator()
TEXTS = ("#a", "#b", "#c", "#", "a", "x #a", "")


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(each)


def lost(value: dict[str, Any]) -> set[str]:
    """The places of those that no text names, inside or outside, and that hold no pointer to their container."""
    named = set(texts_in({name: each for name, each in value.items() if name != "text"}))
    return {
        f"Basic.contained[{number}]"
        for number, each in enumerate(value["contained"])
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and f"#{each['id']}" not in named
        and "#" not in set(texts_in(each))
    }


def made(chance: random.Random, deep: int = 0) -> Any:
    kind = chance.randrange(4 if deep < 4 else 1)
    if kind == 0:
        return chance.choice(TEXTS)
    if kind == 1:
        return [made(chance, deep + 1) for _ in range(chance.randrange(3))]
    return {chance.choice("xyz"): made(chance, deep + 1) for _ in range(chance.randrange(3))}


def test_what_nothing_points_at_is_told_and_nothing_else():
    chance = random.Random(1)
    met = 0
    for _ in range(400):
        value = {
            "resourceType": "Basic",
            "text": {"div": chance.choice(TEXTS)},
            "subject": made(chance),
            "extension": made(chance),
            "contained": [
                {"resourceType": "Basic", "id": chance.choice(("a", "b", "c", 7)), "code": made(chance)}
                for _ in range(chance.randrange(1, 4))
            ],
        }
        told = {each.where.field for each in VALIDATOR.validate_value(value) if each.code == "FHIR-D-13"}
        assert told == lost(value)
        met += bool(told)
    assert 40 < met < 360
