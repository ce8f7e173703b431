# SPDX-License-Identifier: Apache-2.0
"""電子処方箋（医療機関側）の試験の道具 — charts that are signed, rounds of the keeper, and a pharmacy on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from made_up import AMLODIPINE, TOKYO, make_insurance, make_patient, make_visit
from prescription_service import Institution

PHARMACY = Institution("13", "4", "9990036", "架空薬局")


def begin_registering(clinic: Any) -> None:
    """The institution uses the service, and its doctor has a key of the test HPKI."""
    from django.utils import timezone

    from tasuki_server.eprescribing.setting import set_used
    from tasuki_server.eprescribing.signer_setup import keep_practice_key
    from tasuki_server.prescriptions.trust import ensure_practice_hpki

    ensure_practice_hpki(timezone.now())
    with clinic.work("admin"):
        set_used(is_on=True)
        keep_practice_key(clinic.staff["doctor"])


def drug_order(code: str = AMLODIPINE, **given: Any) -> Any:
    """An order for a drug dispensed outside."""
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind

    item = Item(code, given.pop("amount", Decimal(1)), is_generic_name=given.pop("generic", False))
    members = {"count": 28, "usage": "1日1回 朝食後", "dispensing": Dispensing.OUTSIDE, **given}
    return Order(members.pop("id", str(uuid4())), members.pop("kind", OrderKind.INTERNAL), (item,), **members)


def received(clinic: Any, number: str, **insurance: Any) -> Any:
    """A patient received today; the number makes another person of them."""
    with clinic.work("reception"):
        patient = make_patient(f"架空 {number}子", "カクウ ハナコ")
        card = make_insurance(patient, number=number, **insurance)
        return make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)


def sign(clinic: Any, visit: Any, *orders: Any, reason: str = "") -> Any:
    """The chart is signed with these orders, and no others; signed again, it is a correction."""
    from tasuki_server.chart.draft import basket_of, hold_draft, save_basket, save_texts
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.orders.basket import Basket, Line

    with clinic.work("doctor"):
        doctor = clinic.staff["doctor"]
        draft = hold_draft(visit, doctor)
        draft = save_texts(
            draft,
            {"subjective": "変わりなし。", "objective": "", "assessment": "", "plan": ""},
            read_stamp=None,
        )
        assert basket_of(draft) is not None
        draft = save_basket(draft, Basket(tuple(Line(each) for each in orders)))
        return sign_draft(draft, doctor, Checked([], []), reason=reason)


def keep_round(clinic: Any) -> Any:
    """One round of the keeper."""
    from tasuki_server.eprescribing.keeping import keep_one
    from tasuki_server.institutions.models import Institution as Row

    with clinic.work("admin"):
        institution = Row.objects.get()
    return keep_one(institution)


def choose(clinic: Any, visit: Any, issue_type: str, comment: str = "") -> None:
    """電子 or 紙, as the patient wishes."""
    from tasuki_server.eprescribing.models import IssueType
    from tasuki_server.eprescribing.setting import choose as note

    with clinic.work("doctor"):
        note(visit, IssueType(issue_type), comment)


def registrations(clinic: Any, visit: Any) -> list[Any]:
    """All of a visit, the first first."""
    from tasuki_server.eprescribing.models import Registration

    with clinic.work("doctor"):
        return list(Registration.objects.filter(visit=visit).select_related("replaces").order_by("number"))
