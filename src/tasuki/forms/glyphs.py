# SPDX-License-Identifier: Apache-2.0
"""字形 — which characters a font file can draw, read from its cmap table.

A character without a glyph would print as an empty box. On a name or a drug that is worse than an
error, so the forms ask first. Only the three subtable formats that Japanese fonts use are read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

# Tab, line ends, soft hyphen, zero-width space, non-joiner, joiner, line separator, byte order mark.
_LAYOUT = frozenset("\t\n\r\u00ad\u200b\u200c\u200d\u2028\ufeff")


@dataclass(frozen=True, slots=True)
class Repertoire:
    """字種 — code points with a glyph, and (base, selector) pairs a font draws in a form of their own."""

    characters: frozenset[int]
    variations: frozenset[tuple[int, int]]

    def __or__(self, other: Repertoire) -> Repertoire:
        return Repertoire(self.characters | other.characters, self.variations | other.variations)

    def missing(self, text: str) -> tuple[str, ...]:
        """字形なし — the characters of a text that cannot be drawn, each once, in order of appearance.

        A variation selector the font does not know is not missing: the base character is drawn in its
        ordinary form. Line ends, tabs and joiners are layout and need no glyph.
        """
        return tuple(
            dict.fromkeys(
                c for c in text if ord(c) not in self.characters and c not in _LAYOUT and not is_selector(c)
            )
        )


def is_selector(character: str) -> bool:
    """異体字セレクタ — a variation selector (VS1-VS256), which has no glyph of its own.

    >>> is_selector("\\U000E0100"), is_selector("葛")
    (True, False)
    """
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def repertoire_of(font: bytes) -> Repertoire:
    """字種 — of one font file (of the first face of a collection).

    Raises ``ValueError`` when the bytes are no OpenType font.
    """
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    count = struct.unpack_from(">H", font, start + 4)[0]
    for index in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * index)
        if tag == b"cmap":
            return _read_cmap(font, offset)
    raise ValueError("not an OpenType font: it has no cmap table")


def _read_cmap(font: bytes, cmap: int) -> Repertoire:
    characters: set[int] = set()
    variations: set[tuple[int, int]] = set()
    for index in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * index)
        table = cmap + offset
        layout = struct.unpack_from(">H", font, table)[0]
        is_unicode = platform == 0 or (platform == 3 and encoding in (1, 10))
        if layout == 14:
            variations |= _read_variations(font, table)
        elif is_unicode and layout == 12:
            characters |= _read_segments_32(font, table)
        elif is_unicode and layout == 4:
            characters |= _read_segments_16(font, table)
    return Repertoire(frozenset(characters), frozenset(variations))


def _read_segments_32(font: bytes, table: int) -> set[int]:
    found: set[int] = set()
    for group in range(struct.unpack_from(">I", font, table + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, table + 16 + 12 * group)
        found.update(range(first + (glyph == 0), last + 1))
    return found


def _read_segments_16(font: bytes, table: int) -> set[int]:
    segments = struct.unpack_from(">H", font, table + 6)[0] // 2
    ends, starts = table + 14, table + 16 + 2 * segments
    found: set[int] = set()
    for index in range(segments):
        last = struct.unpack_from(">H", font, ends + 2 * index)[0]
        first = struct.unpack_from(">H", font, starts + 2 * index)[0]
        found.update(range(first, last + 1) if first != 0xFFFF else ())
    return found


def _read_variations(font: bytes, table: int) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for index in range(struct.unpack_from(">I", font, table + 6)[0]):
        record = table + 10 + 11 * index
        selector = int.from_bytes(font[record : record + 3], "big")
        plain, special = struct.unpack_from(">II", font, record + 3)
        if plain:
            for n in range(struct.unpack_from(">I", font, table + plain)[0]):
                at = table + plain + 4 + 4 * n
                base = int.from_bytes(font[at : at + 3], "big")
                found.update((base + extra, selector) for extra in range(font[at + 3] + 1))
        if special:
            for n in range(struct.unpack_from(">I", font, table + special)[0]):
                at = table + special + 4 + 5 * n
                found.add((int.from_bytes(font[at : at + 3], "big"), selector))
    return found
