# SPDX-License-Identifier: Apache-2.0
"""The starter set: what it covers, and what changes on the day of a revision."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tasuki.masters.book import EndedCode, OutOfBook
from tasuki.masters.revisions import is_price_confirmed
from tasuki.masters.starter import load_starter

LAST_OF_R6 = date(2026, 5, 31)
FIRST_OF_R8 = date(2026, 6, 1)

REVISIT, FIRST_VISIT = "112007410", "111000110"
INFORMATION_REVISIT, COORDINATION_FIRST = "112708970", "111704070"


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (FIRST_VISIT, 291, 291),
        (REVISIT, 75, 76),
        ("112015810", 38, 39),  # 再診料 同一日2科目
        ("112016070", 5, 7),  # 時間外対応加算1
        ("120004270", 10, 8),  # 一般名処方加算1
        ("160230050", 225, 225),
        ("180725710", 6, 17),  # ベースアップ評価料 初診時
        ("113003610", 410, 411),
    ],
)
def test_points_on_the_eve_and_the_day_of_the_revision(code: str, before: int, after: int) -> None:
    book = load_starter()
    assert book.at(LAST_OF_R6).act(code).points == before
    assert book.at(FIRST_OF_R8).act(code).points == after


def test_an_abolished_addition_ends_and_its_successor_begins() -> None:
    book = load_starter()
    assert book.at(LAST_OF_R6).has(INFORMATION_REVISIT)
    with pytest.raises(EndedCode):
        book.at(FIRST_OF_R8).act(INFORMATION_REVISIT)
    with pytest.raises(EndedCode):
        book.at(LAST_OF_R6).act(COORDINATION_FIRST)
    assert book.at(FIRST_OF_R8).act(COORDINATION_FIRST).points == 15


def test_a_code_that_changed_inside_the_revision_has_dated_rows() -> None:
    """医療ＤＸ推進体制整備加算 — 8 points of one kind, then 11 of tier 1, renamed tier 4 with 10."""
    book = load_starter()
    assert not book.at(date(2024, 9, 30)).has("111703470")
    assert book.at(date(2024, 10, 1)).act("111703470").points == 11
    assert book.at(date(2025, 4, 1)).act("111703470").points == 10
    assert book.at(date(2025, 4, 1)).act("111703470").name.endswith("加算４（初診）")


def test_the_second_step_doubles_wage_and_price_fees() -> None:
    book = load_starter()
    for code, first, second in (("180725710", 17, 34), ("180853810", 23, 40), ("180819910", 2, 4)):
        assert book.at(date(2027, 5, 31)).act(code).points == first
        assert book.at(date(2027, 6, 1)).act(code).points == second


def test_a_day_before_the_starter_is_out_of_the_book() -> None:
    with pytest.raises(OutOfBook):
        load_starter().at(date(2024, 5, 31))


def test_a_drug_price_says_which_list_it_is_from() -> None:
    drugs = [
        d for rows in load_starter().drugs.values() for d in rows if d.name.startswith("ノルバスク錠５ｍｇ")
    ]
    by_day = {d.validity.since: d for d in drugs}
    assert by_day[date(2025, 4, 1)].price_on == date(2025, 8, 14)
    assert by_day[date(2025, 4, 1)].price < by_day[date(2024, 6, 1)].price
    assert is_price_confirmed(by_day[date(2025, 4, 1)].price_on, date(2026, 3, 31))
    assert not is_price_confirmed(by_day[date(2025, 4, 1)].price_on, date(2026, 4, 1))


def test_one_row_a_code_and_day() -> None:
    book = load_starter()
    for table in (book.acts, book.drugs, book.materials, book.comments):
        for rows in table.values():
            for at, row in enumerate(rows):
                assert not any(row.validity.overlaps(other.validity) for other in rows[at + 1 :]), row.code


def test_every_code_a_row_points_to_is_there() -> None:
    """年齢加算 and 背反 name codes; a name without a row would break the calculation late."""
    book = load_starter()
    for rows in book.acts.values():
        for row in rows:
            for addition in row.age_additions:
                assert addition.code in book.acts or row.setting == "1", (row.code, addition)
    for code, pairs in book.exclusions.items():
        assert code in book.acts
        assert all(pair.other in book.acts for pair in pairs)


def test_exclusions_are_stored_both_ways() -> None:
    book = load_starter()
    keep = {(e.window, e.code, e.other): e.keep for rows in book.exclusions.values() for e in rows}
    opposite = {1: 2, 2: 1, 3: 3}
    wrong = [key for key, kept in keep.items() if keep.get((key[0], key[2], key[1])) != opposite[kept]]
    assert wrong == []


def test_stepped_points_are_carried() -> None:
    step = load_starter().at(FIRST_OF_R8).act("170027910").step
    assert step is not None
    assert (step.above, step.upto, step.points) == (1, 5, Decimal(34))


def test_a_bundle_never_swallows_another_bundle() -> None:
    """地域包括診療料 and 生活習慣病管理料 exclude each other by table 03; neither may be a member of the other."""
    book = load_starter()
    bundles = {code for code, rows in book.parents.items() if any(p.group.startswith("B0010") for p in rows)}
    assert bundles
    for members in book.members.values():
        assert not bundles & {member.code for member in members}


def test_the_care_of_lifestyle_disease_bundles_tests_but_not_plain_films() -> None:
    book = load_starter()
    day = book.at(FIRST_OF_R8)
    groups = {parent.group for parent in day.inclusion_groups("113041810")}
    members = {m.code for group in groups for m in day.inclusion_members(group)}
    assert {"160019210", "160061910", "130003510", "112011010", "180016110"} <= members
    assert not {"170000410", "120002910", "113707110"} & members


def test_what_the_second_kind_leaves_out_changes_with_the_revision() -> None:
    """生活習慣病管理料（Ⅱ） — R8 adds 喘息治療管理料 and 傷病手当金意見書交付料 to what is billed beside it."""
    book = load_starter()
    before = {m.code for m in book.at(LAST_OF_R6).inclusion_members("B001033")}
    after = {m.code for m in book.at(FIRST_OF_R8).inclusion_members("B001033")}
    assert {"113018110", "180000710"} <= before
    assert not {"113018110", "180000710"} & after
    assert "180016110" not in before | after
