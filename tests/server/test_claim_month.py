# SPDX-License-Identifier: Apache-2.0
"""請求月 — made-up patients of every kind of payer: files that read back to the bills, to the point and the yen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
MONTH = date(2026, 9, 1)
TOKYO = ZoneInfo("Asia/Tokyo")
KANA = [
    "アオキ",
    "イトウ",
    "ウエダ",
    "エノモト",
    "オオタ",
    "カトウ",
    "キムラ",
    "クドウ",
    "ケンモチ",
    "コバヤシ",
]
NAMES = ["青木", "伊藤", "上田", "榎本", "太田", "加藤", "木村", "工藤", "剣持", "小林"]


def _people():
    from tasuki.chart.coverage import IncomeClass, InsuranceKind, PublicProgramme

    late = {
        "kind": InsuranceKind.LATE_ELDERLY,
        "insurer_number": "39131156",
        "symbol": "",
        "share_percent": 10,
    }
    national = {"kind": InsuranceKind.NATIONAL, "insurer_number": "138057"}
    rare = PublicProgramme("54136015", "9000006", 5000, income_class=IncomeClass.U)
    return [
        (date(1960, 4, 1), {}, ()),
        (date(1985, 7, 9), {"is_dependant": True}, ()),
        (date(1950, 2, 3), {"share_percent": 20, "income_class": IncomeClass.GENERAL}, ()),
        (date(1972, 1, 1), national, ()),
        (date(2001, 12, 31), national, ()),
        (date(1938, 5, 5), {**late, "income_class": IncomeClass.GENERAL_1}, ()),
        (date(1941, 5, 5), {**late, "income_class": IncomeClass.LOW_1}, ()),
        (date(1966, 6, 6), {}, (PublicProgramme("21136010", "9000003", 5000),)),
        (date(1977, 7, 7), {"income_class": IncomeClass.U}, (rare,)),
        (date(1955, 3, 3), None, (PublicProgramme("12136018", "9000005"),)),
    ]


def _live(clinic):
    """Ten people with one to three visits each, received, diagnosed, billed and partly paid."""
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.settle import settle_bill, take_payment
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.masters_source import current_book
    from tasuki_server.patients.records import add_programme

    visits = []
    with clinic.work("doctor"):
        book = current_book().at(MONTH)
        disease = next(iter(book.book.diseases))
        for place, (born, insurance, programmes) in enumerate(_people()):
            patient = make_patient(f"{NAMES[place]} 花子", f"{KANA[place]} ハナコ", born, sex="female")
            card = None if insurance is None else make_insurance(patient, **insurance)
            held = [add_programme(patient, each, Validity(date(2026, 4, 1)), None) for each in programmes]
            add_diagnosis(patient, disease, (), date(2026, 9, 1), book, is_main=True)
            for turn in range(place % 3 + 1):
                at = datetime(2026, 9, 7, 9, place, tzinfo=TOKYO) + timedelta(days=7 * turn + place % 2)
                visit = make_visit(
                    patient,
                    at=at,
                    insurance_record=card.record_id if card else None,
                    programme_records=tuple(each.record_id for each in held),
                )
                _order(visit, "160008010", "150002210")
                bill = settle_bill(visit, read_version=0)
                if bill.patient_yen and place % 2:
                    take_payment(visit, bill.patient_yen, "cash", day=visit.day)
                visits.append(visit)
    return visits


def _order(visit, *codes):
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    for position, code in enumerate(codes):
        order = Order(f"o{position}", OrderKind.ACT, (Item(code),))
        PlacedOrder.objects.create(
            patient=visit.patient, visit=visit, position=position, kind="act", value=encode_order(order)
        )


@pytest.fixture(scope="module")
def month(server):
    return _live(server.first)


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
    browser = server.first.browser("clerk")
    assert browser.post("/claims/build/", {"month": "2026-09"}).status_code == 302
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
