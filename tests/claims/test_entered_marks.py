# SPDX-License-Identifier: Apache-2.0
"""入力する特記事項 — which marks a person may put on which receipt, beside which others."""

from __future__ import annotations

import pytest

from tasuki.claims.checks.entered_marks import ENTERED_MARKS, refused_mark
from tasuki.claims.checks.rule import Context
from tasuki.claims.codes import INCOME_MARKS, SPECIAL_NOTES
from tasuki.claims.item_values import Month
from tasuki.claims.receipt import Receipt
from tasuki.claims.writer import compose
from tasuki.kernel.messages import sentence

CLAIM_MONTH = Month(2026, 10)


def _receipt(kind: str) -> Receipt:
    items = {"receipt_number": 1, "receipt_type": kind, "service_month": "202609", "special_notes": "29"}
    return Receipt([compose("RE", items).record])


@pytest.mark.parametrize(
    ("mark", "kept", "kind", "code"),
    [
        ("10", {"29"}, "1112", ""),
        ("10", set(), "1212", ""),
        ("04", set(), "1212", ""),
        ("04", {"29"}, "1112", "UKE-J-03"),
        ("01", set(), "1212", "UKE-J-02"),
        ("16", {"02", "29"}, "1112", "UKE-L3-3106"),
        ("30", {"29"}, "1112", "UKE-J-01"),
        ("96", {"29"}, "1122", "UKE-L3-3018"),
        ("13", {"07", "09", "10", "11", "29"}, "1112", "UKE-J-04"),
    ],
)
def test_a_mark_stands_where_the_checks_of_the_file_let_it(mark, kept, kind, code):
    found = refused_mark(mark, kept, _receipt(kind), Context("1", CLAIM_MONTH))
    assert (found.code if found is not None else "") == code
    if found is not None:
        assert sentence(found)


def test_before_a_receipt_is_made_only_the_table_and_the_number_decide():
    context = Context("", CLAIM_MONTH)
    assert refused_mark("04", set(), None, context) is None
    assert refused_mark("27", set(), None, context) is not None
    assert refused_mark("04", {"07", "09", "10", "11", "12"}, None, context) is not None


def test_what_the_card_tells_and_what_has_ended_is_not_entered():
    assert not ENTERED_MARKS.keys() & (INCOME_MARKS | {"15", "20", "21", "25"})
    assert ENTERED_MARKS.keys() <= SPECIAL_NOTES.keys()
