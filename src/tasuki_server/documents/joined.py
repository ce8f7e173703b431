# SPDX-License-Identifier: Apache-2.0
"""PDFの結合 — sheets that are handed over together, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO


def joined(sheets: Sequence[bytes]) -> bytes:
    """PDFの結合 — a single sheet stays as it was set, as PDF/A."""
    if len(sheets) == 1:
        return sheets[0]
    from pypdf import PdfWriter

    writer = PdfWriter()
    for sheet in sheets:
        writer.append(BytesIO(sheet))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
