# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書（社保・国保・後期）・総括表."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from forms.invented import CLINIC, PAYER_INVOICES, SOCIAL_INVOICE
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import FORMS, render
from tasuki.forms.invoice_amounts import NOTHING, InvoiceAmounts
from tasuki.forms.payer_invoices import InvoiceScheme, PayerInvoice, PayerInvoices, PayerProgrammeLine
from tasuki.forms.social_invoice import (
    InsuredGroup,
    InsuredRow,
    ProgrammeGroup,
    ProgrammeLine,
    SocialInvoice,
)
from tasuki.forms.social_invoice_layout import rows_of
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def sheets_of(form: str, data: object) -> list[dict[str, Any]]:
    return list(FORMS[form].layout(data)["sheets"])


def line_beside(sheet: dict[str, Any], words: str, nth: int = 0) -> list[str]:
    """The values that stand on the line of a printed label, from left to right."""
    found = [one for one in sheet["labels"] if one["lines"] == [words]]
    label = found[nth]
    values = [one for one in sheet["values"] if one["y"] == label["y"] and one["x"] > label["x"]]
    return [one["words"] for one in sorted(values, key=lambda one: one["x"])]


def inside(box: list[float], width: float = 210, height: float = 297) -> bool:
    x, y, w, h = box
    return x >= 5 and y >= 5 and x + w <= width - 5 and y + h <= height - 5


@pytest.mark.parametrize("form", ["social_invoice", "payer_invoices", "claim_totals"])
def test_every_box_lies_within_the_printable_sheet(form: str) -> None:
    data = SOCIAL_INVOICE if form == "social_invoice" else PAYER_INVOICES
    assert set(sizes_mm(render(form, data))) == {(210, 297)}
    for sheet in sheets_of(form, data):
        assert all(inside(box) for box in (*sheet["boxes"], *sheet["crosses"]))
        assert all(inside([one["x"], one["y"], one["w"], one["h"]]) for one in sheet["values"])


def test_the_lines_of_a_social_invoice_stand_in_their_rows() -> None:
    first, second = sheets_of("social_invoice", SOCIAL_INVOICE)
    assert line_beside(first, "医保（70以上一般・低所得）と公費の併用") == ["3", "5", "4,321"]
    assert line_beside(first, "01　　　（協会）") == ["12", "20", "12,345", "18,000"]
    assert line_beside(first, "01　　　（協会）", 2) == ["240", "400", "212,345"]
    assert line_beside(first, "06　　　（組）", 2) == ["121", "202", "123,456", "57,600", "1", "12", "8,280", "6,120"]  # fmt: skip
    assert line_beside(first, "07　　　（自）") == ["1", "1", "291"]
    assert line_beside(first, "31～34　（共）") == ["44", "61", "40,123"]
    assert line_beside(second, "②　合　計")[:2] == ["66", "61,520"]


def test_subtotals_leave_the_combined_out_and_the_total_takes_them_in() -> None:
    first, second = sheets_of("social_invoice", SOCIAL_INVOICE)
    assert [line_beside(first, "小　計", n)[:1] for n in range(5)] == [["12"], [], ["362"], ["44"], []]
    total = SOCIAL_INVOICE.insured_total()
    assert line_beside(first, "①　合　計")[:1] == [str(total.receipts)] == ["473"]
    assert line_beside(second, "総件数　①＋②") == [str(473 + 66)]


def test_the_days_of_programmes_are_not_asked() -> None:
    _, second = sheets_of("social_invoice", SOCIAL_INVOICE)
    days = [one["words"] for one in second["values"] if one["x"] == 71 and one["y"] > 60]
    assert days == []
    assert len(second["crosses"]) == 10 + 5 + 8


def test_a_row_of_another_group_is_added_where_something_stands_in_it() -> None:
    assert InsuredRow.DEFENCE not in rows_of(InsuredGroup.ELDER)
    assert InsuredRow.DEFENCE in rows_of(InsuredGroup.ELDER, [InsuredRow.DEFENCE])
    assert InsuredRow.DEFENCE in rows_of(InsuredGroup.SELF)
    assert InsuredRow.SEAFARER_ON_DUTY not in rows_of(InsuredGroup.FAMILY)
    assert InsuredRow.COMBINED not in rows_of(InsuredGroup.SELF, [InsuredRow.COMBINED])


def test_many_programmes_go_on_to_another_sheet() -> None:
    lines = tuple(
        ProgrammeLine(ProgrammeGroup.WITH_INSURANCE, f"{law}", InvoiceAmounts(1)) for law in range(10, 60)
    )
    sheets = sheets_of("social_invoice", replace(SOCIAL_INVOICE, programmes=lines))
    assert len(sheets) == 3
    laws = [one["words"] for sheet in sheets[1:] for one in sheet["values"] if one["x"] == 29]
    assert laws == [f"{law}" for law in range(10, 60)]
    assert all(inside(box) for sheet in sheets for box in sheet["boxes"])
    assert not any(one["lines"] == ["②　合　計"] for one in sheets[1]["labels"])


def test_an_invoice_short_of_a_receipt_is_refused_by_number() -> None:
    with pytest.raises(BadInput, match="7番"):
        render("social_invoice", replace(SOCIAL_INVOICE, uncounted=("7",)))
    with pytest.raises(BadInput, match="8番"):
        render("payer_invoices", replace(PAYER_INVOICES, uncounted=("8", "8")))


@pytest.mark.parametrize("form", ["payer_invoices", "claim_totals"])
def test_an_invoice_of_nothing_is_refused(form: str) -> None:
    with pytest.raises(BadInput):
        render(form, PayerInvoices(None, CLINIC))
    with pytest.raises(BadInput):
        render("social_invoice", SocialInvoice(None, CLINIC))


def test_one_sheet_an_insurer_and_one_more_for_its_programmes() -> None:
    sheets = [
        "".join(p.extract_text().split()) for p in reader(render("payer_invoices", PAYER_INVOICES)).pages
    ]
    assert len(sheets) == 5
    assert "様式第八" in sheets[0] and "架空県後期高齢者医療広域連合" in sheets[0]
    assert "様式第八（公費負担医療）" in sheets[1] and "80" in sheets[1]
    assert "様式第六" in sheets[2] and "138057" in sheets[2]
    assert "様式第六（公費負担医療）" in sheets[3]
    assert "138065" in sheets[4]


def test_what_an_insurer_owes_stands_by_setting() -> None:
    _, _, national, programmes, retired = sheets_of("payer_invoices", PAYER_INVOICES)
    assert line_beside(national, "入　院") == ["1", "10", "32,100", "1", "30", "20,700", "15,300"]
    assert line_beside(national, "入院外") == ["66", "99", "71,234"]
    assert line_beside(national, "⑧ 入院外") == ["31", "50", "34,567", "8,000"]
    assert line_beside(national, "④ 入院外") == ["5", "8", "3,456"]
    assert line_beside(programmes, "入院外") == ["5", "5", "5,020", "5,000"]
    assert line_beside(retired, "② 入院外") == ["2", "3", "1,234"]


def test_the_decided_lines_stay_empty() -> None:
    for sheet in sheets_of("payer_invoices", PAYER_INVOICES):
        decided = [one["y"] for one in sheet["labels"] if one["lines"] == ["※決定"]]
        height = min(one["h"] for one in sheet["labels"] if one["lines"] == ["※決定"])
        lines = [one["y"] for one in sheet["values"] if one["size"] < 10]
        assert not any(top - 0.01 < y < top + height - 0.01 for top in decided for y in lines)


def test_programmes_beyond_the_sheet_of_the_late_elderly_are_not_lost() -> None:
    lines = tuple(PayerProgrammeLine(f"{law}", False, InvoiceAmounts(1, 1, law)) for law in range(10, 30))
    invoice = PayerInvoice("39131156", InvoiceScheme.LATE, (), lines)
    sheets = sheets_of("payer_invoices", replace(PAYER_INVOICES, invoices=(invoice,)))
    laws = [one["words"] for sheet in sheets for one in sheet["values"] if one["size"] == 13]
    assert laws == [f"{law}" for law in range(10, 30)]
    assert len(sheets) == 1 + 3


def test_the_totals_are_those_of_every_insurer() -> None:
    (sheet,) = sheets_of("claim_totals", PAYER_INVOICES)
    everything = sum((line.amounts for one in PAYER_INVOICES.invoices for line in one.rows), NOTHING)
    assert line_beside(sheet, "合　　計")[:2] == [str(everything.receipts), f"{everything.points:,}"]
    counts = [one["words"] for one in sheet["values"] if one["y"] == 70]
    assert counts == ["3", "3", "190", "1", "1", "103", "1", "1", "2", "1", "1", "85"]
    printed = text(render("claim_totals", PAYER_INVOICES))
    for words in ("診療報酬総括表（医科）", "公費再掲", "令和8年7月10日"):
        assert squeezed(words) in printed, words


def test_programmes_of_the_totals_are_summed_on_the_last_line_when_too_many() -> None:
    lines = tuple(PayerProgrammeLine(f"{law}", False, InvoiceAmounts(1, 1, 10)) for law in range(10, 30))
    one = replace(PAYER_INVOICES.invoices[1], programmes=lines)
    (sheet,) = sheets_of("claim_totals", replace(PAYER_INVOICES, invoices=(one,)))
    laws = [value for value in sheet["values"] if value["x"] == 18]
    assert laws[-1]["words"] == "他13法別"
    assert [v["words"] for v in sheet["values"] if v["y"] == laws[-1]["y"]][1:3] == ["13", "130"]


def test_a_day_not_yet_known_is_left_to_be_written() -> None:
    printed = text(render("social_invoice", replace(SOCIAL_INVOICE, claimed_on=None)))
    assert "令和年月日" in printed
    assert "令和8年7月10日" not in printed
