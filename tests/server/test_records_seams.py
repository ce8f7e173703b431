# SPDX-License-Identifier: Apache-2.0
"""情報共有の継ぎ目 — broken wires of every kind: the service shows what the chart says; without the order of versions it shows."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

pytestmark = pytest.mark.server
SEEDS = int(os.environ.get("TASUKI_TEST_SEEDS", "1"))


@pytest.fixture(scope="module")
def quiet(server):
    from tasuki_server.drills.seams import quiet_wires
    from tasuki_server.platform.house import close_house

    with quiet_wires():
        yield
    close_house()


def test_no_broken_wire_loses_doubles_or_turns_back_what_is_shared(server, quiet):
    from tasuki_server.drills.seams import Tally, kept_seeds, play_all
    from tasuki_server.seams.wires import records

    wire, tally = records(server.first.id), Tally(Counter(), [], Counter())
    play_all(wire, [*kept_seeds().get("records", ()), *range(SEEDS)], tally)
    assert tally.broken == [] and tally.faults.total() > 1


def test_an_order_that_is_lost_on_its_way_shows(server, quiet):
    from tasuki_server.drills.seams import Tally, kept_seeds, play_all
    from tasuki_server.seams.wires import records

    wire, tally = records(server.second.id, forgets_order=True), Tally(Counter(), [], Counter())
    play_all(wire, kept_seeds()["records"], tally)
    assert tally.broken


def test_a_clinic_that_counts_from_an_earlier_number_goes_behind_what_is_held(server, quiet):
    """As after a restore: what the service has seen is newer than every number of the clinic."""
    from django.db import connections

    from tasuki_server.seams.records_wire import RecordsPlay, records_ground
    from tasuki_server.seams.time_source import told_by
    from tasuki_server.seams.world import World
    from tasuki_server.sharing.models import SharedUnit

    ground, world = records_ground(server.first.id), World(5)
    world.is_calm = True
    with told_by(world.clock):
        play = RecordsPlay(world, ground, forgets_order=False)
        try:
            for _ in range(4):
                play.write()
            play.settle()
            with connections["platform"].cursor() as cursor:
                cursor.execute("UPDATE records_unit SET version = 40 WHERE version IS NOT NULL RETURNING 1")
                assert cursor.fetchall()
            # Two versions wait: the first is told in the second, which goes behind what is held.
            for _ in range(3):
                play.write()
                play.take_back()
            play.settle()
            assert play.broken() == []
            with ground.work():
                made = SharedUnit.objects.filter(visit__in=play.visits)
                steps = [set(row.steps.values_list("kind", flat=True)) for row in made.filter(number__gt=40)]
                assert any("renumbered" in each and "done" in each for each in steps)
        finally:
            play.close()


def test_what_goes_behind_the_service_passes_over_numbers_that_were_given_before(server, quiet):
    """A version that was dropped keeps its number: to take it again would be refused by the database at every round."""
    from tasuki_server.seams.records_wire import RecordsPlay, records_ground
    from tasuki_server.seams.time_source import told_by
    from tasuki_server.seams.world import World
    from tasuki_server.sharing.models import SharedUnit
    from tasuki_server.sharing.queue import _after

    ground, world = records_ground(server.first.id), World(7)
    world.is_calm = True
    with told_by(world.clock):
        play = RecordsPlay(world, ground, forgets_order=False)
        try:
            with ground.work():
                made = SharedUnit.objects.filter(visit__in=play.visits, state="kept")
                while not made.exists():
                    play.write()
                unit = made.first()
                SharedUnit.objects.create(
                    patient=unit.patient, visit=unit.visit, kind=unit.kind, unit_key=unit.unit_key, number=41,
                    state="dropped", content=unit.content, bundle=bytes(unit.bundle), made_by=unit.made_by,
                )  # fmt: skip
                assert not _after(unit, 40)
                unit.refresh_from_db()
                assert (unit.number, unit.state) == (42, "kept")
        finally:
            play.close()


def test_what_is_taken_back_before_it_went_does_not_go(server, quiet):
    from tasuki_server.seams.records_wire import RecordsPlay, records_ground
    from tasuki_server.seams.time_source import told_by
    from tasuki_server.seams.world import World
    from tasuki_server.sharing.models import SharedUnit

    ground, world = records_ground(server.first.id), World(3)
    world.is_calm = True
    with told_by(world.clock):
        play = RecordsPlay(world, ground, forgets_order=False)
        try:
            with ground.work():
                made = SharedUnit.objects.filter(visit__in=play.visits)
                while not made.exists():
                    play.write()
            for _ in range(12):
                play.take_back()
            play.settle()
            assert play.broken() == []
            with ground.work():
                assert {row.state for row in made} == {"dropped"} and not any(row.tries for row in made)
        finally:
            play.close()


def test_what_lost_bytes_on_its_way_is_sent_again_and_not_refused(server, quiet):
    from uuid import uuid4

    from records import Asker
    from tasuki_server.sharing.line import NotAnswered, send

    asker = Asker("9990176", "架空欠け医院")
    body = json.dumps(_bundle(asker), ensure_ascii=False).encode()

    def cutting(method, path, data, headers):
        return asker.wire(method, path, data[:-40], headers)

    with pytest.raises(NotAnswered, match="途中で欠けて"):
        send(cutting, body, uuid4(), 1)
    assert send(asker.wire, body, uuid4(), 1).is_done
    # Whole and wrong is refused for good.
    assert not send(asker.wire, b"{}", uuid4(), 2).is_done


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "1000000000", "9" * 4301])
def test_a_version_that_is_no_number_is_refused(server, quiet, text):
    from records import Asker

    asker = Asker("9990177", "架空版医院")
    told = asker("POST", "records/informations", _bundle(asker), unit_version=text)
    assert told.status == 400 and "Unit-Version" in told.texts[0]


def test_only_an_older_version_is_refused_and_who_counts_nothing_overwrites(server, quiet):
    from records import Asker

    asker = Asker("9990178", "架空版順医院")
    sent = _bundle(asker)
    for version, status in (("3", 200), ("3", 200), ("2", 409), ("4", 200), (None, 200), ("3", 409)):
        given = {} if version is None else {"unit_version": version}
        told = asker("POST", "records/informations", sent, **given)
        assert told.status == status, (version, told.value)
    assert told.value["issue"][0]["expression"] == ["4"]


def _bundle(asker):
    from records import disease, person, unit

    return unit(asker, person(), "D-1", disease("d1"))
