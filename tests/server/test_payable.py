# SPDX-License-Identifier: Apache-2.0
"""支払額 — what the payers owe, read from the receipt alone, equals the fee less what the replayed copayment says."""

from __future__ import annotations

from datetime import date

import pytest

pytestmark = pytest.mark.server
MONTH = date(2026, 10, 1)


def test_the_receipts_of_the_demo_month_owe_what_the_copayment_says(server):
    from tasuki.claims.build import receipts_of
    from tasuki.claims.payable import payable_yen
    from tasuki_server.claims.gather import gather_month
    from tasuki_server.claims.payer_yen import owed_yen
    from tasuki_server.demo.prepare import ensure_demo
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.masters_source import current_book

    clinic = ensure_demo(today=date(2026, 11, 9))[0]
    with as_institution(clinic.id, Actor("試験")):
        gathered = gather_month(MONTH)
    wrong = []
    count = 0
    for patient in gathered.input.patients:
        months = {each.receipt: each for each in patient.copayment.receipts}
        for built in receipts_of(gathered.input, patient, current_book(), []):
            count += 1
            owed, read = owed_yen(months[built.key]), payable_yen(built.receipt)
            if owed != read:
                wrong.append((patient.chart_number, built.receipt.header.receipt_type, owed, read))
    assert count == 300
    assert wrong == []
