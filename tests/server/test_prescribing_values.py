# SPDX-License-Identifier: Apache-2.0
"""処方と調剤の突合・送信前の点検 — values in, values out; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from prescriptions.made_contents import CONTENTS
from tasuki_server.eprescribing.comparing import compared
from tasuki_server.eprescribing.validation import faults_of


def _dispensing(*drugs):
    lines = [
        "JAHISTC08,1",
        "1,架空　花子,2,19600606,,,,,,,ｶｸｳ ﾊﾅｺ",
        "5,20261130,1",
        "11,架空薬局,13,4,9990036,,,,1",
    ]
    for rp, (kind, code, name, amount, days) in enumerate(drugs, 1):
        lines += [f"201,{rp},{name},{amount},錠,{kind},{code},1,,,", f"301,{rp},毎食後,{days},日分,1,2,,1"]
    return ("\r\n".join(lines) + "\r\n").encode("cp932")


def _ordered(*names):
    (rp, _) = CONTENTS.rps
    drug = rp.drugs[0]
    return replace(
        CONTENTS,
        rps=tuple(
            replace(rp, drugs=(replace(drug, name=name, code=code, amount=Decimal(3)),))
            for name, code in names
        ),
    )


def test_what_was_dispensed_as_ordered_differs_in_nothing():
    (row,) = compared(
        _ordered(("架空錠２．５ｍｇ", "612170709")), _dispensing(("2", "612170709", "架空錠2.5mg", 3, 14))
    )
    assert row.difference == "" and row.given.startswith("架空錠")


def test_a_changed_brand_amount_and_number_of_days_are_told():
    ordered = _ordered(("架空錠２．５ｍｇ", "612170709"), ("別の錠", "612170710"))
    data = _dispensing(("2", "612170799", "代わりの錠", 2, 14), ("2", "612170710", "別の錠", 3, 7))
    first, second = compared(ordered, data)
    assert first.difference == "別の銘柄に変更、量 3→2"
    assert second.difference == "数量 14→7"


def test_a_drug_left_out_and_one_beside_the_order_are_told():
    ordered = _ordered(("架空錠２．５ｍｇ", "612170709"), ("別の錠", "612170710"))
    data = _dispensing(("2", "612170709", "架空錠", 3, 14))
    _, missing = compared(ordered, data)
    assert missing.difference == "調剤の記録にありません"
    *_, beside = compared(
        _ordered(("架空錠２．５ｍｇ", "612170709")),
        _dispensing(("2", "612170709", "架空錠", 3, 14), ("2", "612170711", "余分の錠", 1, 14)),
    )
    assert beside.difference == "処方にない薬"


def test_faults_are_told_with_the_drug_they_concern():
    broken = replace(_ordered(("架空錠", "")), cover=replace(CONTENTS.cover, number=""))
    found = faults_of(broken, date(2026, 11, 30))
    assert [(each["rp"], each["drug"]) for each in found][:2] == [(0, 0), (1, 1)]
    assert "薬品コードがありません" in found[1]["text"]
    assert faults_of(_ordered(("架空錠", "612170709")), date(2026, 11, 30)) == []
