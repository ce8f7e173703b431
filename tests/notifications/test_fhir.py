# SPDX-License-Identifier: Apache-2.0
"""Every form as a Questionnaire, every notice as a QuestionnaireResponse: valid FHIR R4, and read back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from notifications.notices import TABLE, VERSIONS, any_notice, disease, notice
from tasuki.kernel.finding import BadInput, Severity
from tasuki.notifications.questionnaire import questionnaire
from tasuki.notifications.response import questionnaire_response, read_response
from tasuki.notifications.table import Disease
from tasuki.sharing.validator import Validator

VALIDATOR = Validator()


def errors(value: dict[str, Any]) -> list[Any]:
    found = VALIDATOR.validate_value(value)
    return [
        (each.code, each.where, dict(each.facts)) for each in found if each.severity is not Severity.ADVICE
    ]


def links(items: list[dict[str, Any]]) -> Iterator[str]:
    for each in items:
        yield each["linkId"]
        yield from links(each.get("item", []))


def test_every_form_is_a_valid_questionnaire_with_each_link_once():
    for each in VERSIONS:
        made = questionnaire(each)
        assert errors(made) == []
        found = list(links(made["item"]))
        assert len(found) == len(set(found))


def test_a_form_without_identity_has_no_box_for_it():
    boxes = {"name", "born", "address", "whereabouts", "guardian_name"}
    for each in VERSIONS:
        found = boxes & set(links(questionnaire(each)["item"]))
        assert found == (boxes if each.has_identity else set())


@settings(max_examples=30, deadline=None)
@given(any_notice())
def test_what_is_written_is_valid_and_reads_back(made: Any):
    given_notice, form = made
    written = questionnaire_response(given_notice, form, "1")
    assert errors(written) == []
    assert read_response(written, TABLE) == (given_notice, form)


def test_a_name_given_where_none_may_be_told_is_not_in_the_document():
    written = questionnaire_response(
        notice("syphilis", identity=notice("measles").identity), disease("syphilis")
    )
    assert "はるか" not in str(written)


def planted(change: Any, code: str = "ehec") -> list[str]:
    made = questionnaire_response(notice(code), disease(code))
    change(made)
    with pytest.raises(BadInput) as refused:
        read_response(made, TABLE)
    return [each.code for each in refused.value.findings]


def box(made: dict[str, Any], link: str) -> dict[str, Any]:
    return next(each for group in made["item"] for each in group["item"] if each["linkId"] == link)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda made: made.update(resourceType="Patient"), "NTF-0021"),
        (lambda made: made.update(questionnaire="http://tasuki.invalid/fhir/Questionnaire/none|2026-01-01"), "NTF-0021"),
        (lambda made: made.update(status="in-progress"), "NTF-0021"),
        (lambda made: made["item"].append({"linkId": "colour"}), "NTF-0022"),
        (lambda made: made["item"].append("text"), "NTF-0022"),
        (lambda made: made["item"].append(made["item"][0]), "NTF-0024"),
        (lambda made: box(made, "sex")["answer"][0]["valueCoding"].update(code="other"), "NTF-0023"),
        (lambda made: box(made, "sex")["answer"].append(box(made, "sex")["answer"][0]), "NTF-0023"),
        (lambda made: box(made, "age_years").update(answer=[{"valueInteger": True}]), "NTF-0023"),
        (lambda made: box(made, "diagnosed_on").update(answer=[{"valueDate": "2026-02-30"}]), "NTF-0023"),
        (lambda made: box(made, "age_years").update(linkId="age_months"), "NTF-0023"),
    ],
)  # fmt: skip
def test_a_broken_document_is_refused_with_its_reason(change: Any, code: str):
    assert code in planted(change)


def test_a_code_of_another_disease_is_no_answer():
    def swap(made: dict[str, Any]) -> None:
        coding = box(made, "symptom")["answer"][0]["valueCoding"]
        coding["system"] = coding["system"].replace("ehec", "cholera")

    assert planted(swap) == ["NTF-0023"]


def test_the_builder_refuses_an_item_the_form_lacks():
    from tasuki.notifications.facts import Ticked

    with pytest.raises(ValueError, match="no option"):
        questionnaire_response(notice("ehec", symptoms=(Ticked("99"),)), disease("ehec"))


def test_every_disease_of_the_table_has_a_notice_that_reads_back():
    for each in VERSIONS:
        assert isinstance(each, Disease)
        made = notice(each.code, each)
        assert read_response(questionnaire_response(made, each), TABLE) == (made, each)
