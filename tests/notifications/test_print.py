# SPDX-License-Identifier: Apache-2.0
"""The form on paper: every disease prints on one sheet, names stand where they are asked and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from notifications.notices import DAY, IDENTITY, TABLE, disease, notice
from tasuki.forms import render
from tasuki.forms.catalogue import FORMS
from tasuki.forms.render import read
from tasuki.kernel.finding import BadInput
from tasuki.notifications.print_data import print_data

pytest.importorskip("typst")
FORM = "disease_notification"


def words(made: Any) -> str:
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(render(FORM, print_data(made, disease(made.disease))))).pages
    return "".join(page.extract_text() for page in pages)


def test_every_disease_fits_the_form():
    spec = FORMS[FORM]
    for each in TABLE.at(DAY):
        value = read(spec, print_data(notice(each.code), each))
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


def test_a_name_given_by_mistake_is_not_printed_where_none_is_asked():
    text = words(notice("syphilis", identity=IDENTITY))
    assert "はるか" not in text and "調理師" not in text


def test_a_sheet_without_doctor_or_day_is_refused():
    made = notice("ehec", diagnosed_on=None, reporter=replace(notice("ehec").reporter, doctor=""))
    with pytest.raises(BadInput) as refused:
        render(FORM, print_data(made, disease("ehec")))
    assert {each.where.field for each in refused.value.findings} == {"doctor_name", "diagnosed_on"}
