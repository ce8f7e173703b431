# SPDX-License-Identifier: Apache-2.0
"""検証番号 — the last digit of insurer and programme numbers."""

from __future__ import annotations


def check_digit(digits: str) -> int:
    """検証番号 — for the data digits of a 保険者番号, 公費負担者番号 or 受給者番号.

    From the last digit leftward the weights are 2, 1, 2, 1…; the digits of each product are added.

    Cite: 昭和51年保発第45号・庁保発第34号 保険者番号等の設定について

    >>> check_digit("0113001"), check_digit("0613201"), check_digit("13805")
    (2, 3, 7)
    """
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 - position % 2)
        total += product // 10 + product % 10
    return (10 - total % 10) % 10


def has_valid_check_digit(number: str) -> bool:
    """検証番号の正誤 — whether the last digit agrees with the rest.

    >>> has_valid_check_digit("01130012"), has_valid_check_digit("01130013")
    (True, False)
    """
    return number.isdecimal() and len(number) > 1 and check_digit(number[:-1]) == int(number[-1])
