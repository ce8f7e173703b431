# SPDX-License-Identifier: Apache-2.0
"""お試しのひと月 — 300 people billed, their receipts written, read again, and equal to the ledger to the yen; and earlier
months with something returned and something cut, agreed with the payment."""

from __future__ import annotations

from datetime import date

import pytest

pytestmark = pytest.mark.server
TODAY = date(2026, 11, 9)
MONTH = date(2026, 10, 1)


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.demo.prepare import ensure_demo

    return ensure_demo(today=TODAY)[0]


def test_earlier_months_show_a_return_a_cut_and_agree_to_the_yen(clinic):
    from tasuki_server.claims.models import PointChange, ReturnedClaim
    from tasuki_server.claims.reconcile import accounts
    from tasuki_server.claims.sending import open_returns
    from tasuki_server.institutions.work import Actor, as_institution

    with as_institution(clinic.id, Actor("試験")):
        found = accounts()
        assert {account.claim_month for account in found} == {date(2026, 9, 1), date(2026, 10, 1)}
        assert {account.state for account in found} == {"agrees"}
        assert PointChange.objects.filter(points__lt=0).count() >= 2
        assert ReturnedClaim.objects.count() > len(open_returns()) >= 1


def test_last_month_is_still_to_be_made(clinic):
    from tasuki_server.claims.making import newest_build
    from tasuki_server.institutions.work import Actor, as_institution

    with as_institution(clinic.id, Actor("試験")):
        assert newest_build(MONTH) is None


def test_the_demo_month_is_claimed_to_the_point_and_the_yen(clinic):
    from tasuki.claims.checks.run import check_file
    from tasuki.claims.reader import read
    from tasuki_server.billing.models import AccountEntry, Bill, EntryKind
    from tasuki_server.claims.compare import compare_with_ledger
    from tasuki_server.claims.gather import unbilled_visits
    from tasuki_server.claims.making import make_claims
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.work import Actor, as_institution

    with as_institution(clinic.id, Actor("試験")) as work:
        clerk = Staff.objects.get(name="医事 さとる")
        work.actor = Actor(clerk.name, clerk.id)
        build = make_claims(MONTH)
        bills = list(Bill.objects.current().filter(day__year=2026, day__month=10, charge__isnull=False))
        assert len({bill.patient_id for bill in bills}) == 300
        assert unbilled_visits(MONTH) == []
        assert not build.claims.filter(is_left_out=True).exists()
        files = list(build.files.order_by("payer"))
        read_again = [read(bytes(file.data), file.name) for file in files]
        assert [file.payer for file in files] == ["1", "2"]
        assert sum(len(each.receipts) for each in read_again) == build.receipt_count
        blocking = [
            found for each in read_again for found in check_file(each) if found.severity.value == "block"
        ]
        assert blocking == []
        billed = sum(bill.total_points for bill in bills)
        assert sum(file.total_points for file in files) == billed == build.total_points
        entries = AccountEntry.objects.filter(
            visit_id__in=[bill.visit_id for bill in bills],
            kind__in=[EntryKind.CHARGE, EntryKind.ADJUSTMENT],
        )
        charged = sum(entry.yen for entry in entries) - sum(bill.own_yen for bill in bills)
        assert charged == build.patient_yen
        assert compare_with_ledger(MONTH) == []


def test_its_receipts_owe_what_the_copayment_says(clinic):
    """支払額: what the payers owe, read from the receipt alone, is the fee less what the replayed copayment says."""
    from tasuki.claims.build import receipts_of
    from tasuki.claims.payable import payable_yen
    from tasuki_server.claims.gather import gather_month
    from tasuki_server.claims.payer_yen import owed_yen
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.masters_source import current_book

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
