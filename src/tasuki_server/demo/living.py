# SPDX-License-Identifier: Apache-2.0
"""架空のひと月 — the visits are received, signed, billed and paid by the same acts as on the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID, uuid4

from tasuki.chart.visit import VisitKind
from tasuki.kernel.kana import search_key
from tasuki.kernel.validity import Validity
from tasuki_server.billing.models import PaymentMethod
from tasuki_server.billing.settle import balance_yen, settle_bill, take_payment
from tasuki_server.chart.diagnose import add_diagnosis
from tasuki_server.chart.draft import hold_draft
from tasuki_server.chart.sign import Checked, sign_draft
from tasuki_server.demo.clinics import DemoClinic
from tasuki_server.demo.people import MadeUpPerson
from tasuki_server.demo.schedule import Coming
from tasuki_server.demo.stories import SETS
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.masters_source import current_book
from tasuki_server.orders.basket import Basket, Line, encode_basket
from tasuki_server.orders.keep_sets import make_set
from tasuki_server.patients.models import Patient
from tasuki_server.patients.records import add_insurance, add_programme
from tasuki_server.patients.register import register_patient
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.reception.receive import Arrival, move_visit, receive_patient

Progress = Callable[[int, int], None]
MOVED_HERE = "導入前から通院中"
SUSPECTED = "8002"


class Cast:
    """役者 — the registered people of a demo clinic with the ids of their cards, and the staff who act."""

    def __init__(self, clinic: DemoClinic) -> None:
        self.clinic = clinic
        self.patients: list[Patient] = []
        self.cards: list[tuple[UUID | None, tuple[UUID, ...]]] = []
        with as_institution(clinic.id, Actor("お試し")):
            self.staff = {each.roles[0]: each for each in Staff.objects.filter(is_system=False) if each.roles}

    def work(self, role: str) -> object:
        """取引 — one transaction in the name of a member of staff."""
        member = self.staff[role]
        return as_institution(self.clinic.id, Actor(member.name, member.id))

    def register(self, people: Sequence[MadeUpPerson], since: date) -> None:
        """登録 — the people with their cards, in one transaction."""
        with self.work("reception"):  # type: ignore[attr-defined]
            for person in people:
                patient = register_patient(person.who)
                days = Validity(since, None)
                card = add_insurance(patient, person.insurance, days, since) if person.insurance else None
                certificates = [add_programme(patient, each, days, since) for each in person.programmes]
                self.patients.append(patient)
                self.cards.append(
                    (card.record_id if card else None, tuple(c.record_id for c in certificates))
                )

    def keep_sets(self, since: date) -> None:
        """セット — what the doctor types most, under short codes."""
        with self.work("doctor"):  # type: ignore[attr-defined]
            for quick_code, name, orders in SETS:
                make_set(orders, quick_code=quick_code, name=name, name_key=search_key(name), since=since)

    def live(self, comings: Iterable[Coming], total: int, progress: Progress) -> None:
        """ひと月 — day by day: reception, the doctor, the desk."""
        done = 0
        for _, group in groupby(comings, key=lambda coming: coming.at.date()):
            today = list(group)
            with self.work("reception"):  # type: ignore[attr-defined]
                visits = [self.receive(coming) for coming in today]
            with self.work("doctor"):  # type: ignore[attr-defined]
                for coming, visit in zip(today, visits, strict=True):
                    self.see(coming, visit)
            with self.work("clerk"):  # type: ignore[attr-defined]
                for visit in visits:
                    self.bill(visit, is_paid=(done + visit.serial) % 29 != 0)
            done += len(today)
            progress(done, total)

    def receive(self, coming: Coming) -> Visit:
        """受付 — chronic patients of before come to a revisit."""
        insurance, programmes = self.cards[coming.person]
        is_known = coming.story.is_chronic
        arrival = Arrival(
            insurance_record=insurance,
            programme_records=programmes,
            is_eligibility_checked=True,
            kind=VisitKind.REVISIT if is_known and coming.turn <= 1 else VisitKind.AUTO,
            kind_reason=MOVED_HERE if is_known and coming.turn <= 1 else "",
        )
        return receive_patient(self.patients[coming.person], arrival, coming.at)

    def see(self, coming: Coming, visit: Visit) -> None:
        """診察 — diseases at the first turn, the note and the orders, signed."""
        story, day = coming.story, coming.at.date()
        book = current_book().at(day)
        is_first = coming.turn in (0, 1) and not visit.patient.diagnoses.exists()
        if is_first:
            since = day - timedelta(days=180 if story.is_chronic else 0)
            for place, (code, _name) in enumerate(story.diseases):
                modifiers = (SUSPECTED,) if story.key == "chest_pain" else ()
                add_diagnosis(visit.patient, code, modifiers, since, book, is_main=place == 0)
        draft = hold_draft(visit, self.staff["doctor"])
        draft.subjective, draft.objective, draft.assessment, draft.plan = story.soap
        draft.flags = sorted(story.flags) if coming.turn <= 1 else []
        orders = story.orders if coming.turn <= 1 else story.second
        lines = tuple(Line(replace(order, id=str(uuid4()))) for order in orders)
        draft.orders = encode_basket(Basket(lines))
        draft.save()
        sign_draft(draft, self.staff["doctor"], Checked([], []))
        move_visit(visit.id, VisitState.TO_PAY)

    def bill(self, visit: Visit, *, is_paid: bool) -> None:
        """会計 — confirmed; most pay at once."""
        settle_bill(Visit.objects.select_related("patient").get(pk=visit.pk), read_version=0)
        owed = balance_yen(visit.patient, visit)
        if is_paid and owed > 0:
            method = PaymentMethod.CARD if visit.serial % 5 == 0 else PaymentMethod.CASH
            take_payment(visit, owed, method, day=visit.day)
        move_visit(visit.id, VisitState.DONE)
