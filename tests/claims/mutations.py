# SPDX-License-Identifier: Apache-2.0
"""Files some steps away from a made-up one: items, lines, bytes, line ends and encodings changed by chance."""

from __future__ import annotations

import random
from functools import cache

from claims import invented_file as made
from claims.other_files import DENTAL, DISPENSING, DPC, NURSING, result_files, returned_file

_ITEMS = (
    b"", b"0", b"-1", b"9" * 400, b"1.5", b"1e9", b"99999999", b"20260231", b"5080632", b"\x81", b"\xff\xfe",
    b"\x82\xa0" * 50, b"\x00", b"\x1a", b'"', b"RE", "①髙".encode("cp932"), "漢".encode(), b"\xef\xbb\xbf", b"00",
    b" 1", b"202613", b"50813", b"0" * 40, b"1" * 20, "１２".encode("cp932"), b"HR", b"MN", b"-0", b"+5",
    "¥-12".encode("cp932", "replace"), b"\\5", b"51299", b"99991231",
)  # fmt: skip
# Of a hundred inputs; 医科 is what most files are.
_SHARES = {
    "medical": 40, "dental": 10, "dispensing": 12, "dpc": 4, "nursing": 4, "returned": 15, "points": 6, "acceptance": 4,
    "payment": 5,
}  # fmt: skip
KINDS = tuple(_SHARES)


@cache
def seeds_of(kind: str) -> tuple[tuple[bytes, ...], ...]:
    """The lines of the made-up files of a kind, without line ends."""
    if kind == "medical":
        file = made.file()
        around = [
            tuple(r.raw.rstrip() for r in (*file.before, *one.records, *file.after)) for one in file.receipts
        ]
        return (*around, *around, *around, tuple(made.data()[:-1].splitlines()))
    if kind == "returned":
        one = returned_file()
        donor = made.file().receipts[-1]
        back = (b"HI,1,13,1,9999991", *(r.raw.rstrip() for r in donor.records), b"HG,1,1700")
        return (_lines(one), _lines(returned_file(number="")), back)
    found = {"dental": DENTAL, "dispensing": DISPENSING, "dpc": DPC, "nursing": NURSING} | result_files()
    return (_lines(found[kind]),)


def _lines(data: bytes) -> tuple[bytes, ...]:
    return tuple(data.removesuffix(b"\x1a").replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n"))


def chosen_kind(chance: random.Random) -> str:
    """A kind by its share."""
    return chance.choices(KINDS, tuple(_SHARES.values()))[0]


def mutate(chance: random.Random, kind: str) -> bytes:
    """One input: some to many steps away from a made-up file of the kind."""
    seeds = seeds_of(kind)
    lines = list(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        _step(chance, lines, seeds[0] if chance.random() < 0.8 else seeds_of("medical")[0])
    ends = (b"\r\n",) * 6 + (b"\n", b"\r", b"\r\r\n")
    data = chance.choice(ends).join([*lines, b""] if chance.random() < 0.9 else lines)
    if chance.random() < 0.2:
        raw = bytearray(data)
        for _ in range(chance.randrange(1, 9)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        data = bytes(raw)
    if chance.random() < 0.05:
        data = data[: chance.randrange(len(data) + 1)]
    if chance.random() < 0.02:
        data = data.decode("cp932", "replace").encode()
    mark = b"\xef\xbb\xbf" if chance.random() < 0.05 else b""
    tail = b"" if kind in ("points", "acceptance", "payment") else b"\x1a"
    return mark + data + chance.choice((tail, tail, tail, b"", b"\x1a\r\n", b"\x1a\x1a\x00"))


def _step(chance: random.Random, lines: list[bytes], others: tuple[bytes, ...]) -> None:
    at = chance.randrange(len(lines)) if lines else 0
    step = chance.randrange(12)
    if not lines or step == 0:
        lines.insert(at, chance.choice(others))
    elif step == 1:
        del lines[at]
    elif step == 2:
        lines[at] = lines[chance.randrange(len(lines))]
    elif step == 3:
        lines[at : at + 1] = [lines[at]] * chance.choice((2, 2, 5, 40))
    elif step == 4:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif step == 5:
        lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    else:
        items = lines[at].split(b",")
        where = chance.randrange(len(items))
        if step == 6:
            items[where : where + 1] = chance.choice(([], [b"", b""], items[where : where + 1] * 60))
        elif step == 7:
            items[where] = items[where][: chance.randrange(len(items[where]) + 1)]
        else:
            items[where] = chance.choice(_ITEMS)
        lines[at] = b",".join(items)
