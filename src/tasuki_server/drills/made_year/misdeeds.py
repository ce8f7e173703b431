# SPDX-License-Identifier: Apache-2.0
"""作り物の不正 — what someone with a valid sign-in does who should not; each tells a story, none reads a threshold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tasuki.security.misuse.act import ActKind, Mark
from tasuki_server.drills.made_year.clinic_life import Made, vendor_act
from tasuki_server.drills.made_year.people import PATIENTS, Person

if TYPE_CHECKING:
    from tasuki_server.drills.made_year.clinic_life import Day

V = ActKind.VIEW
FAR = {"13": ("01", "47", "40"), "27": ("01", "47", "05"), "34": ("01", "47", "02")}


def stolen_far_away(day: Day, deed: str) -> None:
    """遠くでの使用 — someone who has the password and the code of a person at work signs in from another island."""
    person, chosen = _at_work(day), day.chosen
    minute = 14 * 60 + chosen.uniform(0, 60)
    day.sign_in(person, minute, person.terminals[0], day.clinic.address, session=f"{deed}-own")
    place = chosen.choice(FAR[day.clinic.place])
    minute += chosen.uniform(2, 25)
    day.sign_in(person, minute, f"{deed}-pc", "203.0.113.77", deed, place=place, session=deed)
    _look(day, person, minute + 1, deed, chosen.randint(3, 10), device=f"{deed}-pc", session=deed)


def unknown_device(day: Day, deed: str) -> None:
    """知らない端末 — a private computer in the same city."""
    person, chosen = _at_work(day), day.chosen
    minute = chosen.uniform(600, 1200)
    day.sign_in(person, minute, f"{deed}-pc", "203.0.113.50", deed, session=deed)
    _look(day, person, minute + 1, deed, chosen.randint(1, 5), device=f"{deed}-pc", session=deed)


def at_night(day: Day, deed: str) -> None:
    """深夜の閲覧 — back at one's own terminal when everybody has gone home, the last doctor too."""
    chosen = day.chosen
    if chosen.random() < 0.5:
        minute, person = chosen.uniform(60, 300), _anyone(day)
    else:
        # 23時過ぎの医師は仕事をしていることがある。
        others = [each for each in day.clinic.people if each.role != "doctor" and not each.is_away(day.day)]
        minute, person = chosen.uniform(1380, 1410), chosen.choice(others)
    _look(day, person, minute, deed, chosen.randint(3, 30), device=person.terminals[0])


def whole_list(day: Day, deed: str) -> None:
    """名簿の抜取り — a tenth of all charts or more: in a rush, or evenly over a day's work."""
    person, chosen = _anyone(day), day.chosen
    patients = chosen.sample(range(1, PATIENTS), chosen.randint(400, 900))
    patients = [each for each in patients if each not in day.clinic.canaries]
    is_rush = chosen.random() < 0.5
    minute = chosen.uniform(600, 900) if is_rush else 540.0
    step = chosen.uniform(0.04, 0.15) if is_rush else 500 / len(patients)
    for patient in patients:
        day.act(person, minute, V, "chart", patient, deed=deed)
        minute += step * chosen.uniform(0.7, 1.3)


def one_after_another(day: Day, deed: str) -> None:
    """番号の総当たり — a small program that counts charts up, or guesses addresses."""
    person, chosen = _at_work(day), day.chosen
    minute = chosen.uniform(600, 1000)
    if chosen.random() < 0.5:
        patient = chosen.randint(1, PATIENTS - 200)
        for _ in range(chosen.randint(25, 80)):
            day.act(person, minute, V, "chart", patient, deed=deed)
            patient += chosen.choice((1, 1, 1, 2))
            minute += chosen.uniform(0.02, 0.15)
        return
    for _ in range(chosen.randint(25, 80)):
        day.act(person, minute, ActKind.REFUSED, "page", deed=deed)
        minute += chosen.uniform(0.02, 0.12)


def a_stranger(day: Day, deed: str) -> None:
    """関係のない患者 — a neighbour, someone in the news: one to five charts that no work leads to."""
    person = _at_work(day, "doctor", "nurse")
    minute = day.chosen.uniform(560, 1000)
    for patient in _unseen(day, day.chosen.randint(1, 5)):
        day.act(person, minute, V, "chart", patient, deed=deed)
        minute += day.chosen.uniform(1, 10)


def own_family(day: Day, deed: str) -> None:
    """家族のカルテ — a wife, a son; not on the day they are here."""
    people = [each for each in day.clinic.people if each.id in day.duty and set(each.family) - day.today]
    person = day.chosen.choice(people)
    patient = day.chosen.choice(sorted(set(person.family) - day.today))
    day.act(person, day.chosen.uniform(560, 1000), V, "chart", patient, deed=deed)


def a_colleague(day: Day, deed: str) -> None:
    """同僚のカルテ — what is she on leave for?"""
    person = _at_work(day)
    charts = [each.chart for each in day.clinic.people if each.chart and each is not person]
    patient = day.chosen.choice([each for each in charts if each not in day.today])
    day.act(person, day.chosen.uniform(560, 1000), V, "chart", patient, deed=deed)


def a_known_name(day: Day, deed: str) -> None:
    """有名人のカルテ — or a sealed one."""
    person, patient = _at_work(day), day.chosen.choice(sorted(day.clinic.guarded))
    kind = day.chosen.choice((V, V, ActKind.PRINT))
    day.act(person, day.chosen.uniform(560, 1000), kind, "chart", patient, deed=deed)


def the_canary(day: Day, deed: str) -> None:
    """おとりを開く — a thief tries charts and hits one."""
    person, chosen = _at_work(day), day.chosen
    kind = chosen.choice((V, ActKind.PRINT, ActKind.EXPORT, ActKind.API))
    day.act(person, chosen.uniform(560, 1000), kind, "chart", chosen.choice(day.clinic.canaries), deed=deed)


def the_decoy(day: Day, deed: str) -> None:
    """おとりの利用者を試す — found in a file that someone broke into."""
    fields = {
        "kind": ActKind.SIGN_IN_FAILED,
        "account": day.clinic.decoy,
        "address": "203.0.113.88",
        "marks": frozenset({Mark.CANARY_CREDENTIAL}),
    }
    day.acts.append(Made(day.start + day.chosen.randint(0, 86_000), deed, fields))


def uncalled_vendor(day: Day, deed: str) -> None:
    """作業指示のない保守 — the vendor's account at an hour nobody ordered, beyond its scope, or taking data home."""
    chosen = day.chosen
    minute, order = chosen.uniform(0, 1400), f"order-{day.date.month}"
    story = chosen.randint(0, 2)
    if story == 0:
        for each in range(chosen.randint(1, 10)):
            vendor_act(day, minute + each, V, deed, patient=str(chosen.randint(1, PATIENTS)), room="chart")
    elif story == 1:
        scope = frozenset({Mark.OUTSIDE_SCOPE})
        vendor_act(day, minute, V, deed, patient="12", room="chart", work_order=order, marks=scope)
    else:
        vendor_act(day, minute, ActKind.EXPORT, deed, amount=500, work_order=order)


def rights_then_loot(day: Day, deed: str) -> None:
    """権限を得て持ち出す — an administrator's account gives itself or a friend the right, then takes the month."""
    chosen = day.chosen
    admin = day.clinic.of_role("admin")[0]
    friend = chosen.choice((admin, _at_work(day)))
    minute = chosen.uniform(500, 700)
    day.act(admin, minute, ActKind.RIGHT_CHANGE, "staff", target=friend.id, deed=deed)
    minute += chosen.uniform(5, 300)
    day.act(friend, minute, ActKind.EXPORT, "patient", amount=chosen.randint(20, 2000), deed=deed)


def factor_swapped(day: Day, deed: str) -> None:
    """二要素を入れ替える — "I lost my telephone", says a voice; the new device takes what it wants."""
    chosen = day.chosen
    admin, victim = day.clinic.of_role("admin")[0], _at_work(day)
    minute = chosen.uniform(500, 700)
    day.act(admin, minute, ActKind.FACTOR_RESET, "staff", target=victim.id, deed=deed)
    minute += chosen.uniform(5, 120)
    day.sign_in(victim, minute, f"{deed}-pc", "203.0.113.60", deed, session=deed)
    kind = chosen.choice((ActKind.EXPORT, ActKind.PRINT))
    day.act(
        victim, minute + chosen.uniform(1, 300), kind, "patient",
        amount=chosen.randint(5, 500), device=f"{deed}-pc", session=deed, deed=deed,
    )  # fmt: skip


def trail_touched(day: Day, deed: str) -> None:
    """記録に触る — events removed, the clock set back, the witness kept away, retention shortened, the watch stopped."""
    chosen = day.chosen
    second = day.start + chosen.randint(30_000, 60_000)
    story = chosen.choice(("gap", "clock", "checkpoint_late", "retention", "stopped"))
    if story == "gap":
        fields = {"kind": ActKind.OTHER, "skip": chosen.randint(1, 40)}
    elif story == "clock":
        fields = {"kind": ActKind.OTHER, "back": chosen.randint(7_200, 86_400)}
    else:
        fields = {"kind": ActKind.TRAIL_FAULT, "fault": story}
    day.acts.append(Made(second, deed, fields))


def carried_out(day: Day, deed: str) -> None:
    """大量の持出し — one great export, or printing all afternoon, before leaving for a rival."""
    person, chosen = _at_work(day), day.chosen
    minute = chosen.uniform(600, 900)
    if chosen.random() < 0.5:
        day.act(person, minute, ActKind.EXPORT, "patient", amount=chosen.randint(500, 4000), deed=deed)
        return
    for _ in range(chosen.randint(60, 150)):
        patient = chosen.randint(1, PATIENTS)
        if patient not in day.clinic.canaries:
            day.act(person, minute, ActKind.PRINT, "chart", patient, amount=chosen.randint(3, 12), deed=deed)
        minute += chosen.uniform(0.5, 2)


def passwords_tried(day: Day, deed: str) -> None:
    """パスワードを試す — one guess for everybody, from outside."""
    chosen = day.chosen
    accounts = [each.id for each in (*day.clinic.people, *day.clinic.leavers)]
    second = day.start + chosen.randint(0, 80_000)
    for account in chosen.sample(accounts, chosen.randint(12, len(accounts))):
        fields = {
            "kind": ActKind.SIGN_IN_FAILED,
            "account": account,
            "address": f"203.0.113.{100 + len(deed)}",
        }
        day.acts.append(Made(second, deed, fields))
        second += chosen.randint(1, 25)


def leaver_returns(day: Day, deed: str) -> None:
    """辞めた人の利用者 — never removed, and now used again."""
    person, chosen = day.clinic.leavers.pop(), day.chosen
    minute = chosen.uniform(500, 1300)
    day.sign_in(person, minute, person.terminals[0], day.clinic.address, deed, session=deed)
    _look(day, person, minute + 1, deed, chosen.randint(1, 8), session=deed)


def lent_account(day: Day, deed: str) -> None:
    """貸した利用者 — two people work with one account, at two terminals or from outside."""
    person, chosen = _at_work(day), day.chosen
    minute = chosen.uniform(560, 900)
    is_outside = chosen.random() < 0.5
    where = [day.clinic.address, "203.0.113.70" if is_outside else day.clinic.address]
    for _ in range(chosen.randint(10, 30)):
        side = chosen.randint(0, 1)
        patient = chosen.choice(sorted(day.today))
        day.act(
            person, minute, V, "chart", patient,
            session=f"{deed}-{side}", device=f"reception-{side}", address=where[side], deed=deed,
        )  # fmt: skip
        minute += chosen.uniform(0.1, 0.9)


def emergency_as_habit(day: Day, deed: str) -> None:
    """緊急閲覧の常用 — "emergency" opens every door, so it is pressed each day."""
    person, chosen = _at_work(day, "doctor", "nurse"), day.chosen
    for patient in _unseen(day, chosen.randint(6, 12)):
        minute = chosen.uniform(540, 1000)
        day.act(person, minute, ActKind.BREAK_GLASS, "chart", patient, purpose="ETREAT", deed=deed)


def after_withdrawal(day: Day, deed: str) -> None:
    """撤回後の閲覧 — the network's copy was kept and is opened."""
    clinic, chosen = day.clinic, day.chosen
    if not clinic.withdrawn:
        withdrawal = {"kind": ActKind.CONSENT_WITHDRAWN, "patient": "77"}
        clinic.withdrawn.append(77)
        day.acts.append(Made(day.start + 20_000, "", withdrawal))
    person = _at_work(day, "doctor", "nurse")
    network = frozenset({Mark.THROUGH_NETWORK})
    day.act(
        person,
        chosen.uniform(600, 1000),
        V,
        "network",
        chosen.choice(clinic.withdrawn),
        extra=network,
        deed=deed,
    )


MISDEEDS: dict[str, Callable[[Day, str], None]] = {
    f"U{number:02d}": deed
    for number, deed in enumerate(
        (
            stolen_far_away, unknown_device, at_night, whole_list, one_after_another, a_stranger, own_family,
            a_colleague, a_known_name, the_canary, the_decoy, uncalled_vendor, rights_then_loot, factor_swapped,
            trail_touched, carried_out, passwords_tried, leaver_returns, lent_account, emergency_as_habit,
            after_withdrawal,
        ),
        start=1,
    )
}  # fmt: skip


def _look(day: Day, person: Person, minute: float, deed: str, count: int, **given: str) -> None:
    for patient in day.chosen.sample(range(1, PATIENTS), count):
        if patient not in day.clinic.canaries:
            day.act(person, minute, V, "chart", patient, deed=deed, **given)
        minute += day.chosen.uniform(0.3, 3)


def _at_work(day: Day, *roles: str) -> Person:
    people = day.clinic.of_role(*roles) if roles else day.clinic.people
    return day.chosen.choice([each for each in people if each.id in day.duty])


def _anyone(day: Day) -> Person:
    return day.chosen.choice([each for each in day.clinic.people if not each.is_away(day.day)])


def _unseen(day: Day, count: int) -> list[int]:
    clinic = day.clinic
    kept = {*clinic.visited, *clinic.booked, *clinic.canaries, *day.today}
    kept |= {each.chart for each in clinic.people}
    old = [each for each, last in clinic.visited.items() if day.day - last > 45 and each not in clinic.booked]
    others = [each for each in range(1, PATIENTS) if each not in kept]
    return day.chosen.sample([*old, *others], count)
