# SPDX-License-Identifier: Apache-2.0
"""作り物の職員と患者 — who works at a made-up clinic, on which terminals, and whose charts lie there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

# 医師・看護師・受付・医事・管理者: seventeen at two clinics, sixteen at the third.
STAFFING = ({"doctor": 3, "nurse": 6, "reception": 4, "clerk": 3, "admin": 1},) * 2 + (
    {"doctor": 3, "nurse": 6, "reception": 3, "clerk": 3, "admin": 1},
)
PLACES = ("13", "27", "34")
PATIENTS = 4_000
# 退職したのに残っている利用者: used in the first weeks only.
LEAVERS = 7


@dataclass(slots=True)
class Person:
    """作り物の職員 — with the terminals they use, one's own chart and those of the family."""

    id: str
    role: str
    terminals: list[str]
    home: str = ""
    chart: int = 0
    family: list[int] = field(default_factory=list)
    # 産休などで休む日 (first, last) of the year.
    leave: tuple[int, int] = (999, 999)

    def is_away(self, day: int) -> bool:
        """休職中か — on a day of the year."""
        return self.leave[0] <= day <= self.leave[1]


@dataclass(slots=True)
class MadeClinic:
    """作り物の医療機関 — its people and the charts with a mark."""

    number: int
    place: str
    people: list[Person]
    leavers: list[Person]
    guarded: dict[int, str]
    canaries: list[int]
    decoy: str
    vendor: str
    visited: dict[int, int] = field(default_factory=dict)
    booked: dict[int, list[int]] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """名前 — of the stream."""
        return f"clinic-{self.number}"

    @property
    def address(self) -> str:
        """アドレス — every terminal inside shares one."""
        return f"192.0.2.{self.number}"

    def of_role(self, *roles: str) -> list[Person]:
        """職種の職員 — in order."""
        return [each for each in self.people if each.role in roles]


def made_clinic(number: int, chosen: random.Random) -> MadeClinic:
    """作り物の医療機関を作る — from a seed."""
    people: list[Person] = []
    shared = [f"treatment-{index}" for index in range(4)]
    for role, count in STAFFING[number].items():
        for index in range(count):
            own = shared if role == "nurse" else [f"{role}-{index}"]
            person = Person(f"c{number}-{role}-{index}", role, own)
            if role == "doctor":
                person.home = f"home-{number}-{index}"
            people.append(person)
    charts = chosen.sample(range(100, PATIENTS), 80)
    for person in people:
        if chosen.random() < 0.6:
            person.chart = charts.pop()
        person.family = [charts.pop() for _ in range(chosen.choice((0, 0, 1, 2, 2)))]
    on_leave = chosen.choice(people[3:9])
    begin = chosen.randint(90, 200)
    on_leave.leave = (begin, begin + chosen.randint(70, 110))
    guarded = {charts.pop(): "vip" for _ in range(3)} | {charts.pop(): "sealed" for _ in range(3)}
    leavers = [Person(f"c{number}-left-{index}", "nurse", shared) for index in range(LEAVERS)]
    return MadeClinic(
        number,
        PLACES[number],
        people,
        leavers,
        guarded,
        canaries=[charts.pop() for _ in range(5)],
        decoy=f"c{number}-decoy",
        vendor=f"c{number}-vendor",
    )
