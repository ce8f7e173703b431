# SPDX-License-Identifier: Apache-2.0
"""公開見本 — every receipt of the public sample files: read, written back, sums reproduced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasuki.claims.layout import LAYOUTS
from tasuki.claims.points import file_totals, payer_sums
from tasuki.claims.reader import read
from tasuki.claims.receipt import ClaimFile
from tasuki.claims.rewrite import conform, kept_lines, restore, rewrite

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
