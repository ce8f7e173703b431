# SPDX-License-Identifier: Apache-2.0
"""帳票印刷 — what holds for every form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from forms.invented import PATIENT, RECEIPT, SAMPLES
from forms.pages import reader, squeezed, text
from tasuki.forms import FORMS, FontSet, FormsUnavailable, preview, render, without_unprintable
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")

MARKUP = '#let x = 1 $a^2$ *b* _c_ @ref \\ <tag> `raw` = h - i + j / k ~ // "q" #sys.inputs'


def test_every_form_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMS)


@pytest.mark.parametrize("form", SAMPLES)
def test_pages_claim_pdf_a_2b_and_carry_every_font_inside(form: str) -> None:
    pdf = reader(render(form, SAMPLES[form]))
    metadata = pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert pdf.metadata.title == FORMS[form].title
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert "/FontFile3" in inner or "/FontFile2" in inner


@pytest.mark.parametrize("form", SAMPLES)
def test_the_same_data_gives_the_same_bytes(form: str) -> None:
    assert render(form, SAMPLES[form]) == render(form, SAMPLES[form])


@pytest.mark.parametrize("form", [form for form in SAMPLES if hasattr(SAMPLES[form], "patient")])
def test_markup_in_data_prints_as_it_stands(form: str) -> None:
    sample = replace(SAMPLES[form], patient=replace(PATIENT, name=MARKUP))
    assert squeezed(MARKUP) in text(render(form, sample))


def test_markup_in_every_text_of_every_form_is_only_text() -> None:
    import msgspec

    def spoil(value: object) -> object:
        match value:
            case dict():
                return {key: spoil(inner) for key, inner in value.items()}
            case list():
                return [spoil(inner) for inner in value]
            case str() if any("\u3040" <= c <= "\u9fff" for c in value) and "<svg" not in value:
                return value + MARKUP
            case _:
                return value

    for form, sample in SAMPLES.items():
        spoilt = spoil(msgspec.json.decode(msgspec.json.encode(sample)))
        assert squeezed(MARKUP) in text(render(form, spoilt)), form


def test_a_preview_shows_the_same_number_of_sheets() -> None:
    sheets = preview("claim_receipt", SAMPLES["claim_receipt"])
    assert len(sheets) == len(reader(render("claim_receipt", SAMPLES["claim_receipt"])).pages)
    assert all(sheet.startswith(b"<svg") and b"<script" not in sheet for sheet in sheets)


def test_a_character_no_font_has_is_refused_by_name_and_place() -> None:
    with pytest.raises(BadInput) as refused:
        render(
            "receipt_slip", replace(RECEIPT, department="内科😀", patient=replace(PATIENT, name="山田\x07"))
        )
    assert [(f.code, f.where.field, f.facts["characters"]) for f in refused.value.findings] == [
        ("FORM003", "patient.name", "\x07(U+0007)"),
        ("FORM003", "department", "😀(U+1F600)"),
    ]


def test_a_caller_may_print_a_geta_instead_and_is_told() -> None:
    import msgspec

    data, findings = without_unprintable(msgspec.to_builtins(replace(RECEIPT, department="内科😀")))
    assert [f.where.field for f in findings] == ["department"]
    assert "内科〓" in text(render("receipt_slip", data))


def test_a_variation_is_drawn_in_its_own_form_and_an_unknown_one_in_the_ordinary() -> None:
    plain, known, unknown = (
        preview("receipt_slip", replace(RECEIPT, department=f"葛{selector}科"))
        for selector in ("", "\U000e0100", "\U000e01ef")
    )
    assert known != plain
    assert unknown == plain
    assert "葛" in text(render("receipt_slip", replace(RECEIPT, department="葛\U000e01ef科")))


def test_the_wheel_draws_the_variations_names_are_written_with() -> None:
    repertoire = FontSet().repertoire()
    assert {(ord("葛"), 0xE0100), (ord("辻"), 0xE0100), (ord("辻"), 0xE0101)} <= repertoire.variations
    assert repertoire.missing("髙𠮷﨑①㎎〒〇ｱ葛\U000e0100") == ()
    assert repertoire.missing("a∬b😀∬😀") == ("😀",)


def test_every_character_a_claim_file_can_hold_is_drawn() -> None:
    letters = "".join(
        bytes((0x1B, 0x24, 0x42, row + 0x20, cell + 0x20, 0x1B, 0x28, 0x42)).decode("iso2022_jp", "ignore")
        for row in (*range(1, 9), *range(16, 85))
        for cell in range(1, 95)
    )
    assert len(letters) == 6879
    assert FontSet().repertoire().missing(letters) == ()
    assert "≒" in text(render("referral", replace(SAMPLES["referral"], course=letters)))


def test_line_ends_tabs_and_joiners_are_layout() -> None:
    note = "一行目\r\n二行目\t右\u200b\ufeff\u00ad"
    assert "一行目二行目" in text(render("referral", replace(SAMPLES["referral"], course=note)))


def test_fonts_may_come_from_a_folder_alone(tmp_path: Path) -> None:
    for file in FontSet().files():
        (tmp_path / file.name).symlink_to(file)
    folder = FontSet(folders=(tmp_path,), with_wheel=False)
    assert render("receipt_slip", RECEIPT, fonts=folder) == render("receipt_slip", RECEIPT)


def test_a_font_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormsUnavailable, match="nowhere"):
        render("receipt_slip", RECEIPT, fonts=FontSet(folders=(tmp_path / "nowhere",)))


def test_sheets_may_be_printed_from_many_threads() -> None:
    done: list[bytes] = []
    threads = [Thread(target=lambda: done.append(render("receipt_slip", RECEIPT))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 6
    assert len(set(done)) == 1
