# SPDX-License-Identifier: Apache-2.0
"""作り物の日々 — what a clinic does: busy mornings, vaccination days, receipts at the month's turn, nights, travels."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tasuki.security.misuse.act import JAPAN_SECONDS, ActKind, Mark
from tasuki_server.drills.made_year.people import PATIENTS, MadeClinic, Person

FIRST = datetime(2026, 1, 4, tzinfo=UTC)
DAYS = 364
# 診療関係: a visit so many days ago, or a booking so many days ahead.
AFTER_VISIT, BEFORE_BOOKING = 30, 14


class Made(NamedTuple):
    """作り物の行為 — ``deed`` names the misdeed it belongs to, "" for honest work."""

    second: int
    deed: str
    fields: dict[str, Any]


def midnight(day: int) -> int:
    """その日の零時 — in Japan, as a second."""
    return int((FIRST + timedelta(days=day)).timestamp()) - JAPAN_SECONDS


class Day:
    """作り物の一日 — collects the acts of one clinic and day; the sessions that are open belong to it."""

    def __init__(self, clinic: MadeClinic, day: int, chosen: random.Random) -> None:
        self.clinic = clinic
        self.day = day
        self.chosen = chosen
        self.acts: list[Made] = []
        self.start = midnight(day)
        self.date = (FIRST + timedelta(days=day)).date()
        self.sessions: dict[tuple[str, str], str] = {}
        self.duty: dict[str, tuple[int, int]] = {}
        self.today: set[int] = set()

    def act(
        self, person: Person, minute: float, kind: ActKind, room: str = "", patient: int = 0, **given: Any
    ) -> None:
        """行為を足す — at a minute of the day, at the terminal where the person is, signing in first if need be."""
        device = given.pop("device", "") or person.terminals[0]
        deed = given.pop("deed", "")
        extra = given.pop("extra", frozenset())
        session = given.pop("session", "") or self._session(person, minute, device, given)
        self.acts.append(
            Made(
                self.start + int(minute * 60),
                deed,
                {
                    "kind": kind,
                    "actor": person.id,
                    "account": person.id,
                    "roles": (person.role,),
                    "room": room,
                    "patient": str(patient) if patient else "",
                    "patient_number": patient,
                    "address": self.clinic.address,
                    "session": session,
                    "device": device,
                    "marks": self.marks(person, patient, minute) | extra,
                    **given,
                },
            )
        )

    def _session(self, person: Person, minute: float, device: str, given: dict[str, Any]) -> str:
        key = (person.id, device)
        if key not in self.sessions:
            self.sessions[key] = f"{person.id}-{self.day}-{device}"
            self.sign_in(person, minute - 0.5, device, given.get("address", self.clinic.address))
        return self.sessions[key]

    def sign_in(
        self, person: Person, minute: float, device: str, address: str, deed: str = "", **given: Any
    ) -> None:
        """サインイン — with a mistyped password now and then."""
        begin = self.start + int(minute * 60)
        who = {
            "actor": person.id,
            "account": person.id,
            "roles": (person.role,),
            "address": address,
            "device": device,
        }
        if not deed and self.chosen.random() < (0.06 if self.date.weekday() == 0 else 0.02):
            for again in range(self.chosen.choice((1, 1, 2))):
                self.acts.append(Made(begin - 20 * (again + 1), "", {"kind": ActKind.SIGN_IN_FAILED, **who}))
        place = given.pop("place", self.clinic.place)
        session = given.pop("session", f"{person.id}-{self.day}-{device}")
        self.acts.append(
            Made(begin, deed, {"kind": ActKind.SIGN_IN, **who, "place": place, "session": session, **given})
        )

    def marks(self, person: Person, patient: int, minute: float) -> frozenset[Mark]:
        """印 — what the clinic's own tables say of a person, a patient and an hour."""
        found = set()
        duty = self.duty.get(person.id)
        # 当番の前後2時間まで。
        if duty and duty[0] - 120 <= minute <= duty[1] + 120:
            found.add(Mark.ON_DUTY)
        if patient:
            found |= self._marks_of_chart(person, patient)
        return frozenset(found)

    def _marks_of_chart(self, person: Person, patient: int) -> set[Mark]:
        clinic, found = self.clinic, set()
        if patient in self.today:
            found |= {Mark.VISIT_TODAY, Mark.IN_CARE}
        elif self.day - clinic.visited.get(patient, -999) <= AFTER_VISIT or any(
            0 <= day - self.day <= BEFORE_BOOKING for day in clinic.booked.get(patient, ())
        ):
            found.add(Mark.IN_CARE)
        if patient == person.chart:
            found.add(Mark.SELF)
        elif any(patient == each.chart for each in clinic.people):
            found.add(Mark.COWORKER)
        if patient in person.family:
            found.add(Mark.FAMILY)
        guard = clinic.guarded.get(patient)
        if guard:
            found.add(Mark(guard))
        if patient in clinic.canaries:
            found.add(Mark.CANARY)
        return found


def live(day: Day, visits: int) -> None:
    """一日を過ごす — closed on Sundays, half a day on Saturdays."""
    weekday = day.date.weekday()
    _roster(day)
    if weekday != 6:
        from tasuki_server.drills.made_year import desk_work, ward_work

        busy = 1.3 if weekday == 0 else 0.6 if weekday == 5 else 1.0
        ward_work.consultations(day, max(1, int(day.chosen.gauss(visits * busy, visits * 0.12))))
        ward_work.vaccinations(day, visits)
        ward_work.looking_back(day)
        desk_work.receipts(day)
        desk_work.telephone(day)
        desk_work.administration(day)
    _nights(day)
    _travels(day)
    _maintenance(day)


def _roster(day: Day) -> None:
    """シフト — five days of six; clerks stay longer in the first ten days of a month, in the roster only to 18時."""
    weekday, chosen = day.date.weekday(), day.chosen
    if weekday == 6:
        return
    for index, person in enumerate(day.clinic.people):
        if person.is_away(day.day) or (index + weekday) % 6 == 0:
            continue
        end = 13 * 60 if weekday == 5 else chosen.choice((17 * 60, 18 * 60, 18 * 60 + 30))
        day.duty[person.id] = (8 * 60 + chosen.choice((0, 15, 30)), end)


def _nights(day: Day) -> None:
    """夜 — one clinic has a doctor on call; elsewhere doctors write letters late, some at home."""
    chosen, clinic = day.chosen, day.clinic
    doctors = [each for each in clinic.of_role("doctor") if not each.is_away(day.day)]
    if clinic.number == 1 and chosen.random() < 0.25:
        person = chosen.choice(doctors)
        day.duty[person.id] = (day.duty.get(person.id, (19 * 60, 0))[0], 24 * 60)
        for _ in range(chosen.randint(1, 4)):
            patient = patient_of(chosen)
            if patient in clinic.canaries:
                continue
            day.today.add(patient)
            minute = chosen.uniform(19 * 60, 23.5 * 60)
            for each in range(chosen.randint(2, 6)):
                kind = ActKind.WRITE if each > 2 else ActKind.VIEW
                day.act(person, minute + each * 2, kind, "chart", patient, purpose="TREAT")
        if chosen.random() < 0.3:
            day.act(
                person,
                chosen.uniform(1200, 1400),
                ActKind.BREAK_GLASS,
                "chart",
                1,
                purpose="ETREAT",
            )
    for person in doctors:
        if person.id in day.duty and chosen.random() < 0.22 and day.today:
            device = chosen.choice((person.home, person.terminals[0], person.terminals[0]))
            away = device == person.home
            minute = chosen.uniform(20 * 60, 22.3 * 60)
            session = f"{person.id}-{day.day}-late"
            address = f"198.51.100.{clinic.number}" if away else clinic.address
            if away:
                day.sign_in(person, minute - 1, device, address, session=session)
            for patient in chosen.sample(sorted(day.today), min(len(day.today), chosen.randint(2, 8))):
                for kind in (ActKind.VIEW, ActKind.WRITE):
                    given = {"session": session, "address": address} if away else {}
                    day.act(person, minute, kind, "chart", patient, device=device, purpose="TREAT", **given)
                    minute += chosen.uniform(1, 5)


def _travels(day: Day) -> None:
    """出張 — a doctor reads from afar on a congress day; a mobile line now and then comes out in another city."""
    chosen, clinic = day.chosen, day.clinic
    doctors = clinic.of_role("doctor")
    if chosen.random() < 0.012:
        person = chosen.choice(doctors)
        place = chosen.choice(("01", "40", "26", "23"))
        _away(day, person, chosen.uniform(19.5 * 60, 21 * 60), place)
    if chosen.random() < 0.006:
        person = chosen.choice([each for each in doctors if each.id in day.duty] or doctors)
        _away(day, person, chosen.uniform(12 * 60, 13 * 60), chosen.choice(("13", "27", "23")))


def _away(day: Day, person: Person, minute: float, place: str) -> None:
    session = f"{person.id}-{day.day}-away"
    day.sign_in(person, minute, person.home, "203.0.113.9", place=place, session=session)
    for patient in list(day.today)[: day.chosen.randint(1, 5)]:
        minute += day.chosen.uniform(1, 4)
        day.act(
            person, minute, ActKind.VIEW, "chart", patient,
            device=person.home, session=session, address="203.0.113.9", purpose="TREAT",
        )  # fmt: skip


def _maintenance(day: Day) -> None:
    """保守 — the vendor's evening once a month, inside its work order; a line that fails delays a checkpoint now and then."""
    chosen = day.chosen
    if day.date.day == 15:
        for each in range(chosen.randint(5, 20)):
            vendor_act(day, 19 * 60 + each * 3, ActKind.OTHER, work_order=f"order-{day.date.month}")
    if chosen.random() < 0.006:
        fault = {"kind": ActKind.TRAIL_FAULT, "fault": "checkpoint_late"}
        day.acts.append(Made(day.start + chosen.randint(30_000, 60_000), "", fault))


def vendor_act(day: Day, minute: float, kind: ActKind, deed: str = "", **given: Any) -> None:
    """保守業者の行為 — by the vendor's own account."""
    fields = {
        "kind": kind,
        "account": day.clinic.vendor,
        "roles": ("maintenance",),
        "purpose": "HSYSADMIN",
        **given,
    }
    day.acts.append(Made(day.start + int(minute * 60), deed, fields))


def patient_of(chosen: random.Random) -> int:
    """患者 — some come often, most seldom."""
    return 1 + int(PATIENTS * chosen.random() ** 1.7)
