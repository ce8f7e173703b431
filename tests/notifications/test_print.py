# SPDX-License-Identifier: Apache-2.0
"""The form on paper: every disease prints on one sheet, names stand where they are asked and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from notifications.notices import IDENTITY, VERSIONS, WIDENED, disease, notice
from tasuki.forms import render
from tasuki.forms.catalogue import FORMS
from tasuki.forms.render import read
from tasuki.kernel.finding import BadInput
from tasuki.notifications.answers import answers_of
from tasuki.notifications.print_data import draft_data, print_data

pytest.importorskip("typst")
FORM = "disease_notification"


def words(made: Any, form: Any = None) -> str:
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(render(FORM, print_data(made, form or disease(made.disease))))).pages
    return "".join(page.extract_text() for page in pages)


def test_every_disease_fits_the_form():
    spec = FORMS[FORM]
    for each in VERSIONS:
        value = read(spec, print_data(notice(each.code, each), each))
        page = spec.layout(value)
        assert (page["person"] is not None) == each.has_identity
        assert page["days"][0]["number"] == ("13" if each.has_identity else "6")
        assert spec.check(value) == []


@pytest.mark.parametrize("code", ["tuberculosis", "ehec", "syphilis", "measles"])
def test_a_sheet_says_what_the_notice_says(code: str):
    form = disease(code)
    text = words(notice(code)).replace(" ", "").replace("\n", "")
    assert f"{form.short_name}発生届" in text and f"別記様式{form.form}" in text
    assert ("調理師" in text) == form.has_identity
    assert "架空太郎" in text.replace("　", "")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("malaria", ("熱帯熱マラリア", "マラリア脳症", "ハマダラカの刺咬", "渡航期間")),
        ("giardiasis", ("顕微鏡下でのジアルジア原虫の証明", "検体:便", "経口感染")),
        ("mpox", ("肛門直腸痛", "接近した対面での飛沫への長時間の曝露")),
        ("sfts", ("血小板減少（10万/mm3未満）", "マダニの刺咬")),
        ("anthrax", ("髄膜炭疽", "黒色の痂皮", "死亡した動物の肉の摂食")),
        ("scrub_typhus", ("刺し口", "検体から直接のPCR法による病原体遺伝子の検出", "ツツガムシの刺咬")),
        ("creutzfeldt_jakob", ("孤発性CJD", "変異型CJD", "ヒト乾燥硬膜の移植")),
        ("vre", ("バンコマイシンのMIC値16", "検体:通常無菌的であるべき検体")),
    ],
)
def test_a_form_widened_prints_its_own_items(code: str, told: tuple[str, ...]):
    form = disease(code, WIDENED)
    text = words(notice(code, form), form).replace(" ", "").replace("　", "").replace("\n", "")
    assert [each for each in told if each not in text] == []


def test_a_name_given_by_mistake_is_not_printed_where_none_is_asked():
    text = words(notice("syphilis", identity=IDENTITY))
    assert "はるか" not in text and "調理師" not in text


def test_a_sheet_without_doctor_or_day_is_refused():
    made = notice("ehec", diagnosed_on=None, reporter=replace(notice("ehec").reporter, doctor=""))
    with pytest.raises(BadInput) as refused:
        render(FORM, print_data(made, disease("ehec")))
    assert {each.where.field for each in refused.value.findings} == {"doctor_name", "diagnosed_on"}


def draft_words(code: str, answers: Any, notes: Any = ()) -> tuple[str, int]:
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(render(FORM, draft_data(disease(code), answers, notes)))).pages
    return "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", ""), len(pages)


def test_a_draft_of_nothing_prints_for_every_disease_and_rings_nothing():
    spec = FORMS[FORM]
    for each in VERSIONS:
        value = read(spec, draft_data(each, {}))
        assert spec.check(value) == [] and spec.layout(value)["is_draft"]
        assert not any(choice.is_on for choice in value.subjects)
        assert (value.sex, value.age_years, value.reported_on) == (None, None, None)
        assert (value.person is not None) == each.has_identity


def test_a_draft_is_stamped_on_every_page_and_says_what_is_missing():
    whole = answers_of(notice("tuberculosis"))
    whole.pop("sex")
    text, pages = draft_words("tuberculosis", whole, ["性別を選んでください。"])
    assert text.count("下書き") >= 2 * pages and "保健所に出さないでください" in text
    assert "性別を選んでください" in text and "架空太郎" in text.replace("\u3000", "")
    signed = words(notice("tuberculosis"))
    assert "下書き" not in signed


def test_a_draft_without_anything_is_a_sheet():
    text, pages = draft_words("ehec", {}, ["報告年月日を入れてください。"])
    assert "下書き" in text and "報告年月日を入れてください" in text and pages == 1


def test_what_is_a_draft_only_may_lack_what_the_law_asks():
    spec = FORMS[FORM]
    value = read(spec, draft_data(disease("ehec"), {}))
    found = {each.where.field for each in spec.check(replace(value, is_draft=False))}
    assert found == {"reported_on", "doctor_name", "issuer", "subjects", "sex", "age_years", "diagnosed_on"}
