# SPDX-License-Identifier: Apache-2.0
"""検知の遅れ — a decoy is opened on a real database while the watch runs as it does beside the pages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from tasuki_server.drills.ground import a_clinic, training_ground

if TYPE_CHECKING:
    from django.test import Client

    from tasuki_server.institutions.work import Actor

# 朝の混雑で見張りが遅れていても: so many events wait when the decoy is opened.
WAITING = 1_000
LONGEST_WAIT = 30.0


class Delays(NamedTuple):
    """検知の遅れの測定 — seconds of each opening, and how many sessions were still alive afterwards."""

    seconds: tuple[float, ...]
    sessions_left: int


def measure_delays(times: int) -> Delays:
    """検知の遅れの測定 — from the act in the trail to the alert, each with work waiting before it."""
    found: list[float] = []
    left = 0
    with training_ground():
        from tasuki_server.cli.misuse_keeper import MisuseKeeper
        from tasuki_server.drills.people import is_open

        institution_id = a_clinic(1)
        keeper = MisuseKeeper()
        keeper.keep(time.monotonic())
        for number in range(times):
            actor, browsers, chart = _someone_and_a_decoy(institution_id, number)
            _routine(institution_id, actor)
            _open(institution_id, actor, chart)
            begin = time.monotonic()
            while not (delay := _delay(institution_id, chart)) and time.monotonic() - begin < LONGEST_WAIT:
                time.sleep(0.5)
                keeper.keep(time.monotonic())
            found.append(delay or LONGEST_WAIT)
            left += sum(is_open(each) for each in browsers)
    return Delays(tuple(found), left)


def _someone_and_a_decoy(institution_id: UUID, number: int) -> tuple[Actor, tuple[Client, ...], UUID]:
    from tasuki.security.permissions import Role
    from tasuki_server.drills.people import a_person, entered, is_open
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.watch.canaries import make_chart

    person = a_person(institution_id, f"drill-{number}", Role.NURSE)
    # One that opened pages, and one that only signed in.
    browsers = (entered(person.user), entered(person.user))
    assert is_open(browsers[0]), "the person of the drill could not sign in"
    with as_institution(institution_id, system_actor(institution_id)):
        canary = make_chart()
        assert canary is not None and canary.patient_id is not None
    return Actor(label=person.staff.name, staff_id=person.staff.id), browsers, canary.patient_id


def _routine(institution_id: UUID, actor: Actor) -> None:
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.work import as_institution

    with as_institution(institution_id, actor):
        for number in range(WAITING):
            record("draft.save", detail={"step": number})


def _open(institution_id: UUID, actor: Actor, chart: UUID) -> None:
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.work import as_institution

    with as_institution(institution_id, actor):
        record("chart.read", "chart", chart)


def _delay(institution_id: UUID, chart: UUID) -> float:
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.watch.models import Alert

    with as_institution(institution_id, system_actor(institution_id)):
        alert = Alert.objects.filter(rule="U10", patient_id=chart).first()
        return 0.0 if alert is None else (alert.raised_at - alert.first_at).total_seconds()
