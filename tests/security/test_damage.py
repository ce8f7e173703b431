# SPDX-License-Identifier: Apache-2.0
"""破壊の痕 — what no act of the house does is found in the log, and what its acts do is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasuki_server.cli.words import Stop
from tasuki_server.recovery.damage import DamageKind, Tables, damages, place_of, refuse_gaps

NOTE, PATIENT, EVENT, DRAFT, TRIGGER, ALERT = 101, 102, 103, 104, 2620, 106
TABLES = Tables(
    5,
    {NOTE: "chart_note", PATIENT: "patients_patient", EVENT: "audit_auditevent", DRAFT: "chart_draft",
     TRIGGER: "pg_trigger", ALERT: "watch_alert"},
    frozenset({"chart_note", "audit_auditevent"}),
    frozenset({"chart_note", "patients_patient", "chart_draft"}),
)  # fmt: skip


def heap(tx: int, verb: str, relation: int, *, database: int = 5, place: str = "0/10") -> str:
    return (
        f"rmgr: Heap        len (rec/tot):     59/    59, tx: {tx:10}, lsn: {place}, prev 0/0, desc: {verb} off: 3,"
        f" flags: 0x00, blkref #0: rel 1663/{database}/{relation} blk 0\n"
    )


def commit(tx: int, place: str, more: str = "", second: int = 1) -> str:
    return (
        f"rmgr: Transaction len (rec/tot):     34/    34, tx: {tx:10}, lsn: {place}, prev 0/0,"
        f" desc: COMMIT 2026-06-15 01:00:{second:02d}.500000 UTC{more}\n"
    )


def found(*lines: str) -> list[tuple[str, list[DamageKind], list[str]]]:
    return [
        (each.commit, list(each.kinds), [table for table, _ in each.tables])
        for each in damages(lines, TABLES)
    ]


def test_acts_of_the_house_are_none() -> None:
    assert not found(
        heap(7, "INSERT", NOTE), heap(7, "HOT_UPDATE", PATIENT), heap(7, "DELETE", DRAFT), heap(7, "INSERT", EVENT),
        commit(7, "0/20"), heap(8, "HOT_UPDATE", ALERT), commit(8, "0/30"),
    )  # fmt: skip


@pytest.mark.parametrize("verb", ["UPDATE", "HOT_UPDATE", "UPDATE+INIT", "DELETE"])
def test_a_record_that_is_only_added_to_was_changed_even_with_an_event_beside(verb: str) -> None:
    assert found(heap(7, verb, NOTE), heap(7, "INSERT", EVENT), commit(7, "0/20")) == [
        ("0/20", [DamageKind.CHANGED], ["chart_note"])
    ]


def test_a_patients_row_without_an_event_in_its_transaction() -> None:
    assert found(heap(7, "HOT_UPDATE", PATIENT), commit(7, "0/20")) == [
        ("0/20", [DamageKind.UNTOLD], ["patients_patient"])
    ]


def test_the_event_of_another_transaction_does_not_count() -> None:
    lines = heap(7, "INSERT", NOTE), heap(8, "INSERT", EVENT), commit(8, "0/20"), commit(7, "0/30")
    assert found(*lines) == [("0/30", [DamageKind.UNTOLD], ["chart_note"])]


def test_what_a_subtransaction_did_is_its_transactions() -> None:
    lines = heap(8, "INSERT", NOTE), heap(7, "INSERT", EVENT), commit(7, "0/20", "; subxacts: 8")
    assert not found(*lines)
    assert found(heap(8, "DELETE", NOTE), commit(7, "0/20", "; subxacts: 8"))


def test_what_was_rolled_back_did_nothing() -> None:
    aborted = "rmgr: Transaction len (rec/tot):     34/    34, tx:          7, lsn: 0/20, prev 0/0, desc: ABORT 2026-06-15 01:00:01 UTC\n"
    assert not found(heap(7, "DELETE", NOTE), aborted)
    assert not found(heap(7, "DELETE", NOTE))


def test_a_tables_file_that_goes_and_a_trigger_that_is_changed() -> None:
    gone = commit(7, "0/20", f"; rels: base/5/{NOTE} base/5/999; inval msgs: catcache 5")
    assert found(gone) == [("0/20", [DamageKind.GONE], ["chart_note"])]
    assert found(heap(9, "UPDATE", TRIGGER), commit(9, "0/40"))[0][1] == [DamageKind.WALLS]


def test_another_database_is_not_ours() -> None:
    assert not found(heap(7, "DELETE", NOTE, database=6), commit(7, "0/20", f"; rels: base/6/{NOTE}"))


def test_damage_is_told_in_the_order_of_commits_with_time_and_rows() -> None:
    lines = (
        heap(7, "DELETE", NOTE),
        heap(7, "DELETE", NOTE),
        heap(8, "DELETE", EVENT),
        commit(8, "0/20"),
        commit(7, "0/30", second=2),
    )
    first, second = damages(lines, TABLES)
    assert (first.commit, second.commit) == ("0/20", "0/30")
    assert second.at == datetime(2026, 6, 15, 1, 0, 2, 500_000, UTC)
    assert "chart_note 2行" in second.words
    assert place_of(first.commit) < place_of(second.commit) < place_of("1/0")


def test_a_log_with_a_gap_is_refused() -> None:
    refuse_gaps(["0000000100000000000000FE", "0000000100000000000000FF", "000000010000000100000000"])
    with pytest.raises(Stop):
        refuse_gaps(["000000010000000000000001", "000000010000000000000003"])
