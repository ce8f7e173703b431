# SPDX-License-Identifier: Apache-2.0
"""Made-up prescriptions: every record of a format with every item, and documents that hypothesis draws."""

from __future__ import annotations

from hypothesis import strategies as st

from tasuki.prescriptions.layout import Field, Format, Layout
from tasuki.prescriptions.records import Document, Record
from tasuki.prescriptions.writer import Composed, compose, new_document

# Items that hang on others, by name; everything else follows its mode and codes.
CHOSEN = {
    "rp": "1",
    "order": "1",
    "usage_code": "1013044400000000",
    "supplement_code": "I1100000",
    "site_code": "42L",
    "insurer_number": "06139463",
    "payer_number": "54136015",
    "split_count": "3",
    "split_nth": "2",
    "part_count": "3",
    "part_nth": "2",
    "patient_kana": "ｶｸｳ ﾊﾅｺ",
    **{f"code_{nth}": f"V{nth}1.5NNN" for nth in range(1, 6)},
}


def plain(field: Field) -> str:
    """A value that the item may hold."""
    if field.name in CHOSEN:
        return CHOSEN[field.name]
    if field.rule in ("day", "born"):
        return "20261130"
    if field.rule == "amount":
        return "1.5"
    if field.rule:
        return field.rule.split("|")[0]
    if field.mode == "9":
        return "1" * min(field.limit, 7)
    return "A1" if field.mode == "X" else "架空"


def full_record(form: Format, layout: Layout) -> Composed:
    """A record with every item."""
    return compose(form, layout.number, {field.name: plain(field) for field in layout.fields})


def full_document(form: Format) -> Document:
    """Every record of a format once, in the order of the rules."""
    numbers = [number for number in form.layouts if form.layouts[number].fields and number != "60"]
    if form.name in ("JAHISTC", "CJ"):
        header = ("1",) if form.name == "JAHISTC" else ("",)
        return new_document(form, [full_record(form, form.layouts[n]).record for n in numbers], header)
    return new_document(form, [full_record(form, form.layouts[n]).record for n in numbers])


_TEXTS = st.text(st.sampled_from("架空医院アｱｶﾞ０1Aa. -/'\"\u3000〜～"), max_size=10)


@st.composite
def documents(draw: st.DrawFn, form: Format) -> Document:
    """Records of a format in any order, with items they may and may not hold, and records nobody knows."""
    numbers = st.sampled_from([*form.layouts, "999", ""])
    made = []
    for number in draw(st.lists(numbers, max_size=8)):
        fields = form.layouts[number].fields if number in form.layouts else ()
        items = [draw(st.one_of(st.just(plain(field)), _TEXTS)) for field in fields]
        items = items[: draw(st.integers(0, len(items)))] + draw(st.lists(_TEXTS, max_size=1))
        made.append(Record(0, (number, *(text.replace("〜", "～") for text in items)), form.line_end))
    return new_document(form, made, ("1",) if form.name == "JAHISTC" else ())
