# SPDX-License-Identifier: Apache-2.0
"""印刷した２次元シンボル — printed, drawn by poppler, read by zbar: the same bytes, whether one symbol or several linked."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from forms.invented import PRESCRIPTION, PRESCRIPTION_COPY
from prescriptions.made_contents import CONTENTS, EXCHANGE_NUMBER
from tasuki.forms import render
from tasuki.forms.linked_symbols import CAPACITIES, draw_symbols, symbols_needed
from tasuki.forms.prescription import layout
from tasuki.forms.prescription_copy import symbol_text
from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.contents import PrescriptionContents
from tasuki.prescriptions.reader import read_prescription
from tasuki.prescriptions.record_making import symbol_data

pytest.importorskip("typst")


def scanned(folder: Path, pdf: bytes, dpi: int = 300) -> bytes:
    """What a scanner sees: the sheet as a picture of an ordinary printer's resolution."""
    tools = [shutil.which(name) for name in ("pdftoppm", "zbarimg")]
    if None in tools:
        pytest.skip("poppler-utils or zbar-tools is not installed")
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(
        [str(tools[0]), "-r", str(dpi), "-png", "sheet.pdf", "sheet"], cwd=folder, check=True, timeout=120
    )
    found = b""
    for sheet in sorted(folder.glob("sheet-*.png")):
        read = [
            str(tools[1]),
            "--quiet",
            "--raw",
            "--oneshot",
            "-Sdisable",
            "-Sqrcode.enable",
            "-Sbinary",
            sheet.name,
        ]
        found += subprocess.run(read, cwd=folder, capture_output=True, check=False, timeout=120).stdout
    return found


SHORT = replace(CONTENTS, remarks=(), rps=CONTENTS.rps[1:])
USUAL = replace(CONTENTS, remarks=("６歳",))
LONG = replace(CONTENTS, rps=CONTENTS.rps * 12)


@pytest.mark.parametrize(
    ("contents", "symbols", "beside", "number"),
    [(SHORT, 1, 1, ""), (USUAL, 2, 2, EXCHANGE_NUMBER), (LONG, 4, 0, "")],
    ids=["short", "usual, registered", "long"],
)
def test_the_printed_symbols_give_the_same_bytes(
    contents: PrescriptionContents, symbols: int, beside: int, number: str, tmp_path: Path
):
    data = symbol_data(replace(contents, exchange_number=number))
    slip = replace(PRESCRIPTION, remarks=("６歳",), qr_payloads=(data,), exchange_number=number)
    drawn = layout(slip)
    assert (len(drawn["symbols"]), drawn["symbols_beside_remarks"]) == (symbols, beside)
    found = scanned(tmp_path, render("prescription", slip))
    assert found == data
    read = read_prescription(found)
    assert read.findings == ()
    assert read.value("82", "prescription_number") == number
    assert read.value("11", "patient_name") == "■橋　花子"


def test_a_fax_resolution_still_reads(tmp_path: Path):
    data = symbol_data(USUAL)
    assert scanned(tmp_path, render("prescription", replace(PRESCRIPTION, qr_payloads=(data,))), 200) == data


def test_the_copy_for_the_patient_carries_the_number(tmp_path: Path):
    copy = replace(PRESCRIPTION_COPY, symbol="架空,１２", branch="01")
    found = scanned(tmp_path, render("prescription_copy", copy)).decode()
    assert found == symbol_text(copy) == "39130012,架空，１２,12345678,01,19500102,1234567890123456"


@pytest.mark.parametrize("number", ["", "123", "12345678901234５6"])
def test_a_copy_without_its_number_is_not_printed(number: str):
    with pytest.raises(BadInput) as refused:
        render("prescription_copy", replace(PRESCRIPTION_COPY, exchange_number=number))
    assert [each.where.field for each in refused.value.findings] == ["exchange_number"]


@pytest.mark.parametrize("version", CAPACITIES)
def test_the_capacities_are_those_of_the_symbology(version: int):
    """One byte more takes a larger symbol, so no symbol gets finer than it was meant to be."""
    side = 17 + 4 * version + 8
    for count in (1, 3):
        most = CAPACITIES[version] if count == 1 else count * (CAPACITIES[version] - 2)
        assert symbols_needed(most, version) == count
        assert symbols_needed(most + 1, version) == count + 1
        assert {each.side for each in draw_symbols(b"\x82" * most, count)} == {side}
        assert max(each.side for each in draw_symbols(b"\x82" * (most + 1), count)) > side
