# SPDX-License-Identifier: Apache-2.0
"""公開見本 — every receipt of the public sample files: read, written back, sums reproduced."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tasuki.claims.checks.run import check_file
from tasuki.claims.layout import LAYOUTS
from tasuki.claims.points import file_totals, payer_sums
from tasuki.claims.reader import read
from tasuki.claims.receipt import ClaimFile
from tasuki.claims.rewrite import conform, kept_lines, restore, rewrite
from tasuki.claims.view import receipt_text, receipt_view
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "reference" / "claims" / "samples"

pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(not SAMPLES.exists(), reason="the public sample files are not beside the checkout"),
]

# File, receipts, and why its bytes are not those a payer accepts ("" when they are).
MEDICAL = {
    "receiptisan/RECEIPTC_GAIRAI_SAMPLE.UKE": (75, "no EOF byte"),
    "uke-parser/01.csv": (7, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/02.csv": (10, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/03.csv": (7, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/04.csv": (10, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/kokuho_201811.csv": (7, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/kokuho_201812.csv": (4, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/shaho_201811.csv": (27, "UTF-8, LF, no EOF byte, era dates"),
    "uke-parser/shaho_201812.csv": (20, "UTF-8, LF, no EOF byte, era dates"),
}  # fmt: skip
SHORT = {
    "recept-checker/sample_202405.UKE": (1, {"RE": 14, "HO": 6}),
    "recept-checker/sample_202406.UKE": (6, {"RE": 14, "HO": 6}),
    "recept-checker/sample_202606.UKE": (1, {"RE": 14, "HO": 6}),
}
OTHER = {
    "receiptisan/receipt_gairai_sample.txt": 1,
    "recept-checker/e2e_1002_RECEIPTC.UKE": 1,
    "recept-checker/nishiyama_RECEIPTC.UKE": 3,
    "uke-parser/shika_shaho.csv": 3,
}

# What the office would say of files made with faults, or made to show other things, and why.
FINDINGS = {
    # 70 receipts have no disease; dummy recipient numbers 0000000 and symbols of one digit; 29 names are too
    # long on purpose; comments 850 carry words beside the date; one child is born after the month.
    "receiptisan/RECEIPTC_GAIRAI_SAMPLE.UKE": {
        "UKE-F-04": 1, "UKE-L2-2554": 70, "UKE-L3-3152": 69, "UKE-L3-3148": 48, "UKE-L2-2539": 29,
        "UKE-L3-3439": 11, "UKE-L3-3135": 1, "UKE-L3-3222": 1,
    },
    # Service month and claim month are the same month; numbers of cards are missing.
    "uke-parser/01.csv": {
        "UKE-F-01": 1, "UKE-F-03": 1, "UKE-F-04": 1, "UKE-F-06": 1, "UKE-L2-2159": 7, "UKE-L2-2162": 7,
    },
    # Records cut short; a drug under 21 after 25; the same man billed as 本人 at 75; symbols that are words.
    "recept-checker/sample_202405.UKE": {"UKE-L2-2542": 2, "UKE-L3-3138": 1, "UKE-L3-3177": 1},
    "recept-checker/sample_202406.UKE": {
        "UKE-L2-2542": 12, "UKE-L3-3177": 6, "UKE-L2-2306": 3, "UKE-L3-3138": 1, "UKE-L2-2554": 1,
    },
    "recept-checker/sample_202606.UKE": {"UKE-L2-2542": 2, "UKE-L3-3177": 1, "UKE-L2-2306": 1},
    # No GO, items shifted by one, every record short.
    "recept-checker/nishiyama_RECEIPTC.UKE": {
        "UKE-F-03": 1, "UKE-F-04": 1, "UKE-F-06": 1, "UKE-L2-2542": 14, "UKE-L2-2539": 6, "UKE-L2-2543": 4,
        "UKE-L2-2160": 3, "UKE-L2-2554": 3, "UKE-L3-3133": 3, "UKE-L3-3145": 3, "UKE-L3-3031": 3,
        "UKE-L3-3531": 3, "UKE-L4-4501": 3, "UKE-L2-2306": 1,
    },
    # A dental file: read and kept, not judged by the conditions of medicine.
    "uke-parser/shika_shaho.csv": {"UKE-F-01": 1, "UKE-F-03": 1, "UKE-F-04": 1, "UKE-F-06": 1, "UKE-F-12": 1},
}  # fmt: skip


def load(name: str) -> tuple[bytes, ClaimFile]:
    data = (SAMPLES / name).read_bytes()
    return data, read(data, name)


def test_the_table_names_75_and_92_receipts() -> None:
    counts = {name: count for name, (count, _) in MEDICAL.items()}
    assert counts["receiptisan/RECEIPTC_GAIRAI_SAMPLE.UKE"] == 75
    assert sum(count for name, count in counts.items() if name.startswith("uke-parser")) == 92


@pytest.mark.parametrize("name", MEDICAL)
def test_every_record_is_read_and_written_back(name: str) -> None:
    data, file = load(name)
    count, reason = MEDICAL[name]
    assert len(file.receipts) == count
    assert all(len(record.values) == LAYOUTS[record.id].size for record in file.records)
    assert kept_lines(file) == ()
    assert rewrite(data) == data
    accepted = conform(data, name)
    if reason == "no EOF byte":
        assert accepted == data + b"\x1a"
    again = read(accepted, name)
    assert (again.findings, again.facts.encoding, again.facts.lf_count) == ((), "shift_jis", 0)
    assert restore(again) == conform(accepted) == accepted


@pytest.mark.parametrize("name", [*MEDICAL, *SHORT, "receiptisan/receipt_gairai_sample.txt"])
def test_sums_are_reproduced_from_the_lines(name: str) -> None:
    _, file = load(name)
    for receipt in file.receipts:
        sums = payer_sums(receipt)
        if receipt.insurer:
            assert receipt.insurer.total_points == sums[0].points, receipt.header.receipt_number
        for at, programme in enumerate(receipt.programmes, 1):
            assert programme.total_points == sums[at].points, receipt.header.receipt_number
    if file.trailer:
        assert (file.trailer.receipt_count, file.trailer.total_points) == file_totals(file.receipts)


@pytest.mark.parametrize("name", SHORT)
def test_short_records_lose_nothing(name: str) -> None:
    data, file = load(name)
    count, sizes = SHORT[name]
    assert len(file.receipts) == count
    short = {r.id: len(r.values) for r in file.records if len(r.values) != LAYOUTS[r.id].size}
    assert short == sizes
    assert rewrite(data) == data
    assert all(len(r.values) == LAYOUTS[r.id].size for r in read(conform(data)).records)


@pytest.mark.parametrize("name", OTHER)
def test_other_files_lose_nothing(name: str) -> None:
    data, file = load(name)
    assert len(file.receipts) == OTHER[name]
    assert rewrite(data) == data


@pytest.mark.parametrize("name", FINDINGS)
def test_the_faults_of_the_samples_are_found_and_named(name: str) -> None:
    _, file = load(name)
    found = [*file.findings, *check_file(file)]
    assert Counter(f.code for f in found) == FINDINGS[name]
    assert all(sentence(f) for f in found)


@pytest.mark.parametrize("name", MEDICAL)
def test_every_receipt_can_be_shown(name: str) -> None:
    _, file = load(name)
    for receipt in file.receipts:
        view = receipt_view(receipt, file.institution, load_starter())
        assert view["insurer"] or view["programmes"]
        shown = sum(unit["points"] * unit["count"] for unit in view["units"] if "points" in unit)
        assert shown == max(one.points for one in payer_sums(receipt))
        # Every point stands in a row of the form.
        assert sum(cell["points"] for cell in view["rows"].values()) == shown
        assert receipt_text(view)
