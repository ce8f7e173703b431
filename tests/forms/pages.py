# SPDX-License-Identifier: Apache-2.0
"""Reads back what was printed."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def text(pdf: bytes) -> str:
    """All text without blanks: typesetting may put blanks anywhere."""
    return "".join("".join(page.extract_text() for page in reader(pdf).pages).split())


def sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    return [
        (round(float(p.mediabox.width) / 72 * 25.4), round(float(p.mediabox.height) / 72 * 25.4))
        for p in reader(pdf).pages
    ]


def squeezed(words: str) -> str:
    return "".join(words.split())
