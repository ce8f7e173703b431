# SPDX-License-Identifier: Apache-2.0
"""処方箋."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from forms.invented import PATIENT, PRESCRIPTION
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.prescription import (
    NarcoticDetails,
    PrescribedDrug,
    ProgrammeNumber,
    Rp,
    SplitPart,
    layout,
)
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def test_every_field_of_the_form_is_on_one_a5_sheet() -> None:
    pdf = render("prescription", PRESCRIPTION)
    assert sizes_mm(pdf) == [(148, 210)]
    printed = text(pdf)
    for words in (
        "処方箋",
        "（この処方箋は、どの保険薬局でも有効です。）",
        "髙橋　𠮷之助",
        "タカハシ　ヨシノスケ",
        "医療法人社団たすき会",
        "03-0000-0000",
        "変更不可",
        "患者希望",
        "交付の日を含めて４日以内に保険薬局に提出すること",
        "1）【般】アムロジピン口腔内崩壊錠5mg1錠",
        "1日1回　朝食後28日分",
        "架空プラゾールOD錠15",
        "1日1枚、42日分",
        "以下余白",
        "リフィル可",
        "保険医署名",
        "高齢者8割",
        "公費負担者番号21136010　受給者番号1111111",
        "調剤済年月日",
        "次回調剤予定日",
    ):
        assert squeezed(words) in printed, words
    for number in ("39130012", "54136015", "1234567", "80130016", "7654321"):
        assert number in printed, number


def test_thirty_lines_run_on_to_a_second_sheet_with_the_whole_frame() -> None:
    rps = tuple(
        Rp(
            (PrescribedDrug(f"【般】架空ロピンカプセル{n}mg（長い名前の徐放性製剤）", "3カプセル"),),
            "1日3回　毎食後",
            "14日分",
        )
        for n in range(1, 31)
    )
    pdf = render("prescription", replace(PRESCRIPTION, rps=rps))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert len(sheets) >= 3
    for sheet in sheets:
        assert "髙橋" in sheet
        assert f"{len(sheets)}枚" in sheet
        assert "39130012" in sheet
    for n in range(1, 31):
        assert sum(f"架空ロピンカプセル{n}mg" in sheet for sheet in sheets) == 1
    assert "以下余白" in sheets[-1]
    assert all("以下余白" not in sheet for sheet in sheets[:-1])


@pytest.mark.parametrize(
    ("day", "choice"),
    [
        (date(2026, 5, 31), "保険医療機関へ情報提供"),
        (date(2026, 6, 1), "調剤する薬剤を減量した上で保険医療機関に情報提供"),
    ],
)
def test_the_words_on_left_over_drugs_are_those_of_the_day(day: date, choice: str) -> None:
    printed = text(render("prescription", replace(PRESCRIPTION, issued_on=day)))
    assert choice in printed
    assert ("減量した上で" in printed) is (day >= date(2026, 6, 1))


def test_the_doctor_signs_where_a_change_is_barred() -> None:
    drugs = (PrescribedDrug("架空錠", "1錠"),)
    free = replace(PRESCRIPTION, rps=(Rp(drugs, "1日1回", "7日分"),))
    assert text(render("prescription", PRESCRIPTION)).count("辻") == 2
    assert text(render("prescription", free)).count("辻") == 1


def test_narcotics_carry_licence_and_address() -> None:
    slip = replace(PRESCRIPTION, narcotic=NarcoticDetails("第12345号", "東京都架空区1-1"))
    printed = text(render("prescription", slip))
    assert "麻薬施用者免許証番号第12345号" in printed
    assert "患者住所東京都架空区1-1" in printed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"insurer_number": "391300123"}, "insurer_number"),
        ({"rps": ()}, "rps"),
        ({"refill_count": 4}, "refill_count"),
        ({"programmes": (ProgrammeNumber("541360155", "1"),)}, "programmes"),
        (
            {
                "rps": (
                    Rp(
                        (PrescribedDrug("架空錠", "1錠", substitution_barred=True, patient_wish=True),),
                        "",
                        "",
                    ),
                )
            },
            "rps[0].drugs[0]",
        ),
    ],
)
def test_what_the_form_cannot_say_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        render("prescription", replace(PRESCRIPTION, **change))  # type: ignore[arg-type]
    assert [f.where.field for f in refused.value.findings] == [field]


def test_the_symbol_is_that_of_the_payload() -> None:
    import segno

    payload = "JAHIS10\r\n1,1,1234567,13,架空クリニック\r\n".encode("cp932")
    drawn = layout(replace(PRESCRIPTION, qr_payloads=(payload,)))["symbols"][0]
    code = segno.make_qr(payload, error="m", mode="byte")
    assert drawn["side"] == len(code.matrix) + 8
    assert dark_modules(drawn["svg"]) == {
        (x + 4, y + 4) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    }


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """The strokes of a symbol back as modules: moves and horizontal lines, one module thick."""
    (path,) = re.findall(r' d="([^"]+)"', svg)
    x, y, dark = 0.0, 0.0, set()
    for act, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        values = [float(number) for number in numbers.split()]
        if act == "h":
            dark |= {(int(x) + n, int(y)) for n in range(int(values[0]))}
            x += values[0]
        else:
            x, y = (values[0], values[1]) if act == "M" else (x + values[0], y + values[1])
    return dark


def test_a_name_of_any_length_stays_in_its_box() -> None:
    long_name = "フランシスコ・デ・パウラ" * 12
    printed = text(render("prescription", replace(PRESCRIPTION, patient=replace(PATIENT, name=long_name))))
    assert long_name in printed


def test_remarks_too_long_to_read_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        render("prescription", replace(PRESCRIPTION, remarks=("疼痛時に追加可。" * 60,)))
    assert refused.value.findings[0].where.field == "remarks"


def test_symbols_that_would_be_too_fine_beside_the_remarks_get_a_sheet() -> None:
    small, large = b"JAHIS10\r\n" * 10, b"JAHIS10\r\n" * 130
    for payload, beside in ((small, 1), (b"JAHIS10\r\n" * 60, 2)):
        slip = replace(PRESCRIPTION, qr_payloads=(payload,))
        assert len(sizes_mm(render("prescription", slip))) == 1
        assert layout(slip)["symbols_beside_remarks"] == len(layout(slip)["symbols"]) == beside
    pdf = render("prescription", replace(PRESCRIPTION, qr_payloads=(large,)))
    assert len(sizes_mm(pdf)) == 2
    assert "２次元シンボル1／2" in text(pdf)
    assert text(pdf).count("髙橋") == 2


def test_remarks_that_leave_no_room_send_the_symbols_to_a_sheet() -> None:
    small, remarks = b"JAHIS10\r\n" * 10, ("疼痛時に追加可。" * 40,)
    slip = replace(PRESCRIPTION, qr_payloads=(small,), remarks=remarks)
    assert layout(slip)["symbols_beside_remarks"] == 0
    assert len(sizes_mm(render("prescription", slip))) == 2


def test_data_that_sixteen_symbols_cannot_hold_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        render("prescription", replace(PRESCRIPTION, qr_payloads=(b"1" * 16_000,)))
    assert [f.where.field for f in refused.value.findings] == ["qr_payloads[0]"]


def test_a_part_of_a_split_prescription_says_which_and_the_last_brings_the_sheet_for_pharmacies() -> None:
    slip = replace(PRESCRIPTION, refill_count=None, split=SplitPart(3, 2, "03-0000-0000"))
    pdf = render("prescription", slip)
    printed = text(pdf)
    assert squeezed("分割指示に係る処方箋 3分割の2回目") in printed
    assert "リフィル可" not in printed and "次回調剤予定日" not in printed and "（別紙）" not in printed
    last = render("prescription", replace(slip, split=SplitPart(3, 3, "03-0000-0000")))
    assert sizes_mm(last)[-1] == (148, 210) and len(sizes_mm(last)) == len(sizes_mm(pdf)) + 1
    for words in ("（別紙）", "3回目を受け付けた保険薬局", "保険薬局からの連絡先", "03-0000-0000"):
        assert squeezed(words) in text(last), words


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"split": SplitPart(4, 1)}, "分割は2回から3回まで"),
        ({"split": SplitPart(3, 4)}, "分割は2回から3回まで"),
        ({"split": SplitPart(2, 1), "refill_count": 3}, "同時に指示できません"),
    ],
)
def test_a_split_that_the_law_does_not_know_is_refused(changed, says) -> None:
    with pytest.raises(BadInput) as refused:
        render("prescription", replace(PRESCRIPTION, **{"refill_count": None, **changed}))
    assert says in str([each.facts for each in refused.value.findings])
