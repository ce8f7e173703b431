# SPDX-License-Identifier: Apache-2.0
"""Histories from full files and differences: what each change kind does to the days of a row."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

from masters.invented_rows import act, act_change, encoded
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.history import Dated
from tasuki.masters.official.importing import Import
from tasuki.masters.official.price_list import ListedPrice
from tasuki.masters.official.repricing import reprice
from tasuki.masters.rows import Act

CODE = "199990010"
FULL = ("s_ALL20240531.csv", encoded(act()))


def history(*files: tuple[str, bytes]) -> list[Act]:
    reading = Import()
    for name, data in files:
        reading.read(name, data)
    found = [row for row in compile_tables(reading).tables.acts if row.code == CODE]
    return sorted(found, key=lambda row: row.validity.since)


def days(rows: list[Act]) -> list[tuple[str, str, Decimal]]:
    return [(str(r.validity.since), str(r.validity.until or ""), r.points) for r in rows]


def test_a_change_with_a_later_day_opens_a_row_and_keeps_what_it_leaves_empty() -> None:
    rows = history(FULL, ("s_20241001.csv", encoded(act_change(CODE, {12: "11.00", 87: "20241001"}))))
    assert days(rows) == [("2024-06-01", "2024-09-30", Decimal(100)), ("2024-10-01", "", Decimal(11))]
    assert rows[1].name == rows[0].name


def test_a_change_without_a_day_corrects_the_row_in_force() -> None:
    rows = history(FULL, ("s_20240628.csv", encoded(act_change(CODE, {71: "3"}))))
    assert days(rows) == [("2024-06-01", "", Decimal(100))]
    assert rows[0].beds_kind == "3"


def test_a_change_of_a_past_day_reaches_every_row_from_that_day_on() -> None:
    rows = history(
        FULL,
        ("s_20241101.csv", encoded(act_change(CODE, {12: "11.00", 87: "20241101"}))),
        ("s_20241201.csv", encoded(act_change(CODE, {19: "2", 87: "20241001"}))),
    )
    assert [(str(r.validity.since), r.points, r.facility_kind) for r in rows] == [
        ("2024-06-01", 100, "0"),
        ("2024-10-01", 100, "2"),
        ("2024-11-01", 11, "2"),
    ]


def test_an_end_leaves_the_row_for_its_days() -> None:
    rows = history(FULL, ("s_20241108.csv", encoded(act_change(CODE, {87: "20241201", 88: "20241130"}, "9"))))
    assert days(rows) == [("2024-06-01", "2024-11-30", Decimal(100))]


def test_an_end_before_an_announced_change_cancels_it() -> None:
    rows = history(
        FULL,
        ("s_20240901.csv", encoded(act_change(CODE, {12: "11.00", 87: "20250401"}))),
        ("s_20241108.csv", encoded(act_change(CODE, {88: "20241130"}, "9"))),
    )
    assert days(rows) == [("2024-06-01", "2024-11-30", Decimal(100))]


def test_an_end_may_be_moved() -> None:
    rows = history(
        FULL,
        ("s_20240901.csv", encoded(act_change(CODE, {88: "20240930"}, "9"))),
        ("s_20240915.csv", encoded(act_change(CODE, {88: "20241231"}, "9"))),
    )
    assert days(rows) == [("2024-06-01", "2024-12-31", Decimal(100))]


def test_an_erased_row_never_was() -> None:
    rows = history(
        FULL,
        ("s_20240901.csv", encoded(act_change(CODE, {12: "11.00", 87: "20241001"}))),
        ("s_20240902.csv", encoded(act_change(CODE, {}, "1"))),
    )
    assert days(rows) == [("2024-06-01", "", Decimal(100))]


def test_a_change_of_a_code_nobody_loaded_is_said_and_not_invented() -> None:
    reading = Import()
    reading.read("s_20241001.csv", encoded(act_change(CODE, {12: "11.00", 87: "20241001"})))
    compiled = compile_tables(reading)
    assert compiled.tables.acts == ()
    assert [f.code for f in compiled.findings] == ["masters.no-base"]


def test_a_code_the_next_revision_does_not_list_ends_on_its_eve() -> None:
    second = act({3: "199990020"})
    rows = history(
        ("s_ALL20240531.csv", encoded(act(), second)),
        ("s_ALL20260605.csv", encoded(act({3: "199990020", 87: "20260601"}))),
    )
    assert days(rows) == [("2024-06-01", "2026-05-31", Decimal(100))]


def test_a_code_a_later_file_of_the_same_revision_does_not_list_ended_before_it() -> None:
    rows = history(
        ("s_ALL20240531.csv", encoded(act(), act({3: "199990020"}))),
        ("s_ALL20250901.csv", encoded(act({3: "199990020"}))),
    )
    assert days(rows) == [("2024-06-01", "2025-08-31", Decimal(100))]


def test_the_next_revision_closes_the_rows_of_this_one() -> None:
    rows = history(FULL, ("s_ALL20260605.csv", encoded(act({12: "120.00", 87: "20260601"}))))
    assert days(rows) == [("2024-06-01", "2026-05-31", Decimal(100)), ("2026-06-01", "", Decimal(120))]


def test_the_order_in_which_files_are_given_does_not_matter() -> None:
    files = (
        FULL,
        ("s_20240628.csv", encoded(act_change(CODE, {71: "3"}))),
        ("s_20241001.csv", encoded(act_change(CODE, {12: "11.00", 87: "20241001"}))),
        ("s_ALL20260605.csv", encoded(act({12: "120.00", 87: "20260601"}))),
    )
    outcomes = {tuple(history(*order)) for order in itertools.permutations(files)}
    assert len(outcomes) == 1


def _drug_row(since: date, price: str, former: str = "0.00", elective: str = "") -> Dated:
    fields = [""] * 42
    fields[9], fields[11], fields[24], fields[31], fields[41] = "錠", price, former, "9999001F1018", elective
    return Dated(since, fields, "y.csv", 1)


PRICES = {"9999001F1018": ListedPrice("9999001F1018", "5mg1錠", Decimal("18.5"))}


def test_a_price_changed_between_the_revision_and_the_list_was_another_before() -> None:
    rows = [_drug_row(date(2024, 4, 1), "20.00"), _drug_row(date(2025, 6, 1), "18.50", former="19.00")]
    made, origins = reprice(rows, PRICES, date(2025, 8, 14))
    assert [(r.since, r.fields[11]) for r in made] == [
        (date(2024, 4, 1), "20.00"),
        (date(2025, 4, 1), "19"),
        (date(2025, 6, 1), "18.5"),
    ]
    assert origins == [None, date(2025, 6, 1), date(2025, 8, 14)]


def test_a_price_changed_after_the_list_keeps_its_own() -> None:
    rows = [_drug_row(date(2024, 4, 1), "20.00"), _drug_row(date(2025, 11, 1), "15.00", former="18.50")]
    made, _ = reprice(rows, PRICES, date(2025, 8, 14))
    assert [r.fields[11] for r in made] == ["20.00", "18.5", "15.00"]


def test_an_elective_twin_is_not_priced_from_the_list() -> None:
    rows = [_drug_row(date(2024, 10, 1), "17.00", elective="2")]
    assert reprice(rows, PRICES, date(2025, 8, 14)) == (rows, [None])
