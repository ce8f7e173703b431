# SPDX-License-Identifier: Apache-2.0
"""健診結果の点検の試験 — the readable cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from sharing import made_up_checkups as made_up
from tasuki.kernel.messages import sentence
from tasuki.sharing.checkups import check_checkup
from tasuki.sharing.checkups.values import Checkup, CheckupGroup, CheckupItem, ChosenValue, MeasuredValue

CASES = yaml.load(
    (Path(__file__).parents[1] / "cases" / "sharing" / "checkup_2026_06.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)


def change(item: CheckupItem, case: dict[str, Any]) -> CheckupItem:
    code, value = item.code, item.value
    if code in case.get("recode", {}):
        return replace(item, code=case["recode"][code])
    if isinstance(value, MeasuredValue):
        number = Decimal(case.get("number", {}).get(code, value.number))
        item = replace(
            item, value=replace(value, number=number, unit=case.get("unit", {}).get(code, value.unit))
        )
    if isinstance(value, ChosenValue):
        given = case.get("code", {}).get(code, value.code)
        item = replace(
            item, value=replace(value, code=given, system=case.get("choices", {}).get(code, value.system))
        )
    if code in case.get("text", {}):
        item = replace(item, value=case["text"][code])
    if code in case.get("long", {}):
        item = replace(item, value="あ" * case["long"][code])
    if code == case.get("absent"):
        item = replace(item, value=None)
    return replace(item, method=case.get("method", {}).get(code, item.method))


def ground(case: dict[str, Any]) -> Checkup:
    whole = made_up.checkup()
    entries: list[CheckupItem | CheckupGroup] = []
    for each in whole.sections[0].entries:
        if isinstance(each, CheckupGroup):
            entries.append(each)
        elif each.code not in case.get("drop", ()):
            entries += [change(each, case)] * (2 if each.code == case.get("again") else 1)
    person = whole.examinee
    return replace(
        whole,
        program=case.get("program", whole.program),
        issued_on=case.get("issued", whole.issued_on),
        performer=replace(whole.performer, number=case.get("performer", whole.performer.number)),
        examinee=replace(
            person,
            postal_code=case.get("postal_code", person.postal_code),
            insured=replace(person.insured, insurer=case.get("insurer", person.insured.insurer)),
        ),
        sections=(replace(whole.sections[0], entries=tuple(entries)),),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]):
    found = check_checkup(ground(case), "")
    assert [[each.code.removeprefix("CHK-"), each.where.record] for each in found] == case["expect"]
    assert all(sentence(each) for each in found)
    assert case["cite"]


def test_every_finding_of_content_has_a_case():
    from tasuki.sharing.checkups.messages import CONTENT

    named = {f"CHK-{code}" for case in CASES for code, _ in case["expect"]}
    assert set(CONTENT) == named
