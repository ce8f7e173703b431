# SPDX-License-Identifier: Apache-2.0
"""患者の鍵 — which receipts of an institution belong to one person, as one number of 63 bits.

The chart number names a person at an institution. Where it is missing it is the card: insurer, symbol and
number, or payer and recipient of the first programme. The day of birth and the sex are always part of it. The
number says nothing of the person by itself, but anyone who knows the card can make it: it is no pseudonym.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasuki.claims.columns.digits import hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.columns.fields import Cut, Ints, Span

BUCKETS = 16
_START, _PRIME, _ALL = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1


def patient_key(institution: str, items: Iterable[bytes]) -> int:
    """患者の鍵 — of one receipt: chart number, card and birth as the bytes of the file.

    >>> patient_key("1319999991", [b"00001", b"19700401", b"1"])
    4978867098403100622
    """
    found = _mixed(_START, institution.encode())
    for item in items:
        found = _mixed(found, item)
    return found >> 1


def patient_keys(cut: Cut, institution: str, items: Iterable[Span], count: int) -> Ints:
    """患者の鍵の列 — the same for many receipts at once."""
    found = np.full(count, _mixed(_START, institution.encode()), np.uint64)
    for span in items:
        found = hashes(cut.words, span, found)
    return (found >> np.uint64(1)).astype(np.int64)


def bucket_of(patient: Ints | int, buckets: int) -> Ints | int:
    """パーティション — by the high bits, which every byte of the key has moved."""
    return (patient >> 24) % buckets


def _mixed(start: int, item: bytes) -> int:
    found = start
    for byte in item:
        found = (found ^ byte) * _PRIME & _ALL
    return (found ^ 0xFF) * _PRIME & _ALL
