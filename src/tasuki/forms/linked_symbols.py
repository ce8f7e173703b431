# SPDX-License-Identifier: Apache-2.0
"""連結した２次元シンボル — the data of a prescription as one QR code, or as several linked by structured append.

Each of several says its place, how many there are and the parity of the whole, so that a scanner puts them together
in whatever order they are read.

Cite: JIS X 0510 モデル2・構造的連接; JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, NamedTuple

# Bytes that a QR code of a version holds at level M, one of several twenty bits less (with those to spare, two bytes): JIS X 0510 表7.
CAPACITIES = {16: 450, 25: 997}
_HEADER = 2
MOST_SYMBOLS = 16


class DrawnSymbol(NamedTuple):
    """２次元シンボルの図 — SVG, and its side in modules with the quiet zone of four on each side."""

    svg: str
    side: int


def symbols_needed(size: int, version: int) -> int:
    """２次元シンボルの個数 — how many codes of at most ``version`` hold ``size`` bytes.

    >>> [symbols_needed(size, 16) for size in (1, 450, 451, 896, 897)]
    [1, 1, 2, 2, 3]
    """
    capacity = CAPACITIES[version]
    return 1 if size <= capacity else -(-size // (capacity - _HEADER))


def most_bytes(version: int) -> int:
    """連結した２次元シンボルの容量 — what sixteen codes of at most ``version`` hold together."""
    return MOST_SYMBOLS * (CAPACITIES[version] - _HEADER)


def draw_symbols(data: bytes, count: int) -> tuple[DrawnSymbol, ...]:
    """２次元シンボルの描画 — ``data`` over ``count`` codes, byte mode, error correction M."""
    import segno

    if count == 1:
        codes = [segno.make_qr(data, error="m", mode="byte")]
    else:
        codes = list(segno.make_sequence(data, error="m", mode="byte", symbol_count=count))
    return tuple(_drawn(code) for code in codes)


def _drawn(code: Any) -> DrawnSymbol:
    made = BytesIO()
    code.save(made, kind="svg", border=4, scale=1)
    return DrawnSymbol(made.getvalue().decode("ascii"), code.symbol_size(border=4)[0])
