# SPDX-License-Identifier: Apache-2.0
"""悪意のある入力 — what a browser never sends by itself: forged fields, two at once, stale pages, reads by refusal."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from made_up import AMLODIPINE, LOXOPROFEN, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server

HUGE = "1" * 5000


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


@pytest.fixture
def visit(clinic):
    """A visit at the desk, with insurance and nothing signed."""
    with clinic.work("reception"):
        patient = make_patient()
        card = make_insurance(patient)
        return make_visit(patient, insurance_record=card.record_id)


@pytest.fixture
def clerk(clinic):
    return clinic.browser("clerk", raise_request_exception=False)


@pytest.fixture
def doctor(clinic):
    return clinic.browser("doctor", raise_request_exception=False)


def settled(clinic, visit):
    from tasuki_server.billing.settle import settle_bill

    with clinic.work("clerk"):
        return settle_bill(visit, read_version=0)


def owed(clinic, visit):
    from tasuki_server.billing.settle import balance_yen

    with clinic.work("clerk"):
        return balance_yen(visit.patient, visit)


def last_events(clinic, count=5):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        rows = AuditEvent.objects.order_by("-number")[:count]
        return [(row.action, row.patient_id) for row in rows]


def test_a_second_confirmation_of_one_page_is_a_clash(clinic, clerk, visit):
    """Enter pressed twice: the second answer is 409 with both bills, not a fault of ours."""
    first = settled(clinic, visit)
    answer = clerk.post(f"/billing/visit/{visit.id}/settle", {"read_version": "0"})
    assert answer.status_code == 409
    assert owed(clinic, visit) == first.patient_yen


def test_the_amount_confirmed_is_the_amount_seen(clinic, clerk, doctor, visit):
    """Reception corrects the payers while the clerk looks at the old amount."""
    from tasuki_server.billing.models import Bill
    from tasuki_server.reception.models import Visit

    page = clerk.get(f"/billing/visit/{visit.id}").context
    form = {"read_version": "0", "seen_points": page["page"].total_points, "seen_yen": page["patient_yen"]}
    with clinic.work("reception"):
        other = make_insurance(visit.patient, share_percent=10)
        Visit.objects.filter(pk=visit.id).update(insurance_record=other.record_id)
    answer = clerk.post(f"/billing/visit/{visit.id}/settle", form)
    assert answer.status_code == 409
    with clinic.work():
        assert not Bill.objects.filter(visit=visit).exists()
    form["seen_yen"] = clerk.get(f"/billing/visit/{visit.id}").context["patient_yen"]
    assert clerk.post(f"/billing/visit/{visit.id}/settle", form).status_code == 302


@contextmanager
def at_the_same_moment(clinic, visit):
    """Holds the account of the patient as another clerk's open transaction does; commits when the block ends."""
    from tasuki_server.billing.settle import lock_patient

    with clinic.work("clerk"):
        lock_patient(visit.patient)
        yield


def wait_until_someone_waits():
    from django.db import connections

    for _ in range(200):
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for the account of the patient")


@pytest.mark.parametrize("act", ["pay", "refund"])
def test_two_at_the_same_moment_do_not_move_the_money_twice(clinic, clerk, visit, act):
    from tasuki_server.billing.settle import give_back, take_payment

    yen = settled(clinic, visit).patient_yen
    day = visit.day
    if act == "refund":
        with clinic.work("clerk"):
            take_payment(visit, yen * 2, "cash", day=day)
    form = {"received": yen, "yen": yen, "reason": "もらいすぎ"}
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(clerk.post(f"/billing/visit/{visit.id}/{act}", form).status_code)
    )
    with at_the_same_moment(clinic, visit):
        thread.start()
        wait_until_someone_waits()
        if act == "pay":
            take_payment(visit, yen, "cash", day=day)
        else:
            give_back(visit, yen, "cash", day=day, reason="もらいすぎ")
    thread.join(30)
    assert answers == [422]
    assert owed(clinic, visit) == 0


def test_money_given_where_nothing_is_owed_comes_back_as_change(clinic, clerk, visit):
    yen = settled(clinic, visit).patient_yen
    assert clerk.post(f"/billing/visit/{visit.id}/pay", {"received": yen}).status_code == 302
    again = {"read_version": "1", "reason": "確かめ直し", "received": "500"}
    assert clerk.post(f"/billing/visit/{visit.id}/settle", again).status_code == 302
    assert owed(clinic, visit) == 0


@pytest.mark.parametrize(
    "amount", ["-100", "0", "1.5", "1e3", "NaN", "", "99999999999", HUGE, "\x00", "1000 OR 1"]
)
def test_amounts_that_are_none_are_refused(clinic, clerk, visit, amount):
    yen = settled(clinic, visit).patient_yen
    assert 400 <= clerk.post(f"/billing/visit/{visit.id}/pay", {"received": amount}).status_code < 500
    assert owed(clinic, visit) == yen


@pytest.mark.parametrize(
    "form",
    [
        {"read_version": "abc"},
        {"read_version": HUGE, "reason": "x"},
        {"received": "100", "method": "gold"},
        {"seen_points": "x", "seen_yen": "1"},
        {"own_name": "診断書", "own_yen": "-3300", "own_tax": "10"},
        {"own_name": ["文書"] * 300, "own_yen": ["9999999"] * 300, "own_tax": ["10"] * 300},
        {"own_name": "a\x00b", "own_yen": "100", "own_tax": HUGE},
    ],
)
def test_forged_fields_of_a_bill_are_refused_and_leave_nothing(clinic, clerk, visit, form):
    answer = clerk.post(f"/billing/visit/{visit.id}/settle", {"reason": "", **form})
    assert 400 <= answer.status_code < 500
    assert owed(clinic, visit) == 0


@pytest.mark.parametrize(
    ("role", "path", "form"),
    [
        ("clerk", "/billing/visit/{visit}/kind", {"kind": "first", "reason": "長" * 300}),
        ("clerk", "/billing/visit/{visit}/refund", {"yen": "1", "reason": "長" * 300}),
        ("reception", "/reception/{visit}/move/", {"state": "in_room", "stamp": HUGE}),
        ("doctor", "/chart/{visit}/save/", {"subjective": "a\x00b", "text_stamp": "1"}),
        ("doctor", "/chart/{visit}/diagnoses/", {"code": "8833421", "modifier": ["8002"] * 99}),
        ("doctor", "/orders/{visit}/add/", {"code": "set:nothing"}),
    ],
)
def test_what_cannot_be_stored_is_the_senders_mistake(clinic, visit, role, path, form):
    browser = clinic.browser(role, raise_request_exception=False)
    answer = browser.post(path.format(visit=visit.id), form, headers={"HX-Request": "true"})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/billing/daybook?day=0001-01-01",
        "/billing/daybook?day=9999-12-31",
        "/audit/?day=9999-12-31",
        "/audit/?before=" + "9" * 30,
        "/audit/?action=%00",
        "/patients/?q=%00",
        "/reception/?day=9999-12-31",
    ],
)
def test_no_question_in_an_address_is_a_fault_of_ours(clinic, path):
    for role in ("clerk", "admin"):
        assert clinic.browser(role, raise_request_exception=False).get(path).status_code < 500


def test_what_is_on_record_cannot_be_cancelled_and_the_cancelled_not_billed(clinic, clerk, doctor, visit):
    from tasuki_server.reception.models import Visit, VisitState
    from tasuki_server.reception.receive import OnRecord, move_visit

    settled(clinic, visit)
    with clinic.work("reception"), pytest.raises(OnRecord):
        move_visit(visit.id, VisitState.CANCELLED)
    with clinic.work("reception"):
        empty = make_visit(visit.patient, visit.arrived_at + timedelta(days=1))
        move_visit(empty.id, VisitState.CANCELLED)
    assert clerk.post(f"/billing/visit/{empty.id}/settle", {"read_version": "0"}).status_code == 422
    assert doctor.post(f"/chart/{empty.id}/sign/", {"subjective": "頭痛"}).status_code == 400
    with clinic.work():
        assert not Visit.objects.get(pk=empty.id).notes.exists()


def test_a_nurse_calls_in_but_does_not_become_the_doctor(clinic, visit):
    from tasuki_server.reception.models import Visit

    clinic.browser("nurse").post(f"/reception/{visit.id}/take/")
    with clinic.work():
        found = Visit.objects.get(pk=visit.id)
        assert (found.state, found.doctor_id) == ("in_room", None)


def test_a_draft_of_another_visit_is_a_refusal_that_says_so(clinic, doctor, visit):
    doctor.post(f"/chart/{visit.id}/save/", {"subjective": "頭痛", "text_stamp": "1"})
    with clinic.work("reception"):
        later = make_visit(visit.patient, visit.arrived_at + timedelta(days=1))
    for path in ("save/", "sign/", "next/", "keep-mine/"):
        answer = doctor.post(f"/chart/{later.id}/{path}", {"subjective": "発熱", "text_stamp": "1"})
        assert answer.status_code == 400
        assert f"{visit.day:%Y-%m-%d}" in answer.content.decode()


def test_a_third_text_signed_while_two_are_compared_is_not_lost(clinic, doctor, visit):
    """Doctor A compares with B's version 1; B signs version 2 meanwhile; A's merge must meet version 2."""
    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.models import Draft
    from tasuki_server.chart.sign import Checked, sign_draft

    def sign_as_other(text, reason=""):
        with clinic.work("nurse"):
            other = clinic.staff["nurse"]
            texts = {"subjective": text, "objective": "", "assessment": "", "plan": ""}
            sign_draft(
                save_texts(hold_draft(visit, other), texts, read_stamp=None),
                other,
                Checked([], []),
                reason=reason,
            )

    doctor.post(f"/chart/{visit.id}/save/", {"subjective": "頭痛", "text_stamp": "1"})
    sign_as_other("発熱")
    clash = doctor.post(f"/chart/{visit.id}/sign/")
    assert clash.status_code == 409
    onto = clash.context["theirs"].version
    sign_as_other("発熱。ペニシリンで発疹", "追記")
    merged = {"subjective": "発熱\n頭痛", "onto": onto}
    again = doctor.post(f"/chart/{visit.id}/merge/", merged)
    assert again.status_code == 409
    assert "ペニシリンで発疹" in again.content.decode()
    with clinic.work():
        assert Draft.objects.get(visit=visit, staff=clinic.staff["doctor"]).base_version == 0
    done = doctor.post(f"/chart/{visit.id}/merge/", {**merged, "onto": onto + 1})
    assert done.status_code == 302


def test_a_window_cannot_change_the_drug_that_took_the_place_of_another(clinic, doctor, visit):
    """Two windows: one removes the first drug, the other, still showing it, types its amount."""
    from tasuki_server.chart.draft import basket_of
    from tasuki_server.chart.models import Draft

    htmx = {"HX-Request": "true"}
    for code in (AMLODIPINE, LOXOPROFEN):
        doctor.post(f"/orders/{visit.id}/add/", {"code": code}, headers=htmx)

    def orders():
        with clinic.work():
            return basket_of(Draft.objects.get(visit=visit)).orders

    order = orders()[0]
    assert [item.code for item in order.items] == [AMLODIPINE, LOXOPROFEN]
    address = f"/orders/{visit.id}/{order.id}/"
    doctor.post(f"{address}remove/", {"index": "0", "item_code": AMLODIPINE}, headers=htmx)
    late = doctor.post(f"{address}0/", {"amount": "9", "item_code": AMLODIPINE}, headers=htmx)
    assert "もうありません" in late.content.decode()
    doctor.post(f"{address}remove/", {"index": "0", "item_code": AMLODIPINE}, headers=htmx)
    (left,) = orders()[0].items
    assert (left.code, left.amount) != (LOXOPROFEN, 9)
    assert left.code == LOXOPROFEN


def test_what_a_refused_act_shows_is_noted_as_read(clinic, doctor, visit):
    """A signature without a text is refused with the whole chart on the page."""
    answer = doctor.post(f"/chart/{visit.id}/sign/")
    assert answer.status_code == 422
    assert ("chart.read", visit.patient_id) in last_events(clinic)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("reception", "/patients/{number}/revise/"),
        ("reception", "/patients/{number}/insurances/new/"),
        ("reception", "/reception/patients/{number}/"),
        ("reception", "/reception/{visit}/"),
        ("doctor", "/orders/{visit}/do/"),
        ("doctor", "/chart/{visit}/preview/"),
        ("clerk", "/billing/visit/{visit}"),
    ],
)
def test_every_page_about_a_person_is_noted_as_read(clinic, visit, role, path):
    answer = clinic.browser(role).get(path.format(number=visit.patient.number, visit=visit.id))
    assert answer.status_code == 200
    action, patient = last_events(clinic, 1)[0]
    assert (action.endswith(".read"), patient) == (True, visit.patient_id)


def test_the_demo_leaves_a_real_persons_sign_in_alone(server):
    """A real ``doctor`` who has not enrolled yet must not be handed the demo's second factor."""
    from allauth.mfa.models import Authenticator

    from tasuki_server.accounts.models import User
    from tasuki_server.cli.words import Stop
    from tasuki_server.demo.clinics import open_missing
    from tasuki_server.institutions.models import Institution

    real = User.objects.create_user("Doctor", "correct horse battery", institution_id=server.first.id)
    with pytest.raises(Stop):
        open_missing()
    assert not Authenticator.objects.filter(user_id=real.pk).exists()
    assert not Institution.objects.using("owner").filter(is_demo=True).exists()
    real.delete()
