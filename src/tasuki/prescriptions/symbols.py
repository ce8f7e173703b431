# SPDX-License-Identifier: Apache-2.0
"""２次元シンボルの分割と結合 — data over up to sixteen symbols linked by structured append, and back again.

Each symbol carries its place, how many there are, and the exclusive or of all bytes of the data: by it symbols of
another prescription are told apart.

Cite: JIS X 0510 構造的連接; JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.prescriptions import messages as _messages  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.prescriptions.records import Document

MOST_SYMBOLS = 16


class Symbol(NamedTuple):
    """２次元シンボル — place from 1, how many in all, parity of the whole data, and this part of it."""

    nth: int
    total: int
    parity: int
    data: bytes


def parity_of(data: bytes) -> int:
    """パリティ — the exclusive or of all bytes.

    >>> parity_of(b"AB"), parity_of(b"")
    (3, 0)
    """
    return reduce(xor, data, 0)


def split_symbols(data: bytes, capacity: int) -> tuple[Symbol, ...]:
    """２次元シンボルの分割 — parts of ``capacity`` bytes at most, as even as can be, one when all fits into it.

    Raises :class:`BadInput` when more than sixteen would be needed, ``ValueError`` for a capacity under one.

    >>> [part.data for part in split_symbols(b"abcdefg", 3)]
    [b'abc', b'de', b'fg']
    """
    if capacity < 1:
        raise ValueError("a symbol holds at least one byte")
    needed = max(1, -(-len(data) // capacity))
    if needed > MOST_SYMBOLS:
        _refuse("RX-S-04", needed=needed, limit=MOST_SYMBOLS)
    parity = parity_of(data)
    each, more = divmod(len(data), needed)
    parts: list[Symbol] = []
    at = 0
    for nth in range(1, needed + 1):
        size = each + (1 if nth <= more else 0)
        parts.append(Symbol(nth, needed, parity, data[at : at + size]))
        at += size
    return tuple(parts)


def join_symbols(symbols: Iterable[Symbol]) -> bytes:
    """２次元シンボルの結合 — in whatever order they were read, each once or again.

    Raises :class:`BadInput` when one is missing, one is of another prescription, or the parity does not agree.
    """
    found: dict[int, Symbol] = {}
    for symbol in symbols:
        first = next(iter(found.values()), symbol)
        if (symbol.total, symbol.parity) != (
            first.total,
            first.parity,
        ) or not 1 <= symbol.nth <= symbol.total:
            _refuse("RX-S-02")
        if found.setdefault(symbol.nth, symbol) != symbol:
            _refuse("RX-S-05", nth=symbol.nth)
    if not found:
        _refuse("RX-S-06")
    total = next(iter(found.values())).total
    if total > MOST_SYMBOLS:
        _refuse("RX-S-02")
    missing = [nth for nth in range(1, total + 1) if nth not in found]
    if missing:
        _refuse("RX-S-01", total=total, missing="、".join(str(nth) for nth in missing))
    data = b"".join(found[nth].data for nth in range(1, total + 1))
    if total > 1 and parity_of(data) != found[1].parity:
        _refuse("RX-S-03")
    return data


def order_parts(documents: Iterable[Document]) -> tuple[Document, ...]:
    """お薬手帳の分割データの並べ替え — parts of one notebook by 分割制御 (911), every one of them.

    Each part is a document of its own and stays one: which records a part repeats is not published.
    Raises :class:`BadInput` when one is missing or of other data.
    """
    found: dict[int, Document] = {}
    first: tuple[str, str] | None = None
    for document in documents:
        said = (document.value("911", "data_id"), document.value("911", "part_count"))
        nth = document.value("911", "part_nth")
        if not all(each.isascii() and each.isdecimal() and len(each) <= 14 for each in (*said, nth)):
            _refuse("RX-S-02")
        if said != (first := first or said):
            _refuse("RX-S-02")
        if found.setdefault(int(nth), document).records != document.records:
            _refuse("RX-S-05", nth=int(nth))
    if first is None:
        _refuse("RX-S-06")
    total = int(first[1])
    missing = [nth for nth in range(1, min(total, 999) + 1) if nth not in found]
    if missing or len(found) != total:
        _refuse("RX-S-01", total=total, missing="、".join(str(nth) for nth in missing[:20]))
    return tuple(found[nth] for nth in range(1, total + 1))


def _refuse(code: str, **facts: object) -> NoReturn:
    raise BadInput([Finding(code, Severity.BLOCK, Where(), f"prescription.symbol.{code}", facts)])
