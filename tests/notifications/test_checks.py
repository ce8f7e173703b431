# SPDX-License-Identifier: Apache-2.0
"""What a notice lacks, tells too much of, or says that cannot be true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from notifications.notices import DAY, IDENTITY, REPORTER, TABLE, any_notice, disease, notice
from tasuki.kernel.finding import Severity
from tasuki.kernel.messages import sentence
from tasuki.notifications.checks import check
from tasuki.notifications.facts import Examined, Identity, Notification, Origin, Ticked
from tasuki.notifications.words import Certainty, Subject


def told(made: Notification) -> list[tuple[str, str]]:
    return [(each.code, each.where.field) for each in check(made, disease(made.disease))]


def test_a_whole_notice_of_every_disease_has_nothing_wrong():
    for each in TABLE.at(DAY):
        found = told(notice(each.code))
        late = [("NTF-0015", "reported_on")]
        assert found in ([], late)


CHILD = replace(IDENTITY, born=date(2025, 12, 20))
ORIGIN = Origin((), "不明", Certainty.PRESUMED, None, "不明", Certainty.PRESUMED)


@pytest.mark.parametrize(
    ("code", "changes", "found"),
    [
        ("measles", {"identity": Identity()}, ("NTF-0001", "name")),
        ("measles", {"identity": replace(IDENTITY, occupation="")}, ("NTF-0001", "occupation")),
        ("measles", {"identity": replace(IDENTITY, whereabouts="")}, ("NTF-0001", "whereabouts")),
        ("syphilis", {"identity": Identity(name="架空　はるか")}, ("NTF-0002", "identity")),
        ("syphilis", {"identity": Identity(telephone="03-0000-0000")}, ("NTF-0002", "identity")),
        ("ehec", {"subject": Subject.SUSPECTED}, ("NTF-0003", "subject")),
        ("ehec", {"age_years": 17, "identity": replace(IDENTITY, born=date(2009, 1, 1))}, ("NTF-0004", "guardian_name")),
        ("ehec", {"age_years": 0, "identity": CHILD}, ("NTF-0005", "age_months")),
        ("syphilis", {"age_years": 0, "age_months": 12}, ("NTF-0005", "age_months")),
        ("syphilis", {"age_years": 20, "age_months": 3}, ("NTF-0006", "age_months")),
        ("measles", {"age_years": 35}, ("NTF-0007", "age_years")),
        ("measles", {"onset_on": date(2026, 6, 16)}, ("NTF-0008", "diagnosed_on")),
        ("measles", {"reported_on": date(2026, 6, 14)}, ("NTF-0008", "reported_on")),
        ("measles", {"first_seen_on": date(1989, 1, 1)}, ("NTF-0008", "first_seen_on")),
        ("measles", {"symptoms": (Ticked("99"),)}, ("NTF-0009", "symptom")),
        ("measles", {"symptoms": (Ticked("1"), Ticked("1"))}, ("NTF-0009", "symptom")),
        ("cholera", {"methods": (Examined("1", "便"),)}, ("NTF-0009", "method")),
        ("ehec", {"methods": (Examined("1", "血液"),)}, ("NTF-0010", "method")),
        ("measles", {"died_on": DAY}, ("NTF-0011", "died_on")),
        ("measles", {"subject": Subject.BODY}, ("NTF-0001", "died_on")),
        ("ehec", {"symptoms": (Ticked("1"), Ticked("13"))}, ("NTF-0012", "symptom")),
        ("ehec", {"subject": Subject.CARRIER}, ("NTF-0013", "symptom")),
        ("ehec", {"symptoms": ()}, ("NTF-0001", "symptom")),
        ("ehec", {"methods": ()}, ("NTF-0001", "method")),
        ("measles", {"kind": None}, ("NTF-0001", "type")),
        ("ehec", {"diagnosed_on": None}, ("NTF-0001", "diagnosed_on")),
        ("ehec", {"first_seen_on": None}, ("NTF-0001", "first_seen_on")),
        ("ehec", {"infected_on": None}, ("NTF-0014", "infected_on")),
        ("syphilis", {"reported_on": date(2026, 6, 23)}, ("NTF-0015", "reported_on")),
        ("ehec", {"origin": Origin()}, ("NTF-0001", "cause")),
        ("ehec", {"origin": replace(ORIGIN, certainty=None)}, ("NTF-0001", "cause.certainty")),
        ("ehec", {"origin": replace(ORIGIN, region="")}, ("NTF-0001", "region")),
        ("ehec", {"origin": replace(ORIGIN, region_certainty=None)}, ("NTF-0001", "region.certainty")),
        ("ehec", {"reporter": replace(REPORTER, doctor="")}, ("NTF-0001", "reporter.doctor")),
        ("ehec", {"remarks": "あ" * 401}, ("NTF-0016", "その他")),
        ("ehec", {"remarks": "あ\x07"}, ("NTF-0017", "その他")),
        ("syphilis", {"age_years": 131}, ("NTF-0018", "age_years")),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_told_with_its_place(code: str, changes: dict[str, Any], found: tuple[str, str]):
    assert found in told(notice(code, **changes))


@pytest.mark.parametrize(
    ("code", "changes", "absent"),
    [
        ("ehec", {"subject": Subject.CARRIER, "symptoms": (Ticked("13"),), "onset_on": None}, {"NTF-0001", "NTF-0013", "NTF-0014"}),
        ("ehec", {"age_years": 0, "age_months": 5, "identity": replace(CHILD, guardian_name="架空　花子", guardian_address="東京都")}, {"NTF-0004", "NTF-0005", "NTF-0006", "NTF-0007"}),
        ("syphilis", {"age_years": 17}, {"NTF-0004"}),
        ("measles", {"age_years": 18, "identity": replace(IDENTITY, born=date(2008, 6, 15))}, {"NTF-0004", "NTF-0007"}),
        ("syphilis", {"reported_on": date(2026, 6, 22)}, {"NTF-0015"}),
        ("amebiasis", {"methods": (Examined("1", "十二指腸液"),)}, {"NTF-0010"}),
        ("measles", {"subject": Subject.BODY, "died_on": date(2026, 6, 14), "first_seen_on": None}, {"NTF-0001", "NTF-0011"}),
        ("measles", {"first_seen_on": date(2026, 6, 9)}, {"NTF-0008"}),
        ("ehec", {"remarks": "二行\nの文"}, {"NTF-0017"}),
    ],
)  # fmt: skip
def test_what_is_right_is_not_told(code: str, changes: dict[str, Any], absent: set[str]):
    assert absent & {each for each, _ in told(notice(code, **changes))} == set()


@settings(max_examples=25, deadline=None)
@given(any_notice())
def test_anything_written_is_answered_in_words(made: Any):
    for each in check(*made):
        assert sentence(each)


def test_advice_and_questions_do_not_forbid():
    found = check(notice("syphilis", infected_on=None, reported_on=date(2026, 6, 30)), disease("syphilis"))
    assert {each.severity for each in found} == {Severity.ADVICE}
