# SPDX-License-Identifier: Apache-2.0
"""The table of notifiable diseases: what the law lists, by day; and an institution's own sheets laid over it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from importlib.resources import files

import pytest

from notifications.notices import DAY, TABLE, VERSIONS, WIDENED, disease
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.notifications.sheets import read_sheet
from tasuki.notifications.table import OutOfTable
from tasuki.notifications.words import Category, Deadline, Part, Subject

SHEET = """#category\tEHEC
#sheetID\t3-3
#version\t1.0
#since\t2026-07-01
part\tcode\tlabel\tspecimens\task
symptom\t1\t腹痛\t\t
症状\t2\t血便\t\t
method\t1\t分離・同定\t便|その他\t
"""


def test_the_law_lists_so_many_of_each_class():
    counted = Counter(each.category for each in TABLE.at(DAY))
    assert [counted[each] for each in list(Category)[:6]] == [7, 7, 5, 44, 24, 4]
    assert sum(counted[each] for each in list(Category)[:5]) == 87


def test_only_three_of_class_5_are_named_and_immediate():
    named = {each.code for each in TABLE.at(DAY) if each.category is Category.CLASS5 and each.has_identity}
    at_once = {
        each.code
        for each in TABLE.at(DAY)
        if each.category is Category.CLASS5 and each.deadline is Deadline.IMMEDIATE
    }
    assert named == at_once == {"invasive_meningococcus", "rubella", "measles"}


def test_everything_above_class_5_is_named_and_immediate():
    for each in TABLE.at(DAY):
        if each.category is not Category.CLASS5:
            assert each.has_identity and each.deadline is Deadline.IMMEDIATE


def test_suspected_cases_are_reported_of_class_1_and_some_of_class_2():
    suspected = {each.code for each in TABLE.at(DAY) if Subject.SUSPECTED in each.subjects}
    class1 = {each.code for each in TABLE.at(DAY) if each.category is Category.CLASS1}
    assert suspected == class1 | {"tuberculosis", "sars", "mers", "avian_h5n1", "avian_h7n9", "new_infection"}


def test_carriers_of_class_5_are_reported_of_two_diseases():
    carriers = {
        each.code
        for each in TABLE.at(DAY)
        if each.category is Category.CLASS5 and Subject.CARRIER in each.subjects
    }
    assert carriers == {"hiv", "syphilis"}


def test_codes_and_forms_are_each_given_once():
    rows = TABLE.at(DAY)
    assert len({each.code for each in rows}) == len(rows)
    forms = [each.form for each in rows if each.form]
    assert len(set(forms)) == len(forms) == 87


def test_a_day_before_the_table_is_refused():
    assert TABLE.at(date(2023, 5, 26))
    with pytest.raises(OutOfTable):
        TABLE.at(date(2023, 5, 25))


def test_items_open_a_version_and_leave_the_one_before_as_it_was():
    day_before = WIDENED - timedelta(days=1)
    for each in TABLE.at(WIDENED):
        before = disease(each.code, day_before)
        assert set(before.items) <= set(each.items)
        if before.items == each.items:
            assert before == each
        else:
            assert before.validity.until == day_before and each.validity.since == WIDENED
            assert TABLE.version(each.code, WIDENED) == each
    assert disease("malaria", day_before).is_common and not disease("malaria", WIDENED).is_common


def test_items_of_a_part_are_numbered_once_and_each_names_its_source():
    text = (files("tasuki.notifications") / "data" / "sources.tsv").read_text("utf-8")
    sources = {line.split("\t")[0] for line in text.splitlines()[1:]}
    for each in VERSIONS:
        for part in Part:
            codes = [item.code for item in each.items_of(part)]
            assert codes == [str(number) for number in range(1, len(codes) + 1)], each.code
            labels = [item.label for item in each.items_of(part)]
            assert len(set(labels)) == len(labels), each.code
        assert {item.source for item in each.items} <= sources
    assert sources == {item.source for each in VERSIONS for item in each.items}


def test_a_form_says_which_boxes_are_in_words_and_whether_it_is_made_from_the_criteria():
    nipah, tetanus = disease("nipah", WIDENED), disease("tetanus", WIDENED)
    assert nipah.is_common and not nipah.is_by_criteria
    assert [part.value for part in nipah.parts_in_words] == ["symptom", "method", "cause"]
    assert tetanus.is_by_criteria and tetanus.parts_in_words == (Part.METHOD,)
    lyme, vre = disease("lyme", WIDENED), disease("vre", WIDENED)
    assert lyme.is_by_criteria and lyme.parts_in_words == (Part.SYMPTOM, Part.METHOD)
    assert vre.is_by_criteria and vre.parts_in_words == (Part.SYMPTOM, Part.CAUSE)
    prion = disease("creutzfeldt_jakob", WIDENED)
    assert prion.is_by_criteria and prion.parts_in_words == (Part.SYMPTOM, Part.METHOD)


def test_one_form_of_87_has_the_common_boxes_only():
    forms = [each for each in TABLE.at(WIDENED) if each.form]
    assert {each.code for each in forms if not each.items} == {"nipah"}
    assert sum(len(each.items) for each in forms) == 1231
    with_methods = sum(bool(each.items_of(Part.METHOD)) for each in forms)
    assert (with_methods, len(forms) - with_methods) == (18, 69)


@pytest.mark.parametrize(
    ("icd10", "codes"),
    [
        (["A04.3"], ["ehec"]),
        (["A162"], ["tuberculosis"]),
        (["A530", "B20"], ["hiv", "syphilis"]),
        (["J09"], ["avian_h5n1", "avian_h7n9", "avian_other"]),
        (["A090"], []),
        ([], []),
    ],
)
def test_a_diagnosis_proposes_diseases_by_icd10(icd10: list[str], codes: list[str]):
    assert [each.code for each in TABLE.proposed(icd10, DAY)] == codes


def test_seven_days_do_not_count_the_day_of_the_diagnosis():
    assert disease("syphilis").due_on(date(2026, 6, 1)) == date(2026, 6, 8)
    assert disease("measles").due_on(date(2026, 6, 1)) == date(2026, 6, 1)


def test_a_sheet_replaces_the_form_from_its_day_on():
    made = read_sheet(SHEET.encode(), TABLE, "ehec.tsv")
    table = TABLE.joined([made])
    assert [each.label for each in made.items_of(Part.SYMPTOM)] == ["腹痛", "血便"]
    assert made.items_of(Part.METHOD)[0].specimens == ("便", "その他")
    assert table.disease("ehec", date(2026, 6, 30)).items == disease("ehec").items
    assert table.disease("ehec", date(2026, 7, 1)) == made
    assert len(table.at(date(2026, 7, 1))) == len(TABLE.at(DAY))
    assert made.has_identity and made.category is Category.CLASS3


def test_a_disease_designated_by_order_is_a_sheet_of_its_own():
    heads = "#category,new-fever\n#since,2026-09-01\n#name,架空熱\n#class,指定感染症\n#deadline,immediate\n#identity,1\n#subjects,patient|疑似症患者\n"
    made = read_sheet(heads.encode(), TABLE)
    assert (made.code, made.category, made.subjects) == (
        "new_fever",
        Category.DESIGNATED,
        (Subject.PATIENT, Subject.SUSPECTED),
    )
    assert made in TABLE.joined([made]).at(date(2026, 9, 1))


@pytest.mark.parametrize(
    ("wrong", "code", "line", "field"),
    [
        (SHEET.replace("#since\t2026-07-01\n", ""), "NTF-0032", 1, "#since"),
        (SHEET.replace("2026-07-01", "7月1日"), "NTF-0035", 4, "#since"),
        (SHEET.replace("#version", "#edition"), "NTF-0033", 3, "#edition"),
        (SHEET.replace("#version", "#sheetID"), "NTF-0038", 3, "#sheetID"),
        (SHEET.replace("label", "text", 1), "NTF-0034", 5, "label"),
        (SHEET.replace("method\t1", "methods\t1"), "NTF-0035", 8, "part"),
        (SHEET.replace("症状\t2", "症状\t1"), "NTF-0036", 7, "code"),
        (SHEET.replace("血便\t\t", "血便"), "NTF-0037", 7, ""),
        (SHEET.replace("腹痛", ""), "NTF-0035", 6, "label"),
        (SHEET.replace("EHEC", "fever"), "NTF-0039", 1, "#category"),
        (SHEET.replace("EHEC", "発熱"), "NTF-0035", 1, "#category"),
    ],
)
def test_a_faulty_sheet_is_refused_naming_file_row_and_field(wrong: str, code: str, line: int, field: str):
    with pytest.raises(BadInput) as refused:
        read_sheet(wrong.encode(), TABLE, "own.tsv")
    first = refused.value.findings[0]
    assert (first.code, first.where.file, first.where.line, first.where.field) == (
        code,
        "own.tsv",
        line,
        field,
    )
    assert "own.tsv" in sentence(first)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a" * 1_000_001, b'"open'])
def test_what_is_no_table_is_refused(data: bytes):
    with pytest.raises(BadInput) as refused:
        read_sheet(data, TABLE)
    assert refused.value.findings[0].code == "NTF-0031"


def test_an_empty_file_says_what_it_lacks():
    with pytest.raises(BadInput) as refused:
        read_sheet(b"", TABLE)
    assert [each.code for each in refused.value.findings] == ["NTF-0032", "NTF-0032"]
