# SPDX-License-Identifier: Apache-2.0
"""結果の読み方 — a number, a number beyond what was measured (＜0.1), an answer of an official list, or words."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from tasuki.sharing.build.facts import Choice
from tasuki.sharing.build.results import choice_of
from tasuki.sharing.codes import lab_code
from tasuki_server.sharing.models import LocalCode
from tasuki_server.sharing.results import number_of

_BEYOND = re.compile(r"(<=|>=|<|>|≦|≧)?\s*([0-9.]+)\s*(以上|以下|未満)?")
_SIGNS = {"≦": "<=", "≧": ">=", "以上": ">=", "以下": "<=", "未満": "<"}


class Read(NamedTuple):
    """読んだ結果 — ``comparator`` is the sign before a number, empty for the number itself."""

    value: Decimal | Choice | str
    comparator: str = ""

    @property
    def is_number(self) -> bool:
        """数値か."""
        return isinstance(self.value, Decimal)


def read_value(text: str, mapped: LocalCode | None) -> Read:
    """結果の読取 — words become an official answer only where the item's standard code says which list.

    >>> read_value("5.4", None).value, read_value("０．１未満", None), read_value("溶血", None).value
    (Decimal('5.4'), Read(value=Decimal('0.1'), comparator='<'), '溶血')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    item = lab_code(mapped.display, mapped.code) if mapped is not None and mapped.code else None
    if item is not None and item.is_coded:
        found = choice_of(plain, item.display)
        return Read(found if found is not None else text)
    number = number_of(plain)
    if number is not None:
        return Read(number)
    beyond = _BEYOND.fullmatch(plain)
    if beyond and (beyond.group(1) or beyond.group(3)):
        number = number_of(beyond.group(2))
        sign = beyond.group(1) or beyond.group(3)
        if number is not None:
            return Read(number, _SIGNS.get(sign, sign))
    return Read(text)
