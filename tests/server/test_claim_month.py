# SPDX-License-Identifier: Apache-2.0
"""請求月 — made-up patients of every kind of payer: files that read back to the bills, to the point and the yen."""

from __future__ import annotations

import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def month(server):
    return live_a_month(server.first)


@pytest.fixture
def build(server, month):
    from tasuki_server.claims.making import make_claims, newest_build

    with server.first.work("clerk"):
        return newest_build(MONTH) or make_claims(MONTH)


def test_the_files_read_back_to_the_bills_to_the_point_and_the_yen(server, build):
    from tasuki.claims.checks.run import check_file
    from tasuki.claims.reader import read
    from tasuki_server.billing.models import AccountEntry, Bill
    from tasuki_server.claims.compare import compare_with_ledger

    with server.first.work("clerk"):
        files = {file.payer: read(bytes(file.data), file.name) for file in build.files.all()}
        assert set(files) == {"1", "2"}
        assert sum(len(file.receipts) for file in files.values()) == 10
        assert not any(each.severity == "block" for file in files.values() for each in file.findings)
        assert not any(each.severity == "block" for file in files.values() for each in check_file(file))
        bills = list(Bill.objects.current().filter(day__year=2026, day__month=9))
        assert len(bills) == 19
        billed = sum(bill.total_points for bill in bills)
        assert sum(file.total_points for file in build.files.all()) == billed == build.total_points
        charged = AccountEntry.objects.filter(visit__day__month=9, kind__in=["charge", "adjustment"])
        assert sum(entry.yen for entry in charged) == build.patient_yen
        assert compare_with_ledger(MONTH) == []


def test_every_receipt_shows_its_findings_apart_and_its_sheet(server, build):
    browser = server.first.browser("clerk")
    with server.first.work("clerk"):
        claims = list(build.claims.all())
    for claim in claims:
        page = browser.get(f"/claims/{claim.id}/").content.decode()
        assert page.index("提出不可") < page.index("要確認") < page.index("参考")
    sheet = browser.get(f"/claims/{claim.id}/sheet.pdf")
    assert sheet.content.startswith(b"%PDF") and sheet["Content-Type"] == "application/pdf"
    assert b"<svg" in browser.get(f"/claims/{claim.id}/sheet.svg").content


def test_the_download_is_named_for_the_payer_and_noted(server, build):
    from tasuki_server.audit.models import AuditEvent

    with server.first.work("clerk"):
        file = build.files.first()
    answer = server.first.browser("clerk").get(f"/claims/files/{file.id}/")
    assert answer["Content-Disposition"] == 'attachment; filename="RECEIPTC.UKE"'
    assert answer.content == bytes(file.data)
    with server.first.work("clerk"):
        assert AuditEvent.objects.filter(action="claims.export", subject_id=str(file.id)).exists()
    assert server.first.browser("doctor").get(f"/claims/files/{file.id}/").status_code == 403


def test_the_invoices_count_what_the_files_state(server, build):
    from tasuki_server.claims.invoices import invoice_of

    with server.first.work("clerk"):
        made = {file.payer: (file, invoice_of(file)) for file in build.files.all()}
    file, (form, social) = made["1"]
    assert form == "social_invoice"
    lines = [one["amounts"] for one in (*social["insured"], *social["programmes"])]
    assert sum(one["receipts"] for one in lines) == file.payer_count
    file, (form, national) = made["2"]
    assert form == "payer_invoices"
    rows = [one["amounts"] for each in national["invoices"] for one in each["rows"]]
    laws = [one["amounts"] for each in national["invoices"] for one in each["programmes"]]
    assert sum(one["receipts"] for one in (*rows, *laws)) == file.payer_count
    assert sum(one["points"] for one in rows) == file.total_points
    assert social["uncounted"] == national["uncounted"] == []


def test_the_invoice_and_the_totals_are_beside_the_files(server, build):
    browser = server.first.browser("clerk")
    with server.first.work("clerk"):
        files = {file.payer: file for file in build.files.all()}
    page = browser.get("/claims/?month=2026-09").content.decode()
    assert page.count("invoice.pdf") == 3
    for payer, form in (("1", ""), ("2", ""), ("2", "?form=totals")):
        address = f"/claims/files/{files[payer].id}/invoice.pdf{form}"
        answer = browser.get(address)
        assert answer.content.startswith(b"%PDF")
        assert answer["Content-Type"] == "application/pdf"
        assert server.first.browser("doctor").get(address).status_code == 403
    assert "claim-totals-2026-09" in answer["Content-Disposition"]


def test_an_invoice_that_would_be_short_says_why_on_the_page_of_the_month(server, build, monkeypatch):
    from tasuki_server.claims import views

    def short(file):
        return "social_invoice", {
            "month": "2026-09-01",
            "issuer": {"name": "", "address": ""},
            "uncounted": ["3"],
        }

    monkeypatch.setattr(views, "invoice_of", short)
    with server.first.work("clerk"):
        file = build.files.first()
    answer = server.first.browser("clerk").get(f"/claims/files/{file.id}/invoice.pdf")
    assert answer.status_code == 422
    assert "3番" in answer.content.decode()


def test_an_account_that_does_not_agree_is_named_and_stops_the_closing(server, month):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.billing.models import AccountEntry
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims

    with pytest.raises(_Undo), server.first.work("clerk"):
        visit = month[0]
        staff = server.first.staff["clerk"]
        AccountEntry.objects.create(
            patient=visit.patient, visit=visit, day=visit.day, kind="charge", yen=10, made_by=staff
        )
        made = make_claims(MONTH)
        (difference,) = made.differences
        assert (difference["what"], difference["recorded"] - difference["claimed"]) == ("患者負担額", 10)
        with pytest.raises(BadInput) as refused:
            close_service_month(made)
        assert refused.value.findings[0].code == "CLM-0002"
        raise _Undo


class _Undo(Exception):
    """Rolls a test's transaction back."""


def test_a_closed_month_refuses_bills_until_it_is_opened_with_a_reason(server, month, build):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.settle import ClosedMonth, settle_bill
    from tasuki_server.claims.closing import close_service_month, is_closed, reopen_month
    from tasuki_server.claims.making import make_claims

    with server.first.work("clerk"):
        visit, item = month[0], [OwnItem("診断書", 3300)]
        close_service_month(build)
        with pytest.raises(ClosedMonth):
            settle_bill(visit, read_version=1, reason="診断書", own_items=item)
        with pytest.raises(ClosedMonth):
            make_claims(MONTH)
        with pytest.raises(BadInput):
            close_service_month(build)
        with pytest.raises(BadInput):
            reopen_month(MONTH, "  ")
        reopen_month(MONTH, "病名の追加")
        assert not is_closed(MONTH)
        settle_bill(visit, read_version=1, reason="診断書", own_items=item)
        with pytest.raises(BadInput) as refused:
            close_service_month(build)
        assert refused.value.findings[0].code == "CLM-0003"
        again = make_claims(MONTH)
        assert again.differences == [] and again.total_points == build.total_points


def test_the_pages_make_close_and_open_a_month(server, month):
    from tasuki_server.claims.long_work import wait_for_all

    browser = server.first.browser("clerk")
    assert browser.post("/claims/build/", {"month": "2026-09"}).status_code == 302
    wait_for_all()
    page = browser.get("/claims/?month=2026-09").content.decode()
    assert "会計と一致" in page and "青木 花子" in page
    from tasuki_server.claims.making import newest_build

    with server.first.work("clerk"):
        build = newest_build(MONTH)
    assert browser.post("/claims/close/", {"month": "2026-09"}).status_code == 422
    assert browser.post("/claims/close/", {"month": "2026-09", "build": build.id}).status_code == 302
    assert "締め済み" in browser.get("/claims/?month=2026-09").content.decode()
    assert browser.post("/claims/build/", {"month": "2026-09"}).status_code == 422
    assert browser.post("/claims/reopen/", {"month": "2026-09", "reason": ""}).status_code == 422
    assert browser.post("/claims/reopen/", {"month": "2026-09", "reason": "返戻"}).status_code == 302
    assert browser.get("/claims/?month=2026-13").status_code == 404
    assert "請求する会計はありません" in browser.get("/claims/?month=2026-01").content.decode()


@pytest.mark.parametrize("month", ["0001-01", "1999-12", "2200-01", "9999-12", "2026-13"])
def test_a_month_that_is_none_of_our_time_is_no_page(server, month):
    browser = server.first.browser("clerk")
    for place in ("", "sending/", "accidents/", "notes/1/"):
        assert browser.get(f"/claims/{place}?month={month}").status_code == 404


def test_a_making_that_fails_leaves_nothing(server, month, monkeypatch):
    from tasuki_server.claims import making
    from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile

    with server.first.work("clerk"):
        before = [model.objects.count() for model in (ClaimBuild, BuiltClaim, ClaimFile)]
    with pytest.raises(RuntimeError), server.first.work("clerk"):
        monkeypatch.setattr(making, "emit", _fail)
        making.make_claims(MONTH)
    with server.first.work("clerk"):
        assert [model.objects.count() for model in (ClaimBuild, BuiltClaim, ClaimFile)] == before


def _fail(*_args, **_named):
    raise RuntimeError("the disk is full")


def test_a_month_read_at_once_is_the_same_as_visit_by_visit(server, month):
    from tasuki_server.billing.models import Bill
    from tasuki_server.chart.many_values import diagnoses_of_many, visit_values
    from tasuki_server.chart.values import coverage_value, diagnoses_between, visit_value

    first, last = MONTH, MONTH.replace(day=30)
    with server.first.work("clerk"):
        visits = {
            bill.visit_id: bill.visit for bill in Bill.objects.current().select_related("visit__patient")
        }
        assert len(visits) > 15
        diseases = diagnoses_of_many((each.patient_id for each in visits.values()), first, last)
        coverages = {key: coverage_value(visit) for key, visit in visits.items()}
        values = visit_values(visits, coverages, diseases)
        assert {key: visit_value(visit) for key, visit in visits.items()} == values
        assert any(value.orders for value in values.values())
        for visit in visits.values():
            assert diagnoses_between(visit.patient, first, last) == diseases[visit.patient_id]
