# SPDX-License-Identifier: Apache-2.0
"""予約 — booked at the desk, moved, cancelled with its reason; a reception makes it 来院, and the bulk inquiry takes its people."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from threading import Event, Thread
from time import sleep

import pytest

from made_up import TOKYO, make_insurance, make_patient

pytestmark = pytest.mark.server
LIST = "/reception/bookings/"


@pytest.fixture(scope="module")
def desk(server):
    """A browser of the reception."""
    return server.first.browser("reception")


@pytest.fixture
def person(server):
    """A patient with a card."""
    with server.first.work("reception"):
        patient = make_patient("予約 花子", "ヨヤク ハナコ")
        patient.card = make_insurance(patient)
        return patient


def _day(offset=0):
    return datetime.now(TOKYO).date() + timedelta(days=offset)


def _add(browser, person, day, at="9:30", **given):
    data = {"patient": str(person.number), "day": day.isoformat(), "time": at, "department": "01", **given}
    return browser.post(f"{LIST}add/", data)


def _rows(server, **wanted):
    from tasuki_server.reception.models import Booking

    with server.first.work("reception"):
        return list(Booking.objects.filter(**wanted).order_by("day", "time"))


def _trail(server, row):
    from tasuki_server.audit.models import AuditEvent

    with server.first.work("admin"):
        rows = AuditEvent.objects.filter(subject_id=str(row.id)).order_by("number")
        return [each.action for each in rows if each.action != "booking.read"]


def test_a_booking_stands_in_the_list_of_its_day_once(server, desk, person):
    day = _day(20)
    assert "予約はまだありません" in desk.get(f"{LIST}?day={day}").content.decode()
    assert _add(desk, person, day, "０９３０").status_code == 302
    page = desk.get(f"{LIST}?day={day}").content.decode()
    assert "9:30" in page and "予約 花子" in page and "この日の一括照会" in page
    again = _add(desk, person, day, "11:00")
    assert again.status_code == 422 and "9:30に予約があります" in again.content.decode()
    assert [row.time for row in _rows(server, day=day)] == [time(9, 30)]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"time": "25:00"}, "時刻として読めません"),
        ({"day": "2026-02-30"}, "日付として読めません"),
        ({"patient": "該当しないことば"}, "当てはまる患者がいません"),
        ({"day": "2020-01-06"}, "過ぎた日には予約できません"),
    ],
)
def test_what_cannot_be_booked_says_why(server, desk, person, given, says):
    answer = desk.post(
        f"{LIST}add/",
        {
            "patient": str(person.number),
            "day": _day(21).isoformat(),
            "time": "10",
            "department": "01",
            **given,
        },
    )
    assert answer.status_code == 422 and says in answer.content.decode()
    assert _rows(server, patient=person) == []


def test_of_several_people_one_is_chosen(server, desk):
    with server.first.work("reception"):
        first, second = (make_patient(f"同名 {n}郎", "ドウメイ タロウ") for n in "一二")
    day = _day(22).isoformat()
    asked = {"patient": "ドウメイ", "day": day, "time": "10:00", "department": "01"}
    page = desk.post(f"{LIST}add/", asked).content.decode()
    assert "選んでください" in page and f'name="number" value="{second.number}"' in page
    # Enter in a field presses the first button of the form: it must book nobody.
    form = page.partition('action="/reception/bookings/add/"')[2].partition("</form>")[0]
    buttons = re.findall(r"<button([^>]*)>", form)
    assert len(buttons) == 3 and "number" not in buttons[0] and "autofocus" in buttons[0]
    assert not any("autofocus" in each for each in buttons[1:]) and "ほかにもいます" not in page
    assert desk.post(f"{LIST}add/", asked).status_code == 422 and _rows(server, day=day) == []
    booked = desk.post(f"{LIST}add/", {**asked, "number": second.number}, follow=True)
    assert f"同名 二郎（{second.number}番）を" in booked.content.decode()
    assert [row.patient_id for row in _rows(server, day=day)] == [second.id] and first.id != second.id


def test_more_people_than_are_shown_are_said(server, desk):
    with server.first.work("reception"):
        for n in range(10):
            make_patient(f"多人 {n}", "タニン タロウ")
    asked = {"patient": "タニン", "day": _day(22).isoformat(), "time": "10:00", "department": "01"}
    page = desk.post(f"{LIST}add/", asked).content.decode()
    assert page.count('name="number"') == 9
    assert "ほかにもいます。番号か生年月日で絞ってください。" in page


def test_the_patients_page_leads_to_a_booking_with_the_usual_doctor(server, desk, person):
    from made_up import make_visit
    from tasuki_server.audit.models import AuditEvent, ShownPatient

    with server.first.work("reception"):
        doctor = server.first.staff["doctor"]
        make_visit(person, datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO), department="10", doctor_id=doctor.id)
    address = f"{LIST}?patient={person.number}"
    assert address in desk.get(f"/patients/{person.number}/").content.decode()
    page = desk.get(address).content.decode()
    assert "予約 花子" in page and f'<option value="{doctor.id}" selected>' in page
    assert '<option value="10" selected>' in page and f'value="{person.number}"' in page
    with server.first.work("admin"):
        read = AuditEvent.objects.filter(action="booking.read", detail__part="usual").latest("number")
        shown = ShownPatient.objects.filter(number=read.number).values_list("patient_id", flat=True)
        assert person.id in {read.patient_id, *shown}
    assert desk.get(f"{LIST}?patient=999999999").status_code == 200


def test_two_desks_that_give_a_person_one_day_book_it_once(server, person):
    """The second waits for the first and says what it finds, instead of an error of the database."""
    from django.db import connection

    from tasuki_server.reception.booking import AlreadyBooked, Wish, book, change_booking

    day, holds = _day(28), Event()
    with server.first.work("reception"):
        row = book(person, Wish(_day(27), time(9)))

    def first():
        with server.first.work("reception"):
            book(person, Wish(day, time(10)))
            holds.set()
            sleep(0.3)
        connection.close()

    desk = Thread(target=first)
    desk.start()
    assert holds.wait(5)
    with pytest.raises(AlreadyBooked, match="10:00"), server.first.work("reception"):
        change_booking(row.id, Wish(day, time(11)), read_stamp=row.stamp)
    desk.join()


def test_a_change_and_a_cancellation_keep_who_and_why(server, desk, person):
    day = _day(23)
    _add(desk, person, day)
    (row,) = _rows(server, patient=person)
    given = {
        "day": day.isoformat(),
        "time": "14:00",
        "department": "01",
        "memo": "検査のあと",
        "read_stamp": 1,
    }
    assert desk.post(f"{LIST}{row.id}/", given).status_code == 302
    stale = desk.post(f"{LIST}{row.id}/", {**given, "time": "15:00"}, follow=True)
    assert "先に変わったか" in stale.content.decode()
    (row,) = _rows(server, patient=person)
    assert (row.time, row.memo, row.stamp) == (time(14), "検査のあと", 2)
    desk.post(f"{LIST}{row.id}/cancel/", {"stamp": "2", "reason": "本人の都合"})
    page = desk.get(f"{LIST}{row.id}/").content.decode()
    assert "本人の都合" in page and "変更を保存" not in page
    assert _trail(server, row) == ["booking.add", "booking.change", "booking.cancel"]
    assert _add(desk, person, day).status_code == 302


def test_who_is_received_has_come_and_a_mistaken_reception_is_undone(server, desk, person):
    from tasuki_server.reception.models import Visit

    _add(desk, person, _day(), "23:59", memo="採血")
    page = desk.get(f"/reception/patients/{person.number}/").content.decode()
    assert "23:59の予約があります" in page and 'value="採血"' in page
    desk.post(
        f"/reception/patients/{person.number}/",
        {"department": "01", "insurance": str(person.card.record_id), "kind": "auto"},
    )
    (row,) = _rows(server, patient=person)
    with server.first.work("reception"):
        visit = Visit.objects.get(patient=person)
    assert (row.state, row.visit_id) == ("arrived", visit.id)
    assert "来院" in desk.get(LIST).content.decode()
    for state, expected in (("cancelled", "booked"), ("waiting", "arrived")):
        with server.first.work("reception"):
            stamp = Visit.objects.get(pk=visit.pk).stamp
        desk.post(f"/reception/{visit.id}/move/", {"state": state, "stamp": stamp})
        assert [each.state for each in _rows(server, patient=person)] == [expected]


def test_the_bulk_inquiry_takes_those_who_are_booked(server, desk, person):
    from tasuki_server.confirmation.bulk_views import BulkForm, _begun
    from tasuki_server.confirmation.models import BulkPerson
    from tasuki_server.reception.booking import booked_patients, cancel_booking

    day = _day(1)
    with server.first.work("reception"):
        gone = make_patient("予約 次郎", "ヨヤク ジロウ")
        make_insurance(gone)
    _add(desk, person, day)
    _add(desk, gone, day)
    (row,) = _rows(server, patient=gone)
    with server.first.work("reception"):
        assert {each.id for each in booked_patients(day)} >= {person.id, gone.id}
        cancel_booking(row.id, "取消", read_stamp=row.stamp)
        form = BulkForm({"for_day": day.isoformat(), "months": "0", "is_unconfirmed_only": "on"})
        assert form.is_valid(), form.errors
        run = _begun(form)
        asked = set(BulkPerson.objects.filter(bulk_run=run).values_list("patient_id", flat=True))
    assert person.id in asked and gone.id not in asked
    page = desk.get(f"/confirmation/bulk/?day={day}").content.decode()
    assert '<option value="0" selected>' in page


def test_a_doctor_may_look_and_another_institution_sees_nothing(server, desk, person):
    day = _day(25)
    _add(desk, person, day)
    (row,) = _rows(server, patient=person)
    other = server.second.browser("reception")
    assert "予約 花子" not in other.get(f"{LIST}?day={day}").content.decode()
    assert other.get(f"{LIST}{row.id}/").status_code == 404
    doctor = server.first.browser("doctor")
    page = doctor.get(f"{LIST}?day={day}").content.decode()
    assert "予約 花子" in page and "予約する" not in page
    assert doctor.post(f"{LIST}{row.id}/cancel/", {"stamp": "1"}).status_code == 403
    assert date.fromisoformat(str(_rows(server, patient=person)[0].day)) == day
