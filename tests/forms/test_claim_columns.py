# SPDX-License-Identifier: Apache-2.0
"""摘要欄の割付."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tasuki.forms.claim_columns import Columns, ColumnSizes, ems, fill_columns

SMALL = ColumnSizes(text_ems=6, plain_ems=8, front_lines=3, next_lines=5)


def texts(columns: Columns) -> list[list[list[tuple[str, ...]]]]:
    return [
        [[tuple(line.values()) for line in column] for column in sheet] for sheet in fill_columns(columns)
    ]


def test_an_empty_summary_is_one_empty_sheet() -> None:
    assert fill_columns(Columns(SMALL)) == [[[]]]


def test_a_unit_has_an_asterisk_first_and_its_value_last() -> None:
    columns = Columns(SMALL)
    columns.add_unit("21", "1", [("甲錠", "1錠"), ("乙錠", "")], (12, 28))
    assert texts(columns) == [[[("21", "1", "＊甲錠　1錠", ""), ("", "", "　乙錠", "12×28")]]]


def test_marks_are_printed_where_they_change_and_at_the_head_of_a_column() -> None:
    columns = Columns(SMALL)
    for _ in range(4):
        columns.add_unit("12", "1", [("再診料", "")], (75, 1))
    columns.add_unit("13", "1", [("指導", "")], (225, 1))
    (front,), following = texts(columns)
    assert [line[0] for line in front] == ["12", "", ""]
    assert [line[0] for line in following[0]] == ["12", "13"]


def test_a_unit_is_not_torn_while_a_column_can_hold_it() -> None:
    columns = Columns(SMALL)
    columns.add_unit("60", "1", [("い", ""), ("ろ", "")], (1, 1))
    columns.add_unit("60", "1", [("は", ""), ("に", "")], (1, 1))
    (front,), (second,) = texts(columns)
    assert len(front) == len(second) == 2


def test_a_unit_longer_than_a_column_runs_on() -> None:
    columns = Columns(SMALL)
    columns.add_unit("60", "1", [(f"項目{n}", "") for n in range(20)], (1, 1))
    sheets = texts(columns)
    assert [[len(column) for column in sheet] for sheet in sheets] == [[3], [5, 5], [5, 2]]


def test_a_comment_alone_has_no_asterisk_and_no_value() -> None:
    columns = Columns(SMALL)
    columns.add_unit("80", "1", [("実施日", "")], None)
    assert texts(columns) == [[[("80", "1", "　実施日", "")]]]


def test_diseases_beyond_the_box_carry_day_and_outcome() -> None:
    columns = Columns(ColumnSizes(20, 40, 3, 5))
    columns.add_disease(8, "架空炎", date(2026, 6, 1), "治ゆ", is_main=True)
    assert texts(columns)[0][0][0][2] == "（8）架空炎（主）　令和8.6.1　治ゆ"


@given(
    st.lists(st.lists(st.text("あいう1a。", min_size=1, max_size=20), min_size=1, max_size=6), max_size=12)
)
def test_no_text_is_lost_and_no_line_is_too_wide(units: list[list[str]]) -> None:
    columns = Columns(SMALL)
    for unit in units:
        columns.add_unit("60", "1", [(name, "") for name in unit], (1, 1))
    lines = [line for sheet in fill_columns(columns) for column in sheet for line in column]
    assert "".join(line["text"].strip("＊　") for line in lines) == "".join("".join(unit) for unit in units)
    assert all(ems(line["text"].rstrip("。")) <= SMALL.text_ems for line in lines)
    for sheet in fill_columns(columns):
        assert len(sheet) <= 2
        assert all(len(column) <= SMALL.next_lines for column in sheet)
