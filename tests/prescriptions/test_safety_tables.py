# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の表 — what is wrong is named by file, row and column; a vendor's CSV is read by its declared mapping."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, Outcome, Sex
from tasuki.claims.indications import Contraindication, ForbiddenPair, Indications
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.safety import (
    Condition,
    Knowledge,
    Medicine,
    Patient,
    Tier,
    check,
    read_knowledge,
    starter_knowledge,
)
from tasuki.prescriptions.safety.case_file import alerts_text, case_schema, read_case
from tasuki.prescriptions.safety.from_chart import conditions_of, medicines_of
from tasuki.prescriptions.safety.from_records import medicines_of_document
from tasuki.prescriptions.safety.reading import TABLES, encode_table, read_table
from tasuki.prescriptions.safety.rows import Interaction
from tasuki.prescriptions.safety.vendor_file import check_master_rows, read_mapping, read_vendor_file
from tasuki.prescriptions.writer import compose, new_document

DAY = date(2026, 6, 15)
PERSON = Patient(date(1970, 4, 4), Sex.MALE)
SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
OFFICIAL = SHARED / "reference" / "masters" / "r6" / "y_merged_20250813.csv.gz"


def _refused(act, *args):
    with pytest.raises(BadInput) as refused:
        act(*args)
    return [sentence(each) for each in refused.value.findings]


def _drug(ingredient: str, place: str = "", code: str = "") -> Medicine:
    return Medicine(code, f"架空薬{ingredient}{code}", ingredient, DAY, DAY, place)


def test_the_starter_is_read_back_as_it_is_written():
    tables = starter_knowledge().tables
    for name, kind in TABLES.items():
        rows = getattr(tables, name)
        assert read_table(kind, encode_table(kind, rows), name) == rows


def test_every_row_of_the_starter_names_its_source_and_drugs_of_some_group_or_code():
    tables = starter_knowledge().tables
    assert all(row.source for rows in tables for row in rows)
    # The tables are as wide as was promised for common outpatient care.
    assert len(tables.interactions) >= 80
    assert sum(len(rows) for rows in tables) - len(tables.groups) - len(tables.interactions) >= 200
    assert {row.tier for row in tables.interactions} == {Tier.STOP, Tier.CAUTION}


def test_a_fault_is_named_by_file_row_and_column():
    text = (
        "drug\tother\ttier\tsource\tsince\n2171018\t架空の群\t禁忌\t架空\t\n217\t21710\t大事\t\t2026-13-01\n"
    )
    told = _refused(read_knowledge, {"folder/interactions.tsv": text.encode()})
    assert told == [
        "folder/interactions.tsv 2行目 Interaction other: 薬の群「架空の群」は群の表にありません。群の表に加えるか、コードで書いてください。",
        "folder/interactions.tsv 3行目 Interaction source: 「」は空でない値ではありません。直して読み込み直してください。",
        "folder/interactions.tsv 3行目 Interaction tier: 「大事」は禁忌・注意・情報のどれかではありません。直して読み込み直してください。",
        "folder/interactions.tsv 3行目 Interaction since: 「2026-13-01」は日付（2026-06-01の形）ではありません。直して読み込み直してください。",
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("interactions.tsv", "drug\tother\ttier\tsource\n21710\t2171018\t禁忌\t架空\n", "薬価基準収載医薬品コードの先頭"),
        ("interactions.tsv", "drug\tother\ttier\n", "列「source」がありません"),
        ("interactions.tsv", "drug\tother\ttier\tsource\tcolour\n", "見出し「colour」は知られていない列"),
        ("diseases.tsv", "drug\tdisease\tdisease_name\ttier\tsource\n2171018\tA00-B99\t架空\t禁忌\t架空\n", "「A00-B99」はICD-10"),
        ("ages.tsv", "drug\ttier\tage_to\tsource\n2171018\t禁忌\t十一\t架空\n", "「十一」は3桁までの整数では"),
        ("kidney.tsv", "drug\tmeasure\tbelow\tsource\n2171018\tGFR\t30\t架空\n", "eGFR・CCrのどれか"),
        ("kidney.tsv", "drug\tmeasure\tbelow\tsource\n2171018\tCCr\t-1\t架空\n", "0以上の数"),
        ("drugs.tsv", "", "医薬品知識の表がありません"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_says_what_to_do(name, text, told):
    (said,) = _refused(read_knowledge, {name: text.encode()})
    assert told in said


def test_a_file_of_another_encoding_is_refused():
    assert "UTF-8として読めません" in _refused(read_table, Interaction, "禁忌".encode("cp932"), "a.tsv")[0]


def test_rows_of_a_user_join_the_starter_and_hold_on_their_days():
    text = "drug\tother\ttier\ttext\tsource\tsince\tuntil\n2329021\tアムロジピン\t禁忌\t架空\t架空\t2026-06-01\t2026-06-30\n"
    mine = starter_knowledge().joined(
        read_knowledge({"interactions.tsv": text.encode()}, beside=starter_knowledge())
    )
    drugs = [_drug("2329021F1ZZZ", "1"), _drug("2171022F1ZZZ", "2")]
    for day, codes in ((date(2026, 5, 31), []), (DAY, ["RX-A-05"]), (date(2026, 7, 1), [])):
        assert [each.code for each in check(drugs, PERSON, (), (), mine, day)] == codes
    # A table joined to itself says everything once.
    assert len(mine.joined(mine)) == len(mine)


MAPPING = {
    "table": "interactions",
    "columns": {"drug": "薬A", "other": "薬B", "tier": "区分", "text": "内容"},
    "fixed": {"source": "架空データ 2026年6月版"},
    "tiers": {"1": "禁忌", "2": "注意", "9": ""},
}
VENDOR = "番号,薬A,薬B,区分,内容\n1,2329021,2171022,1,架空の禁忌\n2,2329021,2189017,2,架空の注意\n3,2329021,2189015,9,使わない行\n"


def test_a_vendors_file_is_read_by_its_mapping():
    mapping = read_mapping(json.dumps(MAPPING).encode(), "m.json")
    tables = read_vendor_file(VENDOR.encode("cp932"), mapping, "v.csv")
    drugs = [_drug("2329021F1ZZZ", "1"), _drug("2171022F1ZZZ", "2"), _drug("2189017F1ZZZ", "3")]
    told = check(drugs, PERSON, (), (), Knowledge(tables), DAY)
    # A pair is told at the drug of the smaller code; the table shows it at the one that came second.
    assert [(each.code, each.where, each.beside, each.cite) for each in told] == [
        ("RX-A-05", "2", "1", "架空データ 2026年6月版"),
        ("RX-A-06", "3", "1", "架空データ 2026年6月版"),
    ]


@pytest.mark.parametrize(
    ("change", "data", "told"),
    [
        ({"table": "colours"}, VENDOR, "医薬品知識の表がありません"),
        ({"columns": {"colour": "薬A"}}, VENDOR, "知られていない列"),
        ({"tiers": {"1": "危険"}}, VENDOR, "「危険」を表す値"),
        ({"columns": {**MAPPING["columns"], "drug": "品名"}}, VENDOR, "見出し「品名」がファイルにありません"),
        ({}, VENDOR.replace("2171022,1", "2171022,7"), "v.csv 2行目 Interaction tier: 「7」を表す値"),
        ({}, VENDOR.replace("2189017", "21890"), "v.csv 3行目 Interaction other: 「21890」は薬価基準"),
        ({"encoding": "no-such"}, VENDOR, "no-suchとして読めません"),
        ({"colour": "red"}, VENDOR, "対応の指定が読めません"),
    ],
)
def test_a_fault_of_a_vendors_file_or_mapping_is_named(change, data, told):
    def act():
        mapping = read_mapping(json.dumps({**MAPPING, **change}).encode(), "m.json")
        read_vendor_file(data.encode("cp932"), mapping, "v.csv")

    assert told in _refused(act)[0]


def test_the_check_master_of_the_payers_is_taken_over_as_its_importer_read_it():
    indications = Indications(
        contraindications=[Contraindication(drug="620000001", disease="4139007", source="架空")],
        pairs=[ForbiddenPair(drug=a, other=b, source="架空") for a, b in (("620000001", "620000002"),) * 2],
    )
    tables = check_master_rows(indications.all_pairs(), indications.all_contraindications())
    assert (len(tables.interactions), len(tables.diseases)) == (1, 1)
    drugs = [_drug("", "1", "620000001"), _drug("", "2", "620000002")]
    person = Patient(PERSON.born, PERSON.sex, (Condition("4139007", "狭心症"),))
    told = check(drugs, person, (), (), Knowledge(tables), DAY)
    assert [each.code for each in told if each.tier is Tier.STOP] == ["RX-A-05", "RX-A-07"]


def test_a_chart_gives_drugs_with_places_days_and_diseases_that_go_on():
    book = load_starter().at(DAY)
    items = (Item("620098801", Decimal(3)), Item("820181220"), Item("699999999"))
    order = Order("a", OrderKind.INTERNAL, items, count=7, usage="１日３回 毎食後")
    first, unknown = medicines_of(order, book, DAY)
    assert (first.place, first.until, first.times_a_day) == ("a:000", date(2026, 6, 21), 3)
    assert (first.ingredient[:7], first.unit) == ("1149019", "錠")
    assert (unknown.place, unknown.ingredient) == ("a:002", "")
    (external,) = medicines_of(Order("b", OrderKind.EXTERNAL, items[:1]), book, DAY, is_earlier=True)
    assert (external.until, external.place, external.times_a_day) == (None, "", None)
    past = date(2026, 1, 5)
    found = conditions_of(
        (
            Diagnosis("5319009", past),
            Diagnosis("4139007", past, outcome=Outcome.CURED, ended_on=past),
            Diagnosis("9999999", past, name="知らない病名", is_suspected=True),
        ),
        book,
    )
    assert [(each.name, each.icd10, each.is_suspected) for each in found] == [
        ("胃潰瘍", ("K259",), False),
        ("知らない病名", (), True),
    ]


def test_the_records_of_a_prescription_are_checked_like_a_chart():
    def record(number, **values):
        return compose(OUTSIDE, number, values).record

    def rp(rp, form, quantity, usage, kind, code, name, amount, unit):
        return [
            record("101", rp=rp, dosage_form=form, quantity=quantity),
            record("111", rp=rp, usage_code="", usage_name=usage),
            record(
                "201",
                rp=rp,
                order=1,
                code_kind=kind,
                drug_code=code,
                drug_name=name,
                amount=amount,
                unit=unit,
            ),
        ]

    document = new_document(
        OUTSIDE,
        [
            *rp(1, "1", 7, "１日３回毎食後", "2", "620098801", "ロキソニン錠６０ｍｇ", 4, "錠"),
            *rp(2, "1", 14, "１日１回就寝前", "7", "1190023F1ZZZ", "【般】スボレキサント錠１５ｍｇ", 1, "錠"),
            *rp(3, "3", 1, "１日２回塗布", "1", "", "架空軟膏", 10, "g"),
        ],
    )
    drugs = list(medicines_of_document(document, DAY, load_starter().at(DAY)))
    assert [(each.ingredient[:7], each.until, each.times_a_day) for each in drugs] == [
        ("1149019", date(2026, 6, 21), 3),
        ("1190023", date(2026, 6, 28), 1),
        ("", None, None),
    ]
    other = new_document(OUTSIDE, rp(1, "1", 7, "１日２回", "4", "6149003F2ZZZ", "架空クラリス", 2, "錠"))
    elsewhere = list(medicines_of_document(other, DAY, institution="架空クリニック"))
    told = check(drugs, PERSON, (), elsewhere, starter_knowledge(), DAY)
    assert [(each.code, each.where) for each in told] == [
        ("RX-A-12", "1:000"), ("RX-A-05", "2:000"), ("RX-A-34", "3:000"),
    ]  # fmt: skip


CASE = {
    "day": "2026-06-15",
    "patient": {"born": "1950-01-01", "sex": "male", "conditions": [{"code": "5319009"}]},
    "prescription": [{"code": "620098801", "amount": "3", "usage": "1日3回 毎食後", "days": 7}],
    "history": [{"name": "架空ワルファリン", "ingredient": "3332001F1ZZZ", "on": "2026-06-01", "days": 28}],
}


def test_a_case_file_is_checked_with_the_master_of_its_day():
    case = read_case(json.dumps(CASE).encode(), load_starter(), "c.json")
    alerts = check(*case[:4], starter_knowledge(), case.day)
    assert [each.code for each in alerts] == ["RX-A-07", "RX-A-06"]
    text = alerts_text(case, alerts)
    assert "1番目「ロキソニン錠６０ｍｇ」" in text and text.endswith("禁忌 1件、注意 1件、情報 0件")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"prescription": [{"days": 0}]},
            ["prescription[0]: 薬の code か name", "prescription[0].days: 日数 0"],
        ),
        ({"history": [{"code": "620098801"}]}, ["history[0].on: 前に出た薬は"]),
        ({"shared_history": [{"code": "620098801", "on": "2026-06-01"}]}, ["shared_history[0].institution"]),
        ({"patient": {"born": "2027-01-01", "sex": "male"}}, ["patient.born: 生年月日"]),
        (
            {"patient": {"born": "1950-01-01", "sex": "male", "body": {"egfr": "-1"}}},
            ["patient.body.egfr: 数 -1"],
        ),
        ({"patient": {"born": "1950-01-01", "sex": "cat"}}, ["patient.sex"]),
        ({"colour": "red"}, ["colour"]),
        ({"prescription": [{"code": "620098801", "amount": "many"}]}, ["prescription[0].amount"]),
    ],
)
def test_a_fault_of_a_case_file_names_its_member(change, told):
    said = _refused(read_case, json.dumps({**CASE, **change}).encode(), load_starter(), "c.json")
    assert len(said) == len(told) and all(part in one for part, one in zip(told, said, strict=True))
    assert all(one.startswith("c.json ") for one in said)


DOCS = Path(__file__).parents[2] / "docs"


def test_the_schema_is_published():
    published = DOCS / "reference" / "schemas" / "prescription-check.json"
    assert json.loads(published.read_text("utf-8")) == case_schema()


def test_the_example_of_the_guide_is_a_case():
    path = DOCS / "guide" / "examples" / "prescription-check.json"
    case = read_case(path.read_bytes(), load_starter(), path.name)
    alerts = check(*case[:4], starter_knowledge(), case.day)
    assert [each.tier for each in alerts] == [Tier.STOP, Tier.CAUTION, Tier.STOP]


def test_what_is_no_json_is_refused():
    assert "JSONとして読めません" in _refused(read_case, b"{", load_starter(), "c.json")[0]


@pytest.mark.official
@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official drug master is not beside the checkout")
def test_every_head_of_the_starter_is_a_head_of_the_official_master():
    import gzip

    with gzip.open(OFFICIAL, "rt", encoding="cp932", errors="replace") as stream:
        listed = {row[31] for row in csv.reader(stream)}
    heads = {code[:length] for code in listed for length in (4, 7, 9)}
    tables = starter_knowledge().tables
    tokens = {member.head for member in tables.groups}
    for rows in tables[1:]:
        for row in rows:
            for name in ("drug", "other", "head"):
                tokens |= {each for each in getattr(row, name, "").split("|") if each and each.isascii()}
    assert sorted(tokens - heads) == []
