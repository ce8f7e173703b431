# SPDX-License-Identifier: Apache-2.0
"""領収証."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forms.invented import RECEIPT
from forms.pages import sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.receipt_slip import UninsuredCharge, layout
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def test_every_part_and_sum_is_printed_on_one_a5_sheet() -> None:
    pdf = render("receipt_slip", RECEIPT)
    assert sizes_mm(pdf) == [(210, 148)]
    printed = text(pdf)
    for words in (
        "領収証",
        "初・再診料",
        "医学管理等",
        "在宅医療",
        "検査",
        "画像診断",
        "投薬",
        "注射",
        "リハビリテーション",
        "精神科専門療法",
        "処置",
        "手術",
        "麻酔",
        "放射線治療",
        "病理診断",
        "その他",
        "評価療養・選定療養",
        "髙橋　𠮷之助",
        "00012345",
        "2026-000123",
        "令和8年6月15日",
        "後期",
        "2割",
        "本人",
        "難病(54)",
        "12,345点",
        "12,990点",
        "129,900円",
        "18,000円",
        "25,740円",
        "43,740円",
        "20,000円",
        "10％対象25,630円（内消費税2,330円）",
        "非課税110円",
        "仕入れ時に負担する消費税が反映されています",
        "T0000000000000",
        "領収印",
    ):
        assert squeezed(words) in printed, words
    assert "再発行" not in printed


def test_what_stays_owed_counts_what_was_owed_before() -> None:
    assert layout(RECEIPT)["unpaid"] == "24,740"
    assert layout(replace(RECEIPT, received_yen=50000))["unpaid"] == "△5,260"


def test_a_reissue_is_marked_and_differs_only_by_the_mark() -> None:
    again = render("receipt_slip", replace(RECEIPT, is_reissue=True, reissued_on=date(2026, 7, 1)))
    assert "再発行" in text(again)
    assert "再発行日令和8年7月1日" in text(again)
    assert text(again).replace("再発行日令和8年7月1日", "").replace("再発行", "") == text(
        render("receipt_slip", RECEIPT)
    )


def test_parts_that_do_not_add_up_are_not_printed() -> None:
    with pytest.raises(BadInput) as refused:
        render("receipt_slip", replace(RECEIPT, total_points=12991))
    (finding,) = refused.value.findings
    assert finding.code == "FORM002"
    assert finding.facts == {"what": "合計点数", "computed": 12990, "stated": 12991}


def test_a_visit_of_nothing_prints_zeroes() -> None:
    empty = replace(
        RECEIPT, points={}, total_points=0, copayment_yen=0, received_yen=0, charges=(), previous_unpaid_yen=0
    )
    assert "0円" in text(render("receipt_slip", empty))


def test_thirty_charges_still_fit_the_sheet() -> None:
    many = tuple(UninsuredCharge(f"検診項目その{n}", 1100 * n) for n in range(1, 31))
    pdf = render("receipt_slip", replace(RECEIPT, charges=many))
    assert len(sizes_mm(pdf)) == 1
    assert "検診項目その30" in text(pdf)


def test_json_of_the_published_shape_prints_the_same_sheet() -> None:
    import msgspec

    plain = msgspec.json.decode(msgspec.json.encode(RECEIPT))
    assert render("receipt_slip", plain) == render("receipt_slip", RECEIPT)


def test_a_wrong_member_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        render("receipt_slip", {"number": "1", "issued_on": "2026-13-01"})
    (finding,) = refused.value.findings
    assert (finding.code, finding.where.field) == ("FORM001", "issued_on")
