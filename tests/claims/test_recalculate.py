# SPDX-License-Identifier: Apache-2.0
"""再算定 — what we billed ourselves comes out the same; what was changed is found and its cause named."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from claims.invented_month import EMPLOYEE, Someone, cold, drug, month
from tasuki.chart.coverage import Coverage
from tasuki.claims.build import build_month
from tasuki.claims.build.month_file import read_month
from tasuki.claims.reader import read
from tasuki.claims.recalculate import (
    Recalculation,
    recalculate,
    recalculation_markdown,
    recalculation_text,
    recalculation_trace,
)
from tasuki.claims.recalculate.differences import Cause
from tasuki.claims.recalculate.recalculating import State
from tasuki.claims.recalculate.report import totals_of
from tasuki.masters.starter import load_starter
from tasuki_server.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "docs" / "guide" / "claims" / "month.json"
BOOK = load_starter()
SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "reference" / "claims" / "samples"


def built() -> list[bytes]:
    month = read_month(EXAMPLE.read_bytes(), "month.json")
    return [file.data for file in build_month(month, BOOK).files]


def again(data: bytes, shift_to: str = "") -> Recalculation:
    return recalculate(read(data, "架空.UKE"), BOOK, shift_to)


def test_what_we_billed_is_what_we_calculate_again() -> None:
    for data in built():
        result = again(data)
        assert result.calculated
        assert all(each.billed_points for each in result.calculated)
        # A material without a code of its own has no row in any master.
        changed = [one for one in result.differences if one.billed is not None]
        assert [one.codes for one in changed if one.codes != ("777770000",)] == []
        # What remains could be billed if the notes of the visit were known: a receipt does not carry them.
        added = {one.cause for one in result.differences if one.billed is None}
        assert added <= {Cause.NOT_BILLED, Cause.INSTITUTION_FACT}


def test_the_tenth_taken_off_seven_drugs_is_claimed_and_calculated_again() -> None:
    """医科点数表 F200 注3: 薬剤料逓減 stands on the claim without a sign, and is taken off."""
    codes = ["610406390", "610409336", "610409341", "610411058", "610412199", "610412202", "610421327"]
    orders = tuple(drug(code, code, "3", 14) for code in codes)
    who = Someone(
        "7", "架空 太郎", "カクウタロウ", date(1980, 4, 4), Coverage(EMPLOYEE), [(1, orders)], diagnoses=(cold(1),)
    )  # fmt: skip
    made = build_month(month(who), BOOK)
    (less,) = [record for record in made.receipts[0].receipt.of("IY") if record.values[3] == "630010002"]
    assert less.values[5].isdecimal()
    (file,) = made.files
    assert [one.codes for one in again(file.data).differences if one.billed is not None] == []


def test_a_changed_point_is_found_with_its_line() -> None:
    data = built()[0].replace(b",291,1,", b",290,1,")
    result = again(data)
    found = [one for one in result.differences if one.billed == 290]
    assert [(one.calculated, one.cause, one.codes[0]) for one in found] == [(291, Cause.RULE, "111000110")]
    assert found[0].line > 0
    assert totals_of(result)["equal_lines"] == totals_of(result)["lines"] - 1


def test_an_act_the_book_does_not_know_is_said_so() -> None:
    data = built()[0].replace(b"111000110", b"111999910")
    assert Cause.UNKNOWN_CODE in {one.cause for one in again(data).differences}


def test_days_outside_every_revision_are_told_apart_or_moved_when_asked() -> None:
    data = built()[0]
    old = data.replace(b"202606", b"201806").replace(b"202607", b"201807")
    assert {each.state for each in again(old).outcomes} == {State.OUT_OF_BOOK}
    moved = again(old, "R8")
    assert {each.state for each in moved.outcomes} == {State.CALCULATED}
    assert moved.shifted_to == "R8"


def test_inpatients_are_not_judged() -> None:
    data = built()[0]
    first = read(data).receipts[0].header.receipt_type
    inpatient = str(int(first) - 1).encode()
    result = again(data.replace(b",%b," % first.encode(), b",%b," % inpatient, 1))
    assert result.outcomes[0].state is State.INPATIENT


def test_the_three_reports_say_the_same() -> None:
    result = again(built()[0].replace(b",291,1,", b",290,1,"))
    found = totals_of(result)
    trace = json.loads(json.dumps(recalculation_trace(result)))
    assert trace["totals"] == found
    share = f"{found['equal_lines']}/{found['lines']}"
    assert share in recalculation_text(result) and share in recalculation_markdown([result])


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    path = tmp_path / "a.UKE"
    path.write_bytes(built()[0])
    assert main(["claims", "recalculate", str(path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["schema"] == "tasuki/recalculation/1"
    path.write_bytes(built()[0].replace(b",291,1,", b",290,1,"))
    assert main(["claims", "recalculate", str(path)]) == 1
    assert "算定の違い" in capsys.readouterr().out
    assert main(["claims", "recalculate", str(path), "--shift-to", "R99"]) == 2
    assert main(["claims", "recalculate", str(tmp_path / "none")]) == 2


@pytest.mark.official
@pytest.mark.skipif(not SAMPLES.exists(), reason="the public sample files are not beside the checkout")
def test_public_samples_have_no_difference_of_our_rules() -> None:
    """On the starter book the codes of most are unknown; what is known differs for reasons we can name."""
    files = ("receiptisan/RECEIPTC_GAIRAI_SAMPLE.UKE", "uke-parser/shaho_201811.csv")
    for name in files:
        result = recalculate(read((SAMPLES / name).read_bytes(), name), BOOK, "R6")
        assert len(result.outcomes) in (75, 27)
        assert all(each.state is not State.UNREADABLE for each in result.outcomes[1:30])
