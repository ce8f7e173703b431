# SPDX-License-Identifier: Apache-2.0
"""How much ink lies where on a sheet, coarsely: robust against hinting, deaf to nothing that matters."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise


def grid_of(png: bytes, columns: int, rows: int) -> list[str]:
    """One digit a cell, 0 (paper) to 9 (more than a third black)."""
    width, height, grey = _grey(png)
    xs = [width * n // columns for n in range(columns + 1)]
    ys = [height * n // rows for n in range(rows + 1)]
    lines = []
    for top, bottom in pairwise(ys):
        cells = []
        for left, right in pairwise(xs):
            dark = sum(255 - v for y in range(top, bottom) for v in grey[y][left:right])
            share = dark / (255 * (bottom - top) * (right - left))
            cells.append(str(min(9, int(share * 27))))
        lines.append("".join(cells))
    return lines


def distance(one: list[str], other: list[str]) -> float:
    """The share of cells that differ by more than one step."""
    pairs = [(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)]
    return sum(abs(int(a) - int(b)) > 1 for a, b in pairs) / len(pairs)


def _grey(png: bytes) -> tuple[int, int, list[list[int]]]:
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 6), "typst writes RGBA of eight bits"
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    raw, stride = zlib.decompress(data), 4 * width
    before = bytearray(stride)
    rows = []
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for i in range(stride):
            left = line[i - 4] if i >= 4 else 0
            up, corner = before[i], before[i - 4] if i >= 4 else 0
            line[i] = (line[i] + _guess(kind, left, up, corner)) & 255
        rows.append(list(line[1::4]))
        before = line
    return width, height, rows


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    estimate = left + up - corner
    return min((left, up, corner), key=lambda v: abs(estimate - v))
