# SPDX-License-Identifier: Apache-2.0
"""厳密なJSON — JSON text with one meaning only: UTF-8, no member twice, no NaN, no lone surrogate, bounded depth."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec

DEPTH = 32
_QUICK = msgspec.json.Decoder(float_hook=Decimal)
_SPACE = b" \t\r\n"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class NotStrict(ValueError):
    """JSONの誤り — carries the reason in Japanese."""


def read_strictly(data: bytes, depth: int = DEPTH) -> Any:
    """厳密なJSONの読込み — numbers with a point become Decimal. Raises :class:`NotStrict`.

    Two readers of one text must not see two values: of a member given twice some take the first and
    some the last, and a visit could be checked as one and billed as the other.

    Cite: RFC 8259 4, RFC 7493 (I-JSON)

    >>> read_strictly(b'{"a": 1.50}')
    {'a': Decimal('1.50')}
    """
    try:
        value = _QUICK.decode(data)
        members, levels = _measured(value)
        # Every member has a quote before its colon, and a text with such a pair in it only makes them look more: when
        # no more pairs stand there than members were read, none came twice.
        if levels <= depth and data.translate(None, _SPACE).count(b'":') == members:
            return value
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        pass
    return read_plainly(data, depth)


def read_plainly(data: bytes, depth: int = DEPTH) -> Any:
    """厳密な読込み — member by member: what :func:`read_strictly` must give, and what tells why a text is refused."""
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once_each,
        )
        if _SURROGATE.search(data):
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except NotStrict:
        raise
    except UnicodeDecodeError as wrong:
        raise NotStrict(f"{wrong.start}バイト目が UTF-8 ではありません") from wrong
    except UnicodeEncodeError as wrong:
        raise NotStrict("対にならないサロゲート（\\ud800 など）があります") from wrong
    except json.JSONDecodeError as wrong:
        raise NotStrict(f"{wrong.lineno}行 {wrong.colno}文字目（{wrong.msg}）") from wrong
    except RecursionError as wrong:
        raise NotStrict(_too_deep(depth)) from wrong
    except (ValueError, ArithmeticError) as wrong:
        raise NotStrict("数が長すぎるか、読めません") from wrong
    if _measured(value)[1] > depth:
        raise NotStrict(_too_deep(depth))
    return value


def _measured(value: Any) -> tuple[int, int]:
    """How many members there are, and how many containers stand in each other."""
    members = levels = 0
    level = [value] if type(value) is dict or type(value) is list else []
    while level:
        levels += 1
        below: list[Any] = []
        for each in level:
            inner: Any = each
            if type(each) is dict:
                members += len(each)
                inner = each.values()
            for one in inner:
                if type(one) is dict or type(one) is list:
                    below.append(one)
        level = below
    return members, levels


def _too_deep(depth: int) -> str:
    return f"入れ子が{depth}段を超えています"


def _no_constant(name: str) -> None:
    raise NotStrict(f"{name} は数ではありません")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        # In one pass: whoever sends a hundred thousand members must not be able to make each be sought in all of them.
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name in made if counts[name] > 1)
        raise NotStrict(f"項目 {ascii(twice)[1:-1]} が二度あります")
    return made
