# SPDX-License-Identifier: Apache-2.0
"""料金表 — what is read, what is refused and where, and the tax inside a price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.calculation.payers import PriceItem, TaxClass, explain_payer, price_lines, read_price_list
from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.finding import BadInput

HEADER = "code\tname\tyen\ttax\tkind\tpatient_yen\tbilled_to\tsince\tuntil\n"


def test_a_list_is_read_with_its_taxes_and_payers() -> None:
    text = (
        HEADER
        + "D1\t診断書\t3,300\t10%\t自費\nK1\t特定健診\t8500\t非課税\t健診\t1000\tみどり市国保\t2026-04-01\t2027-03-31\n"
    )
    paper, checkup = read_price_list(text.encode())
    assert paper == PriceItem("D1", "診断書", 3300, TaxClass.STANDARD)
    assert (checkup.kind, checkup.charged_yen) == (InsuranceKind.CHECKUP, 1000)
    lines = price_lines([(paper, 2), (checkup, 1)])
    assert [(line.patient_yen, line.tax_yen, line.billed_yen) for line in lines] == [
        (6600, 600, 0),
        (1000, 0, 7500),
    ]
    assert "みどり市国保に請求し" in explain_payer(lines[1].because)


@pytest.mark.parametrize(
    ("row", "column", "line"),
    [
        ("D1\t診断書\t三千円\t10", "yen", 2),
        ("D1\t診断書\t3300\t5%", "tax", 2),
        ("\t診断書\t3300\t10", "code", 2),
        ("D1\t\t3300\t10", "name", 2),
        ("D1\t診断書\t3300\t10\t労災", "kind", 2),
        ("D1\t診断書\t3300\t10\t自費\t4000", "patient_yen", 2),
        ("D1\t診断書\t3300\t10\t健診\t1000", "billed_to", 2),
        ("D1\t診断書\t3300\t10\t自費\t\t\t2026/04/01", "since", 2),
        ("D1\t診断書\t3300\t10\t自費\t\t\t2026-04-01\t2025-04-01", "until", 2),
        ("D1\t診断書\t3300\t10\nD1\t写し\t100\t10", "code", 3),
    ],
)
def test_a_fault_names_its_line_and_column(row: str, column: str, line: int) -> None:
    with pytest.raises(BadInput) as refused:
        read_price_list((HEADER + row).encode(), "prices.tsv")
    (finding,) = refused.value.findings
    assert (finding.where.file, finding.where.line, finding.where.field) == ("prices.tsv", line, column)


def test_another_encoding_or_header_is_refused() -> None:
    for data in ("診断書".encode("cp932"), b"", b"name\tcode\n"):
        with pytest.raises(BadInput):
            read_price_list(data)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: (HEADER + text).encode("utf-8", "replace")),
    )
)
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        items = read_price_list(data)
    except BadInput as refused:
        assert refused.findings
    else:
        assert all(item.yen >= item.charged_yen >= 0 for item in items)


def test_a_line_with_more_cells_than_the_header_is_refused() -> None:
    with pytest.raises(BadInput):
        read_price_list(b"code\tname\tyen\ttax\nD1\tpaper\t100\t10\textra")
