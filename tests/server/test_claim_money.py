# SPDX-License-Identifier: Apache-2.0
"""返戻の結付けと減点の返金 — a person decides, with a reason, and both ledgers say so to the yen."""

from __future__ import annotations

from datetime import date

import pytest

from living_month import MONTH, live_a_month
from server.test_claim_cycle import accept_all, send_all

pytestmark = pytest.mark.server
CLAIM_MONTH = date(2026, 10, 1)


@pytest.fixture(scope="module")
def sent(server):
    """A month that was sent and taken; nothing came back yet."""
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims

    live_a_month(server.first)
    with server.first.work("clerk"):
        close_service_month(make_claims(MONTH))
    accept_all(server.first)
    return send_all(server.first, CLAIM_MONTH)


def _take(clinic, kind, data, name, payer="1"):
    from tasuki_server.claims.carriers import Found
    from tasuki_server.claims.results import take_result

    with clinic.work("clerk"):
        return take_result(Found(kind, payer, "2026-10", name, "", data))


def _return_of(one, *, chart_number):
    """The file of a return whose chart number is not the one we sent."""
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.result_files import ReturnedReceipt, ReturnReason, history_of, write_returns

    first, *rest = one.claim.receipt().records
    values = list(first.values)
    values[13], values[1] = chart_number, "999999"
    receipt = Receipt([replace_record(first, values), *rest])
    reason = ReturnReason(first_month(), "2", "", "", "病名を確認してください。")
    search = "1" * 20
    returned = ReturnedReceipt(receipt, (reason,), search, history_of(search, "ABC"))
    return write_returns("1", ("13", "1234567", "架空"), [returned])


def replace_record(record, values):
    return record._replace(values=tuple(values))


def first_month():
    from tasuki.claims.item_values import Month

    return Month(2026, 10)


def test_a_return_that_matches_nothing_is_bound_by_hand(server, sent):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.binding import bind_return, candidates, is_unbound
    from tasuki_server.claims.models import PayerEntry, ReturnedClaim, SentClaim
    from tasuki_server.claims.reclaim import Reclaim, prepare_reclaim
    from tasuki_server.claims.sending import open_returns

    clinic = server.first
    with clinic.work("clerk"):
        mine, other = list(
            SentClaim.objects.filter(submission__payer="1").select_related("claim", "patient")[:2]
        )
        data = _return_of(mine, chart_number="99999999")
    _take(clinic, "returns", data, "RECEIPTC.HEN")
    with clinic.work("clerk"):
        row = ReturnedClaim.objects.select_related("file").get(search_number="1" * 20)
        assert row.sent is None and is_unbound(row) and row.yen == 0
        assert row.id in {each.id for each in open_returns()}
        found = candidates(row, "")
        assert found[0]["sent"].id == mine.id
        assert {"氏名", "生年月日", "点数"} <= set(found[0]["signs"])
        assert [each["sent"].id for each in candidates(row, str(other.patient.number))] == [other.id]
        abroad = SentClaim.objects.filter(submission__payer="2").select_related("submission").first()
        for wrong, why, code in ((mine, " ", "CLM-0024"), (abroad, "これ", "CLM-0026")):
            with pytest.raises(BadInput) as refused:
                bind_return(row, wrong, why)
            assert refused.value.findings[0].code == code
        before = sum(each.yen for each in PayerEntry.objects.filter(payer="1"))
        count = PayerEntry.objects.filter(payer="1", kind="returned").count()
    browser = clinic.browser("clerk")
    assert "どのレセプトの返戻か分からない" in browser.get("/claims/returns/").content.decode()
    address = f"/claims/returns/{row.id}/"
    assert f"{address}bind/" in browser.get(address).content.decode()
    page = browser.get(f"{address}bind/?q={mine.patient.number}").content.decode()
    assert mine.patient.name in page and other.patient.name not in page
    assert browser.post(f"{address}bound/", {"sent": str(mine.id), "why": ""}).status_code == 422
    assert (
        browser.post(f"{address}bound/", {"sent": str(mine.id), "why": "氏名と点数が同じ"}).status_code == 302
    )
    assert browser.get(f"{address}bind/").status_code == 404
    with clinic.work("clerk"):
        (bound,) = row.bound.all()
        assert (bound.sent_id, bound.patient_id, bound.yen) == (mine.id, mine.patient_id, mine.owed_yen)
        assert bytes(bound.history) == bytes(row.history)
        assert [each.id for each in open_returns() if each.search_number == row.search_number] == [bound.id]
        assert sum(each.yen for each in PayerEntry.objects.filter(payer="1")) == before - mine.owed_yen
        entries = PayerEntry.objects.filter(payer="1", kind="returned")
        assert entries.count() == count + 1 and sum(each.count for each in entries) == 1
        with pytest.raises(BadInput) as refused:
            bind_return(row, other, "もう一度")
        assert refused.value.findings[0].code == "CLM-0025"
        assert isinstance(prepare_reclaim(open_returns()[0], date(2026, 11, 1)), Reclaim)
    assert "結び付けました" in browser.get(f"/claims/returns/{bound.id}/").content.decode()
    assert clinic.browser("doctor").get(f"{address}bind/").status_code == 403


def _cut(clinic, one, section, points, *, number=None):
    """A notice of a cut on a receipt we sent."""
    from tasuki.claims.item_values import Month
    from tasuki.claims.result_files import PointChange, write_points

    change = PointChange(
        service_month=Month(2026, 9), number=one.number, patient_name=one.patient.name,
        chart_number=str(one.patient.number), section=section, law_code="", points=points, reasons="B",
        claimed="架空の検査", corrected="算定なし", search_number="",
    )  # fmt: skip
    payer = one.submission.payer
    _take(clinic, "points", write_points(payer, Month(2026, 10), [change]), f"zogn{number}.csv", payer)


def test_a_cut_is_proposed_as_a_credit_and_never_made_by_itself(server, sent):
    from tasuki.calculation.copayment import close_month
    from tasuki_server.billing.draft import replay_bills
    from tasuki_server.billing.models import AccountEntry, Bill
    from tasuki_server.billing.settle import balance_yen
    from tasuki_server.claims.compare import compare_with_ledger
    from tasuki_server.claims.cut_refunds import open_refunds
    from tasuki_server.claims.models import SentClaim

    clinic = server.first
    with clinic.work("clerk"):
        one = next(
            each
            for each in SentClaim.objects.select_related("patient", "claim", "submission")
            if not each.returns.exists() and each.claim.patient_yen > 1000 and each.claim.day_count == 1
        )
        bill = Bill.objects.current().get(patient=one.patient)
        unit = next(each for each in bill.calculated().units if each.section == "60" and each.points)
        ledger, _ = replay_bills([bill])
        share = close_month(ledger).receipts[0]
        rows = AccountEntry.objects.count()
        balance = balance_yen(one.patient)
    _cut(clinic, one, "60", -unit.total_points)
    with clinic.work("clerk"):
        (proposal,) = open_refunds()
        assert AccountEntry.objects.count() == rows, "a cut alone moves no patient's account"
        less = (share.points - unit.total_points) * 10 * bill.charge["share_percent"]
        # 一部負担金 is rounded to ten yen: half up.
        expected = bill.patient_yen - (less + 500) // 1000 * 10
        assert proposal.exact_yen == expected > 0
        assert [each.id for each in proposal.visits] == [bill.visit_id]
    browser = clinic.browser("clerk")
    page = browser.get("/claims/refunds/").content.decode()
    assert one.patient.name in page and f"<b>{expected:,}円</b>" in page
    form = {"points": str(proposal.points), "visit": str(bill.visit_id), "act": "refund"}
    address = f"/claims/refunds/{one.id}/"
    for wrong in ({"yen": "", "why": "査定"}, {"yen": "99999999", "why": "査定"}, {"yen": "10", "why": ""}):
        assert browser.post(address, {**form, **wrong}).status_code == 422
    stale = {**form, "points": "-1", "yen": str(expected), "why": "査定"}
    assert browser.post(address, stale).status_code == 422
    assert browser.post(address, {**form, "yen": str(expected), "why": "患者に説明した"}).status_code == 302
    with clinic.work("clerk"):
        assert open_refunds() == []
        entry = AccountEntry.objects.get(kind="assessed")
        assert (entry.yen, entry.visit_id) == (-expected, bill.visit_id)
        assert balance_yen(one.patient) == balance - expected
        assert compare_with_ledger(MONTH) == [], "receipts and bills stay as they were claimed"
    page = browser.get(f"/billing/visit/{bill.visit_id}").content.decode()
    assert f"査定減額 {expected:,}円が入っています" in page and "二重に返す" in page
    assert "患者に説明した" in browser.get("/claims/refunds/").content.decode()


def test_a_cut_that_could_be_of_several_visits_offers_each(server, sent):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.cut_refunds import decide_refund, open_refunds
    from tasuki_server.claims.models import CutRefund, SentClaim

    clinic = server.first
    with clinic.work("clerk"):
        one = next(
            each
            for each in SentClaim.objects.select_related("patient", "claim", "submission")
            if not each.returns.exists() and each.claim.patient_yen > 1000 and each.claim.day_count == 2
        )
    _cut(clinic, one, "60", -21, number=1)
    with clinic.work("clerk"):
        (proposal,) = open_refunds()
        assert len(proposal.visits) == 2 and proposal.amounts and min(proposal.amounts) >= 0
        with pytest.raises(BadInput) as refused:
            decide_refund(proposal, None, 60, "査定", date(2026, 11, 1))
        assert refused.value.findings[0].code == "CLM-0032"
        decide_refund(proposal, proposal.visits[1], max(proposal.amounts), "査定", date(2026, 11, 1))
        assert CutRefund.objects.get(sent=one).entry.visit_id == proposal.visits[1].id
        assert open_refunds() == []


def test_a_cut_of_something_unknown_asks_for_the_amount(server, sent):
    from tasuki_server.billing.models import AccountEntry
    from tasuki_server.claims.cut_refunds import open_refunds
    from tasuki_server.claims.models import CutRefund, SentClaim

    clinic = server.first
    with clinic.work("clerk"):
        decided = set(CutRefund.objects.values_list("sent_id", flat=True))
        one = next(
            each
            for each in SentClaim.objects.select_related("patient", "claim", "submission")
            if not each.returns.exists() and each.claim.patient_yen > 1000 and each.id not in decided
        )
        rows = AccountEntry.objects.count()
    _cut(clinic, one, "70", -100, number=2)
    with clinic.work("clerk"):
        (proposal,) = open_refunds()
        assert proposal.amounts == () and proposal.exact_yen is None
    browser = clinic.browser("clerk")
    assert "計算できません" in browser.get("/claims/refunds/").content.decode()
    form = {"points": "-100", "act": "leave", "why": "患者の申出がない"}
    assert browser.post(f"/claims/refunds/{one.id}/", form).status_code == 302
    with clinic.work("clerk"):
        assert open_refunds() == [] and AccountEntry.objects.count() == rows
        assert CutRefund.objects.get(sent=one).yen == 0
