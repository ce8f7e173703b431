# SPDX-License-Identifier: Apache-2.0
"""明細書の印刷 — receipts as sheets of 様式第二 in one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from tasuki.forms import render


def print_receipts(views: Sequence[dict[str, Any]]) -> bytes:
    """明細書の印刷 — one PDF of every receipt's sheets, in the order given."""
    sheets = [render("claim_receipt", view) for view in views]
    if len(sheets) == 1:
        return sheets[0]
    return _joined(sheets)


def _joined(sheets: Sequence[bytes]) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for sheet in sheets:
        writer.append(BytesIO(sheet))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
