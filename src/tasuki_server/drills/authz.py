# SPDX-License-Identifier: Apache-2.0
"""認可の訓練 — every address for every role in every situation, against a reviewed table; then each check removed.

Addresses come from the resolver, rows from the tables: what is added later is drilled too, and fails until its row
of the table is reviewed. An address is asked with a method that no view answers, so that the gate decides and
nothing changes; pages of other institutions are asked with GET and POST and read for words of theirs.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

from tasuki_server.drills.authz_ground import (
    Clinic,
    Situation,
    ask,
    leak_in,
    make_ground,
    path_of,
    situations,
)
from tasuki_server.drills.authz_table import Entry, entries, expected
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground

# Answers that an address of another institution's row may give.
REFUSED = frozenset({400, 403, 404, 405, 422})
# Addresses asked in each situation of a quick run.
SAMPLED = 40
# Addresses asked before signing in again: pages that ask for a new proof must not look like doors.
SIGNED_IN_FOR = 100
ENDS_THE_SESSION = frozenset({"account_logout"})
# What the gate asks, and of whom: the same question at another address.
Met = tuple[tuple[str, ...], bool, str]


class Size(NamedTuple):
    """規模 — how many clinics and patients, and what part of the roles a situation is tried with."""

    patients: int
    is_whole: bool


SIZES = {Tier.PUSH: Size(1, is_whole=False), Tier.LONG: Size(4, is_whole=True)}


class Tried(NamedTuple):
    """試した一つ — an address, a role, a situation and what came of it."""

    route: str
    role: str
    situation: str
    wanted: str
    got: str

    @property
    def is_wrong(self) -> bool:
        """不一致か — with the table."""
        return self.wanted != self.got

    def __str__(self) -> str:
        return f"{self.route} {self.role} {self.situation}: {self.wanted} のはずが {self.got}"


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """認可の訓練 — the matrix in three institutions, other institutions' rows, then each planted fault."""
    from tasuki_server.drills.authz_faults import faults

    size = SIZES[tier]
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    with training_ground():
        # What is refused is what the drill is about: it is counted, not logged.
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        clinics = make_ground(3, size.patients)
        tell(f"{len(clinics)} clinics, {size.patients} patients each")
        unlisted = _unlisted()
        tried = list(matrix(clinics[0], size, chosen))
        if size.is_whole:
            for clinic in clinics[1:]:
                tried += matrix(clinic, size, chosen)
        tell(f"{len(tried)} cells, {sum(each.is_wrong for each in tried)} otherwise than the table")
        leaks, asked = others(clinics, size, chosen)
        tell(f"{asked} requests for rows of others")
        control = {name: _seen(fault, clinics[0], chosen) for name, fault in faults().items()}
    wrong = [each for each in tried if each.is_wrong]
    counts: dict[str, int | float] = {
        "routes": len(entries()),
        "routes_without_entry": len(unlisted),
        "requests": len(tried) + asked,
        "mismatches": len(wrong),
        "requests_for_rows_of_others": asked,
        "leaks": len(leaks),
        "faults_planted": len(control),
        "faults_found": sum(map(bool, control.values())),
        **{f"cells_{name}": count for name, count in sorted(Counter(e.situation for e in tried).items())},
    }
    said = [f"判断表にない: {each}" for each in unlisted] + [str(each) for each in wrong[:20]] + leaks[:20]
    return Finding(counts, tuple(said), control, control_is_red=all(control.values()))


def _unlisted() -> list[str]:
    """Addresses without a reviewed row, and rows whose address is gone."""
    from tasuki_server.accounts.addresses import addresses
    from tasuki_server.accounts.pages import PUBLIC_PAGES

    names = {address.name for address in addresses()} - PUBLIC_PAGES
    return sorted(names ^ set(entries()))


def matrix(clinic: Clinic, size: Size, chosen: random.Random) -> Iterator[Tried]:
    """認可の表 — every address for every role at home; then each situation."""
    for situation in situations():
        met: set[Met] = set()
        if size.is_whole:
            clinic.sign_in_anew()
        with ExitStack() as undone:
            undone.enter_context(situation.arranged(clinic))
            for entry in _asked(situation, size, chosen):
                for role in _roles(clinic, entry, situation, size, chosen, met):
                    yield cell(clinic, entry, role, situation)


def _asked(situation: Situation, size: Size, chosen: random.Random) -> list[Entry]:
    """Every address at home; in a situation every address, or as many as a quick run has time for."""
    asked = [each for each in entries().values() if each.route not in ENDS_THE_SESSION]
    if size.is_whole or situation.name == "own_clinic":
        return asked
    touched = [each for each in asked if each.is_of_a_patient or situation.whole_answer]
    return chosen.sample(touched, min(SAMPLED, len(touched)))


def cell(clinic: Clinic, entry: Entry, role: str, situation: Situation) -> Tried:
    """認可の一つ — asked of the server and of the table."""
    wanted = situation.whole_answer or expected(entry, role, situation.name)
    if entry.permissions == ():
        wanted = situation.whole_answer or "closed"
    got = ask(clinic, role, path_of(clinic, entry.route), situation)
    return Tried(entry.route, role, situation.name, wanted, got)


def _roles(
    clinic: Clinic, entry: Entry, situation: Situation, size: Size, chosen: random.Random, met: set[Met]
) -> list[str]:
    roles = sorted(clinic.browsers)
    if size.is_whole:
        return roles
    if situation.name == "own_clinic":
        return _one_of_each(entry, roles, met, chosen)
    held = [role for role in roles if expected(entry, role, "own_clinic") == "open"]
    return [chosen.choice(held or roles)]


def _one_of_each(entry: Entry, roles: list[str], met: set[Met], chosen: random.Random) -> list[str]:
    """A quick run asks every address of someone who may and of someone who may not, and every role once for each set of
    permissions: the gate decides by permissions alone, and a long run asks every role at every address."""
    by_answer: dict[str, list[str]] = {}
    for role in roles:
        by_answer.setdefault(expected(entry, role, "own_clinic"), []).append(role)
    asked = {chosen.choice(each) for _, each in sorted(by_answer.items())}
    asked |= {each for each in roles if (entry.permissions, entry.is_of_a_patient, each) not in met}
    met.update((entry.permissions, entry.is_of_a_patient, each) for each in asked)
    return sorted(asked)


# Desks of services that no institution owns: their rows are nobody's patients.
OTHER_SIDE = ("receiving:", "platform:", "eligibility:", "prescriptions:", "pharmacy:", "records:")


def others(clinics: list[Clinic], size: Size, chosen: random.Random) -> tuple[list[str], int]:
    """ほかの医療機関の行 — asked by a person with every role, by GET and POST; what was answered is read for their names."""
    leaks: list[str] = []
    asked = 0
    for mine in clinics if size.is_whole else clinics[:1]:
        for theirs in clinics:
            if theirs is mine:
                continue
            for nth, entry in enumerate(entries().values()):
                if nth % SIGNED_IN_FOR == 0:
                    browser = mine.browser_of_all()
                if not theirs.is_filled(entry.route) or entry.route.startswith(OTHER_SIDE):
                    continue
                places = range(theirs.patient_count if size.is_whole else 1)
                # An address that names no row of a patient is one for all of them.
                for path in sorted({path_of(theirs, entry.route, place) for place in places}):
                    for method in ("get", "post"):
                        answer = getattr(browser, method)(path)
                        asked += 1
                        if answer.status_code not in REFUSED:
                            leaks.append(f"{method} {entry.route}: {answer.status_code}")
                        leaks += [f"{method} {entry.route}: {each}" for each in leak_in(answer, theirs)]
    return leaks, asked


def _seen(
    fault: Callable[[Clinic, random.Random], Iterator[Tried]], clinic: Clinic, chosen: random.Random
) -> int:
    """How many cells differ from the table with a check removed."""
    return sum(each.is_wrong for each in fault(clinic, chosen))


AUTHZ = Drill(
    name="authz",
    title="認可の表",
    goal="すべてのアドレスが、役割と状況ごとに、確かめた判断表のとおりに開き、閉じ、理由を求める",
    run=run,
)
