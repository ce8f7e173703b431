# SPDX-License-Identifier: Apache-2.0
"""コード対応の試験 — official tables are read, the list of tests is whole, and what has no code is told with what it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from sharing import made_facts as made
from sharing.test_build_documents import example
from sharing.test_build_information import VALIDATOR, conforms
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence
from tasuki.masters.starter.loading import load_starter
from tasuki.sharing.build import names
from tasuki.sharing.build.code_tables import (
    from_book,
    lab_mapping,
    read_allergens,
    read_disease_numbers,
    read_modifier_numbers,
)
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping, StandardCode
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, LabFacts
from tasuki.sharing.build.from_orders import drugs_of
from tasuki.sharing.build.information import build, read_codes
from tasuki.sharing.build.laboratory import build_lab
from tasuki.sharing.build.parts import JAPAN, to_json
from tasuki.sharing.build.results import choice_of
from tasuki.sharing.build.unmapped import missing_tables, unmapped
from tasuki.sharing.codes.lab_codes import lab_codes
from tasuki.sharing.lab_items import item_named, lab_items

DAY = date(2026, 4, 1)
AT = datetime(2026, 4, 1, 9, tzinfo=JAPAN)


def result(name: str, unit: str = "", specimen: str = "血清", code: str = "X") -> LabFacts:
    return LabFacts("1", code, name, AT, Decimal(1), unit, specimen=specimen)


def test_the_list_is_whole():
    """Cite: JP-CLINS 1.10.0 — 43 items under 55 names, five infections under 34."""
    items = lab_items()
    core = [each for each in items if not each.is_infection]
    infections = [each for each in items if each.is_infection]
    assert len({each.no.split("-")[0] for each in core}) == 43
    assert len({each.no.split("-")[0] for each in infections}) == 5
    assert (len(core), len(infections)) == (55, 34)
    assert len({each.display for each in items}) == 89


def test_every_item_of_the_list_is_sent_without_a_finding():
    around = example(made.arounds())
    for item in lab_items():
        mapping = lab_mapping("X", item.name, min(item.jlac10), "架空", DAY, item.display)
        resource = build_lab(result(item.name), replace(around, codes=CodeMap([mapping])))
        found = VALIDATOR.validate(to_json(resource))
        assert [each for each in found if each.severity is not Severity.ADVICE] == [], item
        assert resource["code"]["coding"][1]["display"] == item.display


def test_the_name_follows_from_the_code_and_must_be_its_own():
    assert sum(len(each.jlac10) for each in lab_items()) == len({c for i in lab_items() for c in i.jlac10})
    fasting = min(item_named("FBG").jlac10)  # type: ignore[union-attr]
    assert lab_mapping("G", "血糖", fasting, "架空", DAY).codes[0].display == "FBG"
    with pytest.raises(BadInput) as wrong:
        lab_mapping("G", "血糖", fasting, "架空", DAY, "BG")
    assert sentence(wrong.value.findings[0]).endswith("FBGにしてください。")


def test_a_code_outside_the_lists_is_plain_jlac10():
    assert lab_mapping("E", "架空検査", "8A065000002391901", "架空", DAY).codes == (
        StandardCode(names.JLAC10, "8A065000002391901", "架空検査"),
    )


def test_codes_come_from_the_book_and_the_disease_master():
    book = load_starter().at(DAY)
    facts = ConditionFacts("c", Diagnosis("0059003", DAY, ("1002",), "腋窩食中毒"))
    codes = from_book(book, [facts])
    assert [each.system for each in codes.find(CodeKind.DISEASE, "0059003").codes] == [
        names.DISEASE_EXCHANGE,
        names.DISEASE_RECEIPT,
        names.ICD10,
    ]
    assert missing_tables([facts], codes) == (
        "傷病名マスター（病名管理番号）",
        "修飾語マスター（修飾語管理番号）",
    )
    around = example(made.arounds())
    assert build(facts, replace(around, codes=codes))["code"]["coding"][0]["code"] == names.NO_DISEASE_NUMBER
    row = [""] * 46
    row[0], row[1], row[2], row[5], row[10], row[12], row[15] = (
        "0",
        "B",
        "0059003",
        "食中毒",
        "20070001",
        "NR8K",
        "T629",
    )
    modifier = ["0"] * 20
    modifier[2], modifier[6], modifier[16], modifier[17] = "1002", "腋窩", "27000002", "1182"
    more = [
        *read_disease_numbers((",".join(row) + "\r\n").encode("cp932"), DAY),
        *read_modifier_numbers((",".join(modifier) + "\r\n").encode("cp932"), DAY),
    ]
    whole = codes.with_(more)
    assert missing_tables([facts], whole) == () and unmapped([facts], whole) == ()
    resource = build(facts, replace(around, codes=whole))
    conforms(resource)
    assert read_codes(resource)[0] == StandardCode(names.DISEASE_NUMBER, "20070001", "食中毒")
    assert len(whole.find(CodeKind.DISEASE, "0059003").codes) == 4


@pytest.mark.parametrize(
    ("read", "data", "said"),
    [
        (read_disease_numbers, "あ".encode(), "シフトJIS"),
        (read_disease_numbers, b"0,b,0059003\r\n", "17項目以上"),
        (read_modifier_numbers, b",".join([b"12"] * 20), "4桁"),
        (read_allergens, b"A,B\n1,2\n", "見出し"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(read, data: bytes, said: str):
    with pytest.raises(BadInput) as wrong:
        read(data, DAY)
    assert said in sentence(wrong.value.findings[0]) and "1行目" in sentence(wrong.value.findings[0])


@pytest.mark.parametrize(
    ("name", "unit", "specimen", "display"),
    [
        ("ＧＯＴ（ＡＳＴ）", "IU/L", "血清", "AST"),
        ("γ−ＧＴＰ", "U/L", "血清", "GGT"),
        ("総蛋白", "g/dL", "血清", "TP"),
        ("ヘモグロビンA1c", "%", "全血", "HbA1c-NGSP"),
        ("カリウム", "mEq/L", "血清", "K"),
        ("白血球", "", "全血", "WBC"),
        ("TPHA", "", "血清", "梅毒TP抗体(定性)"),
        ("LDLコレステロール", "mg/dL", "血清", "LDL-C"),
    ],
)
def test_a_test_without_code_is_told_what_it_may_be(name: str, unit: str, specimen: str, display: str):
    (found,) = unmapped([result(name, unit, specimen)], CodeMap())
    assert found.suggestions[0].code.display == display
    assert found.suggestions[0].code.code in found.suggestions[0].choices


def test_another_unit_is_told_and_counts_less():
    agreeing, other = (
        unmapped([result("総蛋白", unit)], CodeMap())[0].suggestions[0] for unit in ("g/dL", "mg/dL")
    )
    assert agreeing.score > other.score and "単位が違う（一覧はg/dL）" in other.reason


def test_what_is_sent_most_comes_first_and_names_no_measure_are_not_guessed():
    facts = [result("架空検査", code="A"), result("総蛋白", code="B"), result("総蛋白", code="B")]
    found = unmapped(facts, CodeMap([Mapping(CodeKind.LAB, "C", ())]))
    assert [(each.local_code, each.count) for each in found] == [("B", 2), ("A", 1)]
    assert found[1].suggestions == ()
    assert found[1].reason == "検査の院内コード対応表に「A」に当たる行がありません。"


def test_an_allergen_is_found_by_its_name():
    table = read_allergens(
        '"JFAGYCODE","JPTERM"\n"J9FZ00000001","架空魚"\n"D9F000000000","x"\n'.encode(), DAY
    )
    fish = AllergyFacts("a", AllergenKind.FOOD, "架空魚")
    assert missing_tables([fish], CodeMap()) == ("J-FAGYアレルゲンコード",)
    (found,) = unmapped([fish], table)
    assert (found.suggestions[0].code.code, found.suggestions[0].score) == ("J9FZ00000001", 100)
    assert len(table) == 1


def test_an_answer_is_never_guessed():
    assert choice_of("２＋", "U-Glu").code == "4"  # type: ignore[union-attr]
    assert choice_of("たぶん陽性", "HBs抗原(定性)") is None
    assert choice_of("1+", "血液型-ABO") is None


def test_drugs_of_an_order_are_shared_as_prescriptions():
    book = load_starter().at(DAY)
    code = next(code for code in list(book.book.drugs) if book.has(code))
    orders = (
        Order("1", OrderKind.INJECTION, (Item(code, Decimal(1)),)),
        Order(
            "2",
            OrderKind.INTERNAL,
            (Item(code, Decimal(3)), Item("699999999", Decimal(1))),
            count=7,
            usage="1日3回 毎食後",
            dispensing=Dispensing.OUTSIDE,
        ),
    )
    (drug,) = drugs_of(orders, book, AT, DAY)
    assert (drug.rp, drug.index, drug.count, drug.categories) == (1, 1, 7, ("OHO",))
    resource = build(drug, replace(example(made.arounds()), codes=from_book(book, [drug])))
    conforms(resource)
    assert {each.system for each in read_codes(resource)} >= {names.YJ}


def test_what_a_clinic_may_choose_is_what_the_service_takes():
    """Each code stands under the shared item it belongs to, in a unit and specimen, and every item can be chosen."""
    rows = lab_codes()
    assert {each.shared for each in rows} == set(lab_items())
    assert all(each.code in each.shared.jlac10 and each.system == each.shared.system for each in rows)
    assert len({each[1:-1] for each in rows}) == len(rows)
