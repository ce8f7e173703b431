# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの試験 — expressions over plain JSON, and what is refused."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.sharing.fhirpath import Environment, NotEvaluable, compile_expression
from tasuki.sharing.fhirpath.among import Among
from tasuki.sharing.fhirpath.parsing import NotReadable, parse
from tasuki.sharing.fhirpath.values import equal

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "birthDate": "1960-04-01",
    "_birthDate": {
        "extension": [{"url": "http://example.org/when", "valueDateTime": "1960-04-01T09:00:00+09:00"}]
    },
    "name": [
        {"use": "official", "given": ["花", "子"]},
        {"_text": {"extension": [{"url": "u", "valueCode": "masked"}]}},
    ],
    "multipleBirthInteger": 2,
    "contact": [{"period": {"start": "2020", "end": "2020-05"}}],
    "contained": [{"resourceType": "Organization", "id": "o", "name": "架空"}],
    "managingOrganization": {"reference": "#o"},
    "valueQuantity": {"value": Decimal("1.50"), "unit": "g"},
}


def answer(text: str, value: Any = PATIENT) -> list[Any]:
    resolve = {"#o": PATIENT["contained"][0]}
    environment = Environment(
        PATIENT, None, lambda one: resolve.get(one["reference"] if isinstance(one, dict) else one)
    )
    return compile_expression(text)([value], environment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name.given.count()", [2]),
        ("Patient.name.where(use = 'official').given.first()", ["花"]),
        ("name.where(use = 'old').exists()", [False]),
        ("name.text.count()", [1]),
        ("name.text.hasValue()", [False]),
        ("name.text.extension('u').value", ["masked"]),
        ("birthDate.extension('http://example.org/when').value.exists()", [True]),
        ("birthDate < @1970-01-01", [True]),
        ("birthDate <= '1960-04-01'", [True]),
        ("multipleBirth is integer", [True]),
        ("multipleBirth is boolean", [False]),
        ("(multipleBirth as integer) + 1", [3]),
        ("multipleBirth.ofType(integer) * 2", [4]),
        ("value.ofType(Quantity).value = 1.5", [True]),
        ("value.is(Quantity) and value.as(Quantity).unit = 'g'", [True]),
        ("contact.period.all(start <= end)", [True]),
        ("contact.period.start < contact.period.end", []),
        ("deceased.empty()", [True]),
        ("deceased = true", []),
        ("(deceased = true) or active.empty()", [True]),
        ("(deceased = true) and false", [False]),
        ("(deceased = true) implies true", [True]),
        ("active.exists() implies active", [True]),
        ("true xor name.exists()", [False]),
        ("'b' in ('a' | 'b')", [True]),
        ("('a' | 'b' | 'a').count()", [2]),
        ("(1 | 2 | 3).exclude(2 | 3)", [1]),
        ("name[0].given[1]", ["子"]),
        ("name.given.tail()", ["子"]),
        ("name.given.skip(1).empty()", [False]),
        ("name.select(use & '!').first()", ["official!"]),
        ("'urn:oid:1.2'.startsWith('urn:oid:')", [True]),
        ("'abc'.substring(1, 1)", ["b"]),
        ("'abc'.substring(5)", []),
        ("'A-1'.matches('^[A-Z]-[0-9]$')", [True]),
        ("'a.b'.replaceMatches('\\\\..*', '')", ["a"]),
        ("'abc'.indexOf('c')", [2]),
        ("iif(name.exists(), 'y', 'n')", ["y"]),
        ("%resource.id", ["p"]),
        ("managingOrganization.resolve().name", ["架空"]),
        ("managingOrganization.resolve() is Organization", [True]),
        ("contained.first().is(Organization)", [True]),
        ("descendants().where($this = '花').count()", [1]),
        ("children().count() > 5", [True]),
        ("`name`.count() = 2", [True]),
        ("name.given.isDistinct()", [True]),
        ("{}.empty()", [True]),
        ("'7'.toInteger() div 2", [3]),
        ("-1 < 0", [True]),
        ("name.trace('x').count()", [2]),
        ("1 = 1.0", [True]),
        ("true = 1", [False]),
        ("// remark\n1 + 1", [2]),
    ],
)
def test_expression(text: str, expected: list[Any]):
    assert answer(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "name.", "name.noSuch()", "(1", "1 +", "%nowhere", "'open", "4 'mg'", "a.b(c", "@", "(" * 300],
)
def test_what_it_does_not_know_is_refused(text: str):
    with pytest.raises(NotReadable):
        compile_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "(true | false) and true",
        "name.given.substring(1)",
        "'a'.matches('(')",
        "'a' * 2 + {}.count()",
        "memberOf('x')",
    ],
)
def test_what_has_no_single_answer_is_not_guessed(text: str):
    with pytest.raises((NotEvaluable, TypeError)):
        answer(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str):
    with contextlib.suppress(NotReadable):
        parse(text)


ALIKE = (
    1,
    Decimal("1.0"),
    True,
    "1",
    "a",
    {"a": 1},
    {"a": Decimal("1.00")},
    {"a": True},
    {"b": 1},
    ["x"],
    ["x"],
    [],
)


@given(st.lists(st.sampled_from(ALIKE), max_size=12), st.lists(st.sampled_from(ALIKE), max_size=4))
def test_what_is_among_others_is_what_is_equal_to_one_of_them(items, others):
    among, each_with_each = Among(), []
    for item in items:
        is_new = not any(equal(item, each) for each in each_with_each)
        assert among.add(item) is is_new
        each_with_each += [item] if is_new else []
    assert [item in among for item in others] == [
        any(equal(item, each) for each in each_with_each) for item in others
    ]


@pytest.mark.parametrize(
    "text", ["item.isDistinct()", "item.intersect(item).count() > 1", "item.subsetOf(item)"]
)
@pytest.mark.parametrize("make", [str, lambda number: {"code": str(number)}])
def test_of_many_values_each_is_not_compared_with_all(text, make):
    """A sender writes a code system of a hundred thousand codes, and its invariant asks whether they differ."""
    run = compile_expression(text)
    many = {"item": [make(number) for number in range(8_000)]}
    begun = process_time()
    assert run([many], Environment(many)) == [True]
    # Tenths of a second, and seconds where each is compared with all.
    assert process_time() - begun < 1.5
