# SPDX-License-Identifier: Apache-2.0
"""お試しの過去の請求 — earlier months with something returned and something cut, agreed with the payment to the yen."""

from __future__ import annotations

from datetime import date

import pytest

pytestmark = pytest.mark.server
TODAY = date(2026, 11, 9)


@pytest.fixture(scope="module")
def clinic(server):
    import os

    os.environ["TASUKI_DEMO_PEOPLE"] = "20"
    from tasuki_server.demo.prepare import ensure_demo

    yield ensure_demo(today=TODAY)[0]
    os.environ.pop("TASUKI_DEMO_PEOPLE")


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
        assert newest_build(date(2026, 10, 1)) is None
