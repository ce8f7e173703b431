# SPDX-License-Identifier: Apache-2.0
"""架空の加入者 — made-up people in the register of the eligibility service, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

INSURER, NATIONAL = "06139463", "138057"


def make_person(
    name: str = "架空　太郎", kana: str = "ｶｸｳ ﾀﾛｳ", born: date = date(1980, 4, 1), **given: Any
) -> Any:
    """A person of the register."""
    from tasuki_server.eligibility.keys import name_key
    from tasuki_server.eligibility.models import InsuredPerson

    return InsuredPerson.objects.create(
        name=name, kana=kana, name_key=name_key(name), kana_key=name_key(kana), born=born,
        sex=given.pop("sex", "1"), **given,
    )  # fmt: skip


def make_cover(person: Any, number: str, insurer: str = INSURER, **given: Any) -> Any:
    """A qualification since 2024-04-01, open."""
    from tasuki_server.eligibility.keys import card_key
    from tasuki_server.eligibility.models import HeldQualification, Insurer

    Insurer.objects.get_or_create(number=insurer, defaults={"name": "架空健康保険組合"})
    symbol = given.pop("symbol", "")
    return HeldQualification.objects.create(
        person=person, insurer_number=insurer, symbol=symbol, number=number, symbol_key=card_key(symbol),
        number_key=card_key(number), qualified_on=given.pop("qualified_on", date(2024, 4, 1)), **given,
    )  # fmt: skip
