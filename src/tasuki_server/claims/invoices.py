# SPDX-License-Identifier: Apache-2.0
"""請求書の内容 — the invoice and the 総括表 of a claim file, with this institution as who claims."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tasuki.claims.invoice import invoices_by_insurer, social_invoice
from tasuki.claims.reader import read
from tasuki_server.claims.models import ClaimFile
from tasuki_server.documents.parties import issuer_of
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.reception.clock import today

SOCIAL = "1"


def invoice_of(file: ClaimFile) -> tuple[str, dict[str, Any]]:
    """診療報酬請求書 — the form of the file's payer and what it says, dated today."""
    made = read(bytes(file.data), file.name)
    institution = Institution.objects.get()
    count = social_invoice if file.payer == SOCIAL else invoices_by_insurer
    counted = count(
        made.receipts,
        made.institution,
        current_book(),
        claimed_on=today(),
        opener=institution.director,
    )
    return ("social_invoice" if file.payer == SOCIAL else "payer_invoices"), counted | {
        "issuer": asdict(issuer_of(institution))
    }
