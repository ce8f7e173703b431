# SPDX-License-Identifier: Apache-2.0
"""指摘と作り直し — only what changed is checked again; findings are accepted, rules muted, receipts held, with reasons."""

from __future__ import annotations

from datetime import date

import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server
LATER = date(2026, 12, 1)


@pytest.fixture(scope="module")
def month(server):
    from tasuki_server.claims.making import make_claims

    visits = live_a_month(server.first)
    with server.first.work("clerk"):
        make_claims(MONTH)
    return visits


def test_only_the_receipts_that_changed_are_made_again(server, month):
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.making import make_claims, newest_build

    with server.first.work("clerk"):
        before = newest_build(MONTH)
        same = make_claims(MONTH)
        assert (same.receipt_count, same.reused_count) == (10, 10)
        assert [bytes(each.data) for each in same.files.order_by("payer")] == [
            bytes(each.data) for each in before.files.order_by("payer")
        ]
        settle_bill(month[0], read_version=1, reason="診断書", own_items=[OwnItem("診断書", 3300)])
        changed = make_claims(MONTH)
        assert changed.reused_count == 9
        assert [each.patient_id for each in changed.claims.filter(is_reused=False)] == [month[0].patient_id]
        assert make_claims(MONTH, is_whole=True).reused_count == 0
