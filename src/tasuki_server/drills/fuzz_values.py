# SPDX-License-Identifier: Apache-2.0
"""でたらめな値 — what a browser never sends by itself, and bytes that were a file once."""

from __future__ import annotations

import random

HOSTILE = (
    "", " ", "\0", "a\0b", "-1", "0", "1" * 5_000, "1e309", "NaN", "-0", "９９", "٣", "1,000", "0001-01-01", "9999-12-31", "0001-01", "9999-12",
    "2026-13-45", "2026-02-30", "令和99年", "H0.0.0", "<script>alert(1)</script>", "'; DROP TABLE patients_patient; --",
    "${7*7}{{7*7}}", "../../../etc/passwd", "\\..\\windows", "%00%ff", "𠮷野家", "\u202e逆", "ｶﾞｷﾞ", "a" * 20_000, "\r\nX-Y: 1",
    "null", "true", "[]", "{}", '{"a":' * 60 + "1" + "}" * 60, "00000000-0000-7000-8000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", "01a2276c-96cf-70fd-a482-80997", "set:nothing", "99999999999999999999",
    "2147483648", "-9223372036854775809", "1.0000000000000001", "0x10", "１２３４", "\ud7ff", "\ufeffx", "\U0010ffff",
)  # fmt: skip
RAW = (b"\xff\xfe\x00", b"\x80" * 50, b"\0" * 300, b"\x1b$B", b"SI", b",", b"\r\n", b'"', b"\x1a")


def hostile(chosen: random.Random) -> str:
    """でたらめな値 — one of the list, or letters of any plane."""
    if chosen.random() < 0.8:
        return chosen.choice(HOSTILE)
    return "".join(chr(_letter(chosen)) for _ in range(chosen.randrange(1, 60)))


def _letter(chosen: random.Random) -> int:
    code = chosen.choice(
        (chosen.randrange(0x80), chosen.randrange(0x3000, 0xA000), chosen.randrange(0x110000))
    )
    return 0x3042 if 0xD800 <= code < 0xE000 else code


def broken(data: bytes, chosen: random.Random) -> bytes:
    """壊れた内容 — a few of: bytes turned, cut, doubled, moved, or replaced by what confuses readers."""
    for _ in range(chosen.randrange(1, 6)):
        at = chosen.randrange(len(data) + 1)
        to = min(len(data), at + chosen.choice((1, 1, 3, 20, 400)))
        data = chosen.choice((
            data[:at] + chosen.randbytes(1) + data[at + 1 :],
            data[:at],
            data[:at] + data[to:],
            data[:to] + data[at:],
            data[:at] + chosen.choice(RAW) + data[at:],
            data[:at] + str(chosen.choice((-1, 0, 10**6, 10**30))).encode() + data[to:],
            data[to:] + data[:at],
        ))  # fmt: skip
    return data
