# SPDX-License-Identifier: Apache-2.0
"""確定記録の不変 — sequences leave every finalised row as it was, and a rewritten one shows."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def stage(server, owner):
    from tasuki_server.drills.race_stories import stage_of
    from tasuki_server.seams.claims_ground import claims_ground

    return stage_of(claims_ground(server.first.id, owner))


def test_sequences_change_no_finalised_row_and_every_attempt_is_refused(stage, owner):
    from tasuki_server.drills import records
    from tasuki_server.drills.record_register import Register, appended_tables

    register = Register(owner, appended_tables())
    counts, faults = records.play_sequences(stage, owner, register, 60, 5)
    assert faults + register.compare() + records.broken_chains(stage) == []
    assert counts["refused"] >= 10 and counts["merge"] and len(register) > 100
    assert records._rewriting(stage, owner) == 1
    assert records._migrating(owner, register) > 1


def test_a_row_that_is_gone_and_one_that_was_changed_are_told(stage, owner):
    from tasuki_server.drills.record_register import Register, Table

    register = Register(owner, [Table("audit_auditevent", ("id", "actor", "link"))])
    assert register.compare() == [] and len(register) > 10
    with owner.transaction(force_rollback=True):
        owner.execute("DELETE FROM audit_auditevent WHERE number = 3")
        owner.execute("UPDATE audit_auditevent SET actor = 'x' WHERE number = 4")
        told = register.compare()
    assert sum("なくなりました" in each for each in told) > 0
    assert sum("変わりました" in each for each in told) > 0


def test_a_clock_that_leaps_back_reorders_neither_trail_nor_prescriptions(stage):
    import random

    from tasuki_server.drills.time_drill import order_under

    counts, faults, by_time = order_under(stage, random.Random(2), 24)
    assert faults == [] and counts["note_versions"] == 6 and counts["back"] > 3
    assert by_time > 0


def test_a_skewed_clock_stands_in_every_trail(server, monkeypatch):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.cli.clock_keeper import note_skew
    from tasuki_server.database import session

    monkeypatch.setattr(session, "leave", lambda: None)
    note_skew(["時計が-60.0秒飛びました。"])
    for clinic in server.clinics():
        with clinic.work():
            event = AuditEvent.objects.filter(action="clock.skew").get()
            assert event.detail == {"what": ["時計が-60.0秒飛びました。"]}
