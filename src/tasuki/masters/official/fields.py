# SPDX-License-Identifier: Apache-2.0
"""項目 — how a single field of an official file is read, and what makes it wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

Fields = Sequence[str]

OPEN_DAYS = frozenset({"", "0", "00000000", "99999999"})


class BadField(ValueError):
    """項目誤り — a field that does not have the form its column asks for."""

    def __init__(self, column: int, value: str, expected: str) -> None:
        self.column = column
        self.value = value
        self.expected = expected
        super().__init__(f"column {column}: {value!r} is not {expected}")


def day(fields: Fields, column: int) -> date | None:
    """年月日 — eight digits; 0, 00000000 and 99999999 mean no day.

    >>> day(["20240601", "99999999"], 1), day(["20240601", "99999999"], 2)
    (datetime.date(2024, 6, 1), None)
    """
    value = fields[column - 1]
    if value in OPEN_DAYS:
        return None
    try:
        if len(value) != 8:
            raise ValueError(value)
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        raise BadField(column, value, "date") from None


def decimal(fields: Fields, column: int) -> Decimal:
    """数値 — a decimal number; trailing zeros after the point carry no meaning and are dropped.

    >>> decimal(["291.00", "42.50"], 1), decimal(["291.00", "42.50"], 2)
    (Decimal('291'), Decimal('42.5'))
    """
    value = fields[column - 1]
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadField(column, value, "number") from None
    if not number.is_finite():
        raise BadField(column, value, "number")
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()


def whole(fields: Fields, column: int) -> int:
    """整数 — a whole number; an empty field counts as zero."""
    value = fields[column - 1]
    if not value:
        return 0
    if not value.isascii() or not value.isdigit():
        raise BadField(column, value, "digits")
    return int(value)


def code(fields: Fields, column: int, length: int) -> str:
    """コード — digits (or capital letters) of a fixed length."""
    value = fields[column - 1]
    if len(value) != length or not value.isascii() or not value.isalnum():
        raise BadField(column, value, f"code of {length}")
    return value
