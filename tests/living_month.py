# SPDX-License-Identifier: Apache-2.0
"""暮らしたひと月 — ten made-up people of every kind of payer, received, diagnosed, billed and partly paid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from made_up import make_insurance, make_patient, make_visit

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
        (date(1953, 2, 3), {"share_percent": 20, "income_class": IncomeClass.GENERAL}, ()),
        (date(1972, 1, 1), national, ()),
        (date(2001, 12, 31), national, ()),
        (date(1938, 5, 5), {**late, "income_class": IncomeClass.GENERAL_1}, ()),
        (date(1941, 5, 5), {**late, "income_class": IncomeClass.LOW_1}, ()),
        (date(1966, 6, 6), {}, (PublicProgramme("21136010", "9000003", 5000),)),
        (date(1977, 7, 7), {"income_class": IncomeClass.U}, (rare,)),
        (date(1955, 3, 3), None, (PublicProgramme("12136018", "9000005"),)),
    ]


def live_a_month(clinic):
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
            card = (
                None if insurance is None else make_insurance(patient, **{"symbol": "21700023", **insurance})
            )
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
