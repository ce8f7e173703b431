# SPDX-License-Identifier: Apache-2.0
"""診療報酬明細書（医科入院外）."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from forms.invented import CLAIM
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.claim_receipt import ClaimDisease, ClaimInsurer, ClaimReceipts, SummaryItem, SummaryUnit
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def test_every_box_of_the_first_sheet_is_filled() -> None:
    pdf = render("claim_receipt", CLAIM)
    assert sizes_mm(pdf) == [(210, 297)]
    printed = text(pdf)
    for words in (
        "診療報酬明細書（医科入院外）",
        "令和8年6月分",
        "県番13",
        "医コ1234567",
        "1医科",
        "3後期",
        "2２併",
        "8高外一",
        "54136015",
        "80130016",
        "39130012",
        "12345678",
        "髙橋　𠮷之助",
        "41区カ",
        "02長",
        "01 内科",
        "（1）高血圧症（主）",
        "令和2年4月1日",
        "治ゆ",
        "75×",
        "12,345",
        "＊再診料75×2",
        "＊架空ジピン錠５ｍｇ　1錠",
        "　架空メサルタン錠２０ｍｇ　1錠12×28",
        "実施年月日　令和８年６月１５日",
        "13,228点",
        "18,000",
        "（500）",
        "公負③ 21136010　公受③ 1111111",
        "実日数 1日　225点　負担 2,500円",
        "公負④ 51136018　公受④ 2222222",
        "提出には使用しないでください",
    ):
        assert squeezed(words) in printed, words


def test_what_the_summary_cannot_hold_goes_to_continuation_sheets() -> None:
    units = tuple(SummaryUnit("60", (SummaryItem(f"架空検査{n}番"),), 10, 1, "1") for n in range(300))
    pdf = render("claim_receipt", replace(CLAIM, units=units))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert len(sheets) == 3
    for sheet in sheets:
        assert "髙橋" in sheet
        assert "39130012" in sheet
    assert all("（続紙）" in sheet for sheet in sheets[1:])
    for n in range(300):
        assert sum(sheet.count(f"架空検査{n}番") for sheet in sheets) == 1


def test_diseases_beyond_the_box_are_found_in_the_summary() -> None:
    diseases = tuple(ClaimDisease(f"架空症{n}", date(2026, 6, 1)) for n in range(1, 31))
    printed = text(render("claim_receipt", replace(CLAIM, diseases=diseases)))
    assert "以下、摘要欄" in printed
    assert all(printed.count(f"（{n}）架空症{n}") == 1 for n in (6, 7, 30))


def test_a_claim_without_insurer_or_lines_still_shows_its_form() -> None:
    printed = text(
        render(
            "claim_receipt", replace(CLAIM, receipt_type="1212", insurer=None, units=(), rows={}, diseases=())
        )
    )
    assert "2公費" in printed
    assert "1単独" in printed


def test_narratives_stand_at_the_end() -> None:
    printed = text(render("claim_receipt", replace(CLAIM, narratives=("一行目\n二行目",))))
    assert printed.index("実施年月日") < printed.index("一行目") < printed.index("二行目")


def test_a_wrong_receipt_can_be_seen() -> None:
    wrong = replace(
        CLAIM,
        receipt_type="9",
        insurer=ClaimInsurer("3913001234", "", "", 99, 0),
        programmes=CLAIM.programmes * 2,
        patient=replace(CLAIM.patient, name=""),
    )
    printed = text(render("claim_receipt", wrong))
    assert "3913001234" in printed
    assert "公負⑧" in printed


def test_a_month_is_printed_into_one_file_in_order() -> None:
    receipts = tuple(
        replace(CLAIM, number=str(n), patient=replace(CLAIM.patient, name=f"架空{n}郎")) for n in range(1, 6)
    )
    pdf = render("claim_receipts", ClaimReceipts(CLAIM.month, receipts))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert [next(n for n in range(1, 6) if f"架空{n}郎" in sheet) for sheet in sheets] == [1, 2, 3, 4, 5]
    assert text(render("claim_receipt", receipts[2])) == sheets[2]


def test_a_month_without_receipts_is_not_printed() -> None:
    with pytest.raises(BadInput):
        render("claim_receipts", ClaimReceipts(CLAIM.month, ()))


def test_a_long_name_keeps_to_one_line_clear_of_its_kana() -> None:
    long = replace(CLAIM, patient=replace(CLAIM.patient, name="架空寿限無寿限無　五劫之擦切之助"))
    assert "架空寿限無寿限無　五劫之擦切之助" in reader(render("claim_receipt", long)).pages[0].extract_text()
