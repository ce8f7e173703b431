# SPDX-License-Identifier: Apache-2.0
"""FHIR検索 — cases by the naive evaluator, what is refused and why, rows of the index, parts of resources."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sharing import official
from tasuki.sharing.fhirpath import Environment, compile_expression
from tasuki.sharing.search import BadSearch, IndexRows, extract, extracting, parameters_of, parse, shown
from tasuki.sharing.search.entries import WRITERS, Adding
from tasuki.sharing.search.implied import implying, numbers_of, target_of
from tasuki.sharing.search.matching import Store, matches
from tasuki.sharing.search.parameters import compartment_codes, parameter, search_table
from tasuki.sharing.search.query import DateValue, is_pair
from tasuki.sharing.search.reading import plain, split
from tasuki.sharing.search.rows import no_rows
from tasuki_server.drills.search_made_up import Maker

CASES = yaml.load(
    (Path(__file__).parents[1] / "cases" / "sharing" / "search_r4.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
WRITTEN = "2026-03-01T10:30:00.000+09:00"


def stored(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**each, "meta": {**each.get("meta", {}), "lastUpdated": WRITTEN}} for each in case["store"]]


def pairs(search: str) -> list[tuple[str, str]]:
    # A bar may stand in an address as it is; a plus may not.
    return parse_qsl(search.replace("+", "%2B"), keep_blank_values=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]):
    store = Store(stored(case))
    asked = store.resources[0]
    for search in case["finds"]:
        assert matches(parse(asked["resourceType"], pairs(search)), asked, store), search
    for search in case["passes_by"]:
        assert not matches(parse(asked["resourceType"], pairs(search)), asked, store), search


@pytest.mark.parametrize(
    ("kind", "search", "word"),
    [
        ("Patient", "foo=1", "foo はありません"),
        ("Patient", "famly=1", "近いもの: family"),
        ("Observation", "code:in=http://x", "用語サーバ"),
        ("Observation", "code:below=x", "用語サーバ"),
        ("Observation", "code:exact=x", "修飾子 exact は使えません"),
        ("Location", "near=1|2", "距離"),
        ("Patient", "_text=x", "全文検索"),
        ("Patient", "_filter=x", "_filter"),
        ("Patient", "_list=5", "_has:List"),
        ("Patient", "birthdate=2026-13", "日時として読めません"),
        ("Patient", "birthdate=2026-02-30", "日時として読めません"),
        ("Patient", "birthdate=", "値が空"),
        ("Observation", "value-quantity=abc", "数として読めません"),
        ("Observation", "value-quantity=1|2|3|4", "単位"),
        ("Observation", "code-value-quantity=a", "2つに区切って"),
        ("Observation", "code=a|b|c", "システム|コード"),
        ("Observation", "code=|", "前か後"),
        ("Observation", "subject:Device=Patient/1", "違います"),
        ("Observation", "subject:Medication=1", "型 Medication を指しません"),
        ("Observation", "subject:Patient.famly=1", "famly"),
        ("Observation", "status.name=1", "連鎖できません"),
        ("AuditEvent", "entity._id=1", "型を一つ"),
        ("Patient", "_has:Observation:code=1", "_has"),
        ("Patient", "_has:Observation:device:code=1", "Patient を指しません"),
        ("Patient", "_has:Nothing:device:code=1", "Nothing"),
        ("Patient", "organization." + "partof." * 5 + "name=x", "段まで"),
        ("Patient", "gender:missing=yes", "true か false"),
        ("Patient", "_sort=foo", "foo"),
        ("Observation", "_sort=code-value-quantity", "並べ替えられません"),
        ("Patient", "_count=-1", "0以上"),
        ("Patient", "_count=1&_count=2", "2回"),
        ("Patient", "_total=some", "accurate"),
        ("Patient", "_summary=some", "true"),
        ("Patient", "_summary=true&_elements=name", "一緒"),
        ("Patient", "_include=Observation:subject", "iterate"),
        ("Patient", "_include=organization", "の形"),
        ("Patient", "_include=Patient:gender", "参照ではない"),
        ("Patient", "_contained=true", "包含"),
        ("Bundle", "composition.subject=Patient/1", "中にある"),
        ("Patient", "identifier:of-type=a|b", "種別"),
        ("Patient", "&".join(["gender=male"] * 31), "30個"),
        ("Patient", "gender=" + ",".join("x" * 301), "300個"),
        ("Nothing", "a=b", "Nothing"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(kind: str, search: str, word: str):
    with pytest.raises(BadSearch) as wrong:
        parse(kind, pairs(search))
    assert word in wrong.value.text


def test_unknown_parameters_are_passed_over_only_when_that_is_allowed():
    query = parse("Patient", pairs("foo=1&gender=male&_format=json"), is_lenient=True)
    assert query.ignored == ("foo",)
    assert len(query.conditions) == 1
    with pytest.raises(BadSearch):
        parse("Patient", pairs("gender:in=x"), is_lenient=True)


def test_approximately_is_a_tenth_of_the_time_between_then_and_now():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    query = parse("Patient", pairs("birthdate=ap2016-01-01"), now=now)
    value = query.conditions[0].values[0]
    assert isinstance(value, DateValue)
    # Ten years less a day between: a year less some hours to both sides.
    assert value.span.low.date().isoformat() == "2014-12-31"
    assert value.span.high.date().isoformat() == "2017-01-01"
    patient = {"resourceType": "Patient", "id": "1", "birthDate": "2016-10-01"}
    assert matches(query, patient, Store([patient]))


def test_our_own_address_is_no_other_place():
    base = "https://here.jp/platform/v1/fhir"
    rows = extract(
        {"resourceType": "Observation", "subject": {"reference": f"{base}/Patient/1"}}, base
    ).reference
    assert {each[2:5] for each in rows} == {("Patient", "1", "")}
    query = parse("Observation", [("subject", f"{base}/Patient/1")], base=base)
    assert query.conditions[0].values[0] == ("Patient", "1", "")


@pytest.mark.parametrize("written", ["1e99999999", "-1e99999999", "1e-99999999", "1e30"])
def test_a_number_that_no_table_holds_gives_no_row(written: str):
    value = {"value": Decimal(written), "unit": "g", "code": "g"}
    assert extract({"resourceType": "Observation", "valueQuantity": value}).quantity == []
    bounds = {"low": {"value": Decimal(written)}, "high": value}
    extract({"resourceType": "Observation", "valueRange": bounds})


def test_decimals_are_as_written():
    rows = extract({"resourceType": "Observation", "valueQuantity": {"value": Decimal("5.40")}})
    assert {str(each[2]) for each in rows.quantity} == {"5.40"}


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats() | st.text(max_size=8) | st.just("2026-02-30"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["coding", "value", "system", "code", "start", "event", "repeat", "low", "reference", "type",
                         "identifier", "text", "given", "currency", "boundsPeriod", "extension", "url", "resource"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    st.sampled_from(["Patient", "Observation", "MedicationRequest", "Bundle", "ValueSet", "Questionnaire", 5]),
    st.dictionaries(
        st.sampled_from(["code", "subject", "name", "identifier", "valueQuantity", "effectivePeriod", "meta", "entry",
                         "dosageInstruction", "useContext", "component", "_birthDate", "birthDate", "contained", "url"]),
        HOSTILE, max_size=5,
    ),
)  # fmt: skip
def test_any_value_in_any_place_gives_rows_or_none(kind: object, members: dict[str, Any]):
    rows = extract({"resourceType": kind, **members})
    assert all("\x00" not in str(each) for table in rows for row in table for each in row)
    assert all(len(each) <= 300 for table in (rows.token, rows.uri, rows.reference, rows.pair)
               for row in table for each in row[2:5] if isinstance(each, str) and not each.startswith("\n"))  # fmt: skip


def by_fhirpath(resource: dict[str, Any]) -> list[set[Any]]:
    """The rows by every whole expression, as FHIRPath answers it, one parameter after the other."""
    rows = no_rows()
    resolving = extracting._Resolving(resource)
    adding = Adding(rows, "", resolving.contained)
    environment = Environment(resource, resolve=resolving.type_behind)
    for each in parameters_of(resource["resourceType"]):
        if each.kind == "special" or each.code in extracting.OF_THE_RESOURCE:
            continue
        found = compile_expression(each.expression)([resource], environment)
        for element in found:
            if each.kind != "composite":
                WRITERS[each.kind](adding, each.number, 0, element, each.system)
                continue
            parts = [compile_expression(part.expression)([element], environment) for part in each.components]
            beside = Adding(no_rows(), "", resolving.contained) if is_pair(each) else adding
            for part, items in zip(each.components, parts, strict=True):
                for item in items if all(parts) else ():
                    WRITERS[part.kind](beside, part.number, 0, item, part.system)
            if is_pair(each):
                found_together = itertools.product(beside.rows.token, beside.rows.quantity)
                rows.pair.extend(
                    (each.number, 0, code[2], code[3], *much[2:]) for code, much in found_together
                )
    return [set(table) for table in rows]


def as_sets(rows: IndexRows, resource: dict[str, Any]) -> list[set[Any]]:
    """With the rows of those that have none of their own, under the numbers that a search asks for them."""
    asked = [
        (each.number, set(numbers_of(each)), target_of(each))
        for each in parameters_of(resource["resourceType"])
        if implying(each.type, each.code)
    ]
    # The number of the element is not compared: the other way has none.
    made = [{(row[0], 0, *row[2:]) for row in table} for table in rows]
    assert not any(row[0] == number for number, *_ in asked for table in made for row in table)
    return [
        table
        | {
            (number, *row[1:])
            for number, others, target in asked
            for row in table
            if row[0] in others and target in ("", row[2])
        }
        for table in made
    ]


def test_reading_paths_straight_is_what_fhirpath_says():
    made = [each for seed in range(6) for each in Maker(random.Random(seed)).store(60)]
    made += [each for case in CASES for each in case["store"]]
    for resource in made:
        assert as_sets(extract(resource), resource) == by_fhirpath(resource), resource


@pytest.mark.official
@official.examples_present
def test_reading_official_examples_straight_is_what_fhirpath_says():
    for name, resource in official.examples().items():
        assert as_sets(extract(resource), resource) == by_fhirpath(resource), name


@given(st.text(max_size=20))
def test_an_escaped_text_comes_back(text: str):
    escaped = "".join(f"\\{each}" if each in "\\,|$" else each for each in text)
    assert [plain(each) for each in split(escaped, ",")] == [text.replace("\x00", "")]


@given(
    st.sampled_from(["code", "_id", "date", "subject.name", "_has:Observation:subject:code", "value-quantity",
                     "code-value-quantity", "_sort", "_include", "_count", "_lastUpdated", "subject:", ":", ".", "_elements"]),
    st.text(max_size=12),
)  # fmt: skip
def test_any_text_is_read_or_refused(name: str, text: str):
    try:
        query = parse("Observation", [(name, text)])
    except BadSearch as wrong:
        assert wrong.text
    else:
        assert query.type == "Observation"


def test_a_summary_keeps_the_bytes_of_what_it_keeps():
    body = (
        b'{"resourceType":"Patient","id":"1","meta":{"versionId":"3"},"text":{"status":"empty"},"birthDate":"1970-01-01",'
        b'"deceasedBoolean":false,"contact":[{"name":{"text":"x"}}],"photo":[{"title":"y"}],'
        b'"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}],"multipleBirthInteger":1.50}'
    )
    told = json.loads(shown(body, parse("Patient", [("_summary", "true")])))
    assert set(told) == {"resourceType", "id", "meta", "birthDate", "deceasedBoolean", "link"}
    assert told["meta"] == {
        "versionId": "3",
        "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}],
    }
    assert told["link"] == [{"other": {"reference": "Patient/2"}, "type": "seealso"}]
    data = shown(body, parse("Patient", [("_summary", "data")]))
    assert b'"multipleBirthInteger":1.50' in data and b'"text":{"status"' not in data
    text = json.loads(shown(body, parse("Patient", [("_summary", "text")])))
    assert set(text) == {"resourceType", "id", "meta", "text", "deceasedBoolean", "link"}
    some = json.loads(shown(body, parse("Patient", [("_elements", "Patient.photo,multipleBirth")])))
    assert set(some) == {
        "resourceType",
        "id",
        "meta",
        "photo",
        "multipleBirthInteger",
        "deceasedBoolean",
        "link",
    }


def test_each_number_means_one_thing_and_every_expression_is_known():
    table = search_table()
    numbers = [each.number for each in table.parameters]
    numbers += [part.number for each in table.parameters for part in each.components]
    assert len(numbers) == len(set(numbers))
    assert max(numbers) < 2**15
    for each in table.parameters:
        compile_expression(each.expression)
        for part in each.components:
            compile_expression(part.expression)
    assert len(table.shapes) == 146
    # These stand in indexes of stores that exist.
    assert parameter("Patient", "birthdate").number == 1936
    assert parameter("Observation", "code").number == 1775
    assert compartment_codes("Observation") == ("subject", "performer")
    assert {each.code for each in parameters_of("Organization")} >= {"jp-prefectureno", "name", "_id"}
