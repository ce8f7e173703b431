# SPDX-License-Identifier: Apache-2.0
"""お試しの準備 — the clinics, their people, the month that was, and this morning's reception; made once."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from tasuki_server.confirmation.line import set_line
from tasuki_server.confirmation.models import LineKind
from tasuki_server.demo.clinics import CLINICS, DemoClinic, open_missing
from tasuki_server.demo.insured import fill_register
from tasuki_server.demo.insurer_desk import open_insurer_desk
from tasuki_server.demo.living import Cast, Progress
from tasuki_server.demo.past_claims import DESK, live_past_months, open_receiving_desk
from tasuki_server.demo.people import EMPLOYEES, insurer_number, make_people, with_a_slip
from tasuki_server.demo.portal_people import ensure_portal_people
from tasuki_server.demo.schedule import TOKYO, make_schedule
from tasuki_server.demo.shared import bring_results, hear_from_the_hospital, waiting_visits
from tasuki_server.eprescribing.access import doctors
from tasuki_server.eprescribing.setting import set_used
from tasuki_server.eprescribing.signer_setup import keep_practice_key
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution
from tasuki_server.prescriptions.trust import ensure_practice_hpki
from tasuki_server.reception.receive import Arrival, receive_patient
from tasuki_server.settings_table import number
from tasuki_server.sharing.setting import set_used as set_sharing_used

NEIGHBOURS = 6  # people of the second clinic, which is there to show the wall
# Every so many-th person is received this morning.
MORNING_STEP, MORNING_VISITS = 31, 8


def ensure_demo(progress: Progress | None = None, today: date | None = None) -> list[DemoClinic]:
    """お試しの準備 — makes what is missing; returns the clinics that were made."""
    made = open_missing()
    open_receiving_desk()
    open_insurer_desk(DESK, insurer_number(EMPLOYEES[1]))
    has_new_keys = ensure_practice_hpki(timezone.now())
    for clinic in made:
        count = NEIGHBOURS if clinic.key == "second" else number("TASUKI_DEMO_PEOPLE")
        live_a_month(clinic, count, progress or _silent, today or timezone.localdate())
        with as_institution(clinic.id, system_actor(clinic.id)):
            set_line(LineKind.WEB)
            set_sharing_used(is_on=True)
    for clinic in CLINICS if has_new_keys else made:
        begin_prescribing(clinic)
    ensure_portal_people(today)
    for clinic in made:
        if clinic.key == "first":
            hear_from_the_hospital(clinic)
    return made


def begin_prescribing(clinic: DemoClinic) -> None:
    """電子処方箋の用意 — from today on the demo registers; its doctors sign with the test HPKI."""
    with as_institution(clinic.id, system_actor(clinic.id)):
        set_used(is_on=True)
        for doctor, _ in doctors():
            keep_practice_key(doctor)


def live_a_month(clinic: DemoClinic, count: int, progress: Progress, today: date) -> Cast:
    """架空のひと月 — the month before this one, earlier claims, and people waiting this morning."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    people = make_people(count, first)
    comings = make_schedule(people, first.year, first.month)
    people = with_a_slip(people, [coming.person for coming in comings])
    cast = Cast(clinic)
    cast.register(people, date(first.year - 1, 4, 1))
    cast.keep_sets(date(first.year - 1, 4, 1))
    if clinic.key == "first":
        known = (*people, *live_past_months(cast, first))
        fill_register(clinic, known, [each.number for each in cast.patients], today)
    cast.live(comings, len(comings), progress)
    _receive_this_morning(cast, count, today)
    if clinic.key == "first":
        with cast.work("doctor"):  # type: ignore[attr-defined]
            bring_results(waiting_visits())
    return cast


def _receive_this_morning(cast: Cast, count: int, today: date) -> None:
    start = _first_arrival(today, timezone.localtime())
    with cast.work("reception"):  # type: ignore[attr-defined]
        for place in range(min(MORNING_VISITS, count)):
            person = place * MORNING_STEP % count
            insurance, programmes = cast.cards[person]
            arrival = Arrival(
                insurance_record=insurance,
                programme_records=programmes,
                is_eligibility_checked=place % 3 != 2,
            )
            receive_patient(cast.patients[person], arrival, start + timedelta(minutes=6 * place))


def _first_arrival(today: date, at: datetime) -> datetime:
    """Two minutes after nine; before that hour as long ago as the waiting people need, never yesterday."""
    nine = datetime.combine(today, time(9, 2), TOKYO)
    if at.date() != today:
        return nine
    waiting = timedelta(minutes=6 * MORNING_VISITS)
    return max(min(nine, at - waiting), datetime.combine(today, time(0, 0), TOKYO))


def _silent(_done: int, _total: int) -> None:
    """No progress shown."""


__all__ = ["CLINICS", "ensure_demo", "live_a_month"]
