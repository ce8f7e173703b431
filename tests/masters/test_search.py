# SPDX-License-Identifier: Apache-2.0
"""Search by kana, kanji, code, official short name and generic name, with usable rows first."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.masters.difference import difference
from tasuki.masters.search import Hit, Kind, Match, SearchIndex
from tasuki.masters.starter import load_starter

DAY = date(2026, 6, 1)
INDEX = SearchIndex(load_starter())


def first(text: str, kind: Kind | None = None, day: date = DAY) -> Hit:
    return INDEX.find(text, kind, day)[0]


@pytest.mark.parametrize(
    "text", ["再診料", "さいしんりょう", "サイシンリョウ", "ｻｲｼﾝﾘｮｳ", "112007410", "再診"]
)
def test_an_act_is_found_however_it_is_typed(text: str) -> None:
    assert first(text, Kind.ACT).row.code == "112007410"


def test_the_code_itself_comes_before_codes_that_begin_with_it() -> None:
    hits = INDEX.find("112007410", None, DAY)
    assert hits[0].match is Match.CODE
    assert {hit.row.code[:4] for hit in INDEX.find("1120", Kind.ACT, DAY)} == {"1120"}


def test_a_drug_is_found_by_its_generic_name_and_strength() -> None:
    names = [hit.row.name for hit in INDEX.find("アムロジピン ５", Kind.DRUG, DAY)]
    assert "ノルバスク錠５ｍｇ" in names
    assert all("５" in name or "5" in name for name in names[:5])


def test_a_name_that_begins_with_the_word_comes_before_one_that_holds_it() -> None:
    hits = INDEX.find("高血圧", Kind.DISEASE, DAY)
    assert hits[0].row.name.startswith("高血圧")
    assert [hit.match for hit in hits] == sorted(hit.match for hit in hits)


def test_a_row_not_usable_on_the_day_comes_last_and_says_so() -> None:
    hits = INDEX.find("情報取得加算", Kind.ACT, DAY)
    assert hits
    assert not any(hit.is_usable for hit in hits)
    assert all(
        hit.is_usable for hit in INDEX.find("医療情報取得加算（初診）", Kind.ACT, date(2026, 5, 31))[:1]
    )


def test_nothing_is_found_for_nothing() -> None:
    assert INDEX.find("  ", None, DAY) == []
    assert INDEX.find("存在しない言葉", None, DAY) == []


def test_the_difference_of_the_revision_names_what_changed() -> None:
    changes = {change.code: change for change in difference(load_starter(), date(2026, 5, 31), DAY)}
    assert changes["112007410"].what == "amount"
    assert changes["111704070"].what == "added"
    assert changes["112708970"].what == "ended"
    assert "111000110" not in changes
