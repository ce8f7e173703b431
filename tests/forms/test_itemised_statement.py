# SPDX-License-Identifier: Apache-2.0
"""診療明細書."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.invented import ITEMISED
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.fee_part import FeePart
from tasuki.forms.itemised_statement import ItemisedLine, ItemisedUnit, Paper
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (210, 297)), (Paper.A5, (148, 210))])
def test_every_item_stands_with_its_points_and_count(paper: Paper, size: tuple[int, int]) -> None:
    pdf = render("itemised_statement", replace(ITEMISED, paper=paper))
    assert sizes_mm(pdf) == [size]
    printed = text(pdf)
    for words in (
        "診療明細書",
        "髙橋　𠮷之助　様",
        "初・再診料＊再診料751",
        "＊外来管理加算521",
        "医学管理等＊特定疾患療養管理料（診療所）　（公費 ①）2251",
        "＊末梢血液一般検査　血液学的検査判断料1461",
        "投薬＊架空ジピン錠５ｍｇ　1錠　架空メサルタン錠２０ｍｇ　1錠1228",
        "合計点数834点",
        "①難病(54)",
        "自己負担の有無にかかわらず明細書を発行",
    ):
        assert squeezed(words) in printed, words


def test_columns_and_patient_come_back_on_every_sheet() -> None:
    unit = ItemisedUnit(FeePart.EXAMINATION, tuple(ItemisedLine(f"検査項目{n}") for n in range(10)), 10, 1)
    pdf = render("itemised_statement", replace(ITEMISED, units=(unit,) * 20, total_points=200))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert len(sheets) > 2
    for n, sheet in enumerate(sheets, start=1):
        assert "部項目名点数回数" in sheet
        assert "髙橋" in sheet
        assert f"{n}／{len(sheets)}頁" in sheet
    assert sum(sheet.count("検査項目9") for sheet in sheets) == 20
    assert [("合計点数" in sheet) for sheet in sheets] == [False] * (len(sheets) - 1) + [True]


def test_nothing_billed_prints_a_total_of_nought() -> None:
    assert "合計点数0点" in text(render("itemised_statement", replace(ITEMISED, units=(), total_points=0)))


def test_lines_that_do_not_add_up_are_not_printed() -> None:
    with pytest.raises(BadInput) as refused:
        render("itemised_statement", replace(ITEMISED, total_points=1))
    assert refused.value.findings[0].facts["computed"] == 834
