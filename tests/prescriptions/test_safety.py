# SPDX-License-Identifier: Apache-2.0
"""処方の点検 — each alert fires on the prescription that needs it and is silent on its neighbour; order does not matter."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from prescriptions.safety_cases import CASES, DAY, NAMES, Given, given
from tasuki.chart.visit import Sex
from tasuki.masters.starter import load_starter
from tasuki.prescriptions.safety import (
    Allergy,
    Body,
    Condition,
    Medicine,
    Patient,
    Tier,
    alert_sentence,
    check,
    starter_knowledge,
)
from tasuki.prescriptions.safety.messages import ALERTS
from tasuki.prescriptions.safety.planted import DAY as PLANTED_DAY
from tasuki.prescriptions.safety.planted import catalogue_of, measure, plant

KNOWLEDGE = starter_knowledge()


def _told(case: Given) -> list[str]:
    return [f"{each.where}: {each.code} {each.tier.value}" for each in check(*case, KNOWLEDGE, DAY)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['about']} {case['name']}")
def test_the_check_tells_exactly_this(case: dict[str, Any]) -> None:
    assert _told(given(case)) == case["expect"]
    for alert in check(*given(case), KNOWLEDGE, DAY):
        assert "{" not in alert_sentence(alert)
        # A place, who it is about and where it is written: what is not from a table says so by its own rule.
        assert alert.cite or alert.code in ("RX-A-10", "RX-A-34")


def test_every_alert_has_a_case_that_fires_and_a_neighbour_that_does_not() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
    codes = {re.match(r"RX-A-\d\d", key)[0] for key in ALERTS}  # type: ignore[index]
    about = {(case["about"], any(case["about"] in each for each in case["expect"])) for case in CASES}
    assert about == {(code, fires) for code in codes for fires in (True, False)}


@pytest.mark.parametrize(
    "name", ["他院の同じ成分が1日重なる", "他院の同じ系統", "タダラフィルと他院のニトログリセリン"]
)
def test_a_drug_whose_name_may_not_be_shown_is_told_without_it(name: str) -> None:
    prescription, patient, history, shared = given(next(each for each in CASES if each["name"] == name))
    hidden = tuple(replace(each, name="見せない名前", is_withheld=True) for each in shared)
    (alert,) = check(prescription, patient, history, hidden, KNOWLEDGE, DAY)
    (plain,) = check(prescription, patient, history, shared, KNOWLEDGE, DAY)
    assert (alert.code, alert.tier) == (plain.code, plain.tier)
    # Neither is it in what the record keeps.
    told = alert_sentence(alert) + str(tuple(alert))
    assert not [secret for secret in ("見せない名前", "架空薬局", "硝酸", "血圧") if secret in told]
    assert shared[0].ingredient == prescription[0].ingredient or shared[0].ingredient not in told


@pytest.mark.parametrize("origin", ["own", "elsewhere", "unnamed", "hidden"])
@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("アムロジピン", "アムロジピン"),
        ("オルメサルタン", "カンデサルタン"),
        ("タダラフィル5mg", "ニトログリセリン舌下"),
        ("ワルファリン", "ロキソプロフェン60mg"),
    ],
)
def test_a_pair_has_a_sentence_wherever_the_other_drug_comes_from(one, other, is_open, origin) -> None:
    mine = Medicine("", one, NAMES[one], DAY, DAY + timedelta(days=13), "1")
    until = None if is_open else DAY + timedelta(days=20)
    institution = "架空クリニック" if origin in ("elsewhere", "hidden") else ""
    theirs = Medicine(
        "", other, NAMES[other], DAY, until, institution=institution, is_withheld=origin == "hidden"
    )
    history, shared = ((theirs,), ()) if origin == "own" else ((), (theirs,))
    alerts = check([mine], Patient(date(1970, 4, 4), Sex.MALE), history, shared, KNOWLEDGE, DAY)
    told = [alert_sentence(each) for each in alerts]
    # An end nobody knows: no duplicate of one's own, no class; everything else is told.
    is_silent = is_open and (one == "オルメサルタン" or (one == "アムロジピン" and origin == "own"))
    assert len(told) == (0 if is_silent else 1)
    assert all("{" not in each and "まで（" not in each and "がまで" not in each for each in told)
    assert all(("ほかの医療機関" in each) is (origin in ("unnamed", "hidden")) for each in told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_order_of_entry_does_not_matter(case: dict[str, Any]) -> None:
    said = given(case)
    turned = Given(
        said.prescription[::-1],
        replace(
            said.patient,
            conditions=said.patient.conditions[::-1],
            allergies=said.patient.allergies[::-1],
        ),
        said.history[::-1],
        said.shared_history[::-1],
    )
    assert check(*turned, KNOWLEDGE, DAY) == check(*said, KNOWLEDGE, DAY)


medicines = st.builds(
    lambda name, days, amount, back: Medicine(
        "",
        name,
        NAMES[name],
        DAY - timedelta(days=back),
        DAY + timedelta(days=days),
        amount=amount,
        unit="錠",
    ),
    st.sampled_from(sorted(NAMES)),
    st.integers(0, 40),
    st.none() | st.decimals(min_value=1, max_value=20, places=0),
    st.integers(0, 30),
)
patients = st.builds(
    Patient,
    born=st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    sex=st.sampled_from(Sex),
    conditions=st.lists(
        st.builds(
            lambda code, suspected: Condition("", f"病名{code}", (code,), suspected),
            st.sampled_from(("K259", "J459", "H402", "I509", "N189", "E119", "O000")),
            st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    allergies=st.lists(
        st.builds(
            lambda word, stops: Allergy(word, is_contraindicated=stops),
            st.sampled_from(("ペニシリン", "NSAIDs", "そば", "セレコキシブ")),
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    body=st.builds(
        Body,
        is_pregnant=st.none() | st.booleans(),
        weight_kg=st.none() | st.decimals(min_value=3, max_value=120, places=1),
        egfr=st.none() | st.decimals(min_value=3, max_value=120, places=1),
        creatinine=st.none() | st.decimals(min_value="0.3", max_value=9, places=1),
        kidney_on=st.none() | st.dates(date(2024, 1, 1), DAY),
    ),
)


@settings(max_examples=60, deadline=None)
@drawn(st.lists(medicines, min_size=1, max_size=5), st.lists(medicines, max_size=5), patients, st.randoms())
def test_any_order_gives_the_same_alerts(prescribed, earlier, patient, chance) -> None:
    placed = [replace(each, since=DAY, place=f"{n:03}") for n, each in enumerate(prescribed)]
    first = check(placed, patient, earlier, (), KNOWLEDGE, DAY)
    chance.shuffle(placed)
    chance.shuffle(earlier)
    assert check(placed, patient, earlier, (), KNOWLEDGE, DAY) == first


@settings(max_examples=60, deadline=None)
@drawn(st.lists(medicines, min_size=1, max_size=4), st.lists(medicines, max_size=4), patients)
def test_an_unrelated_drug_changes_no_other_alert(prescribed, earlier, patient) -> None:
    placed = [replace(each, since=DAY, place=f"{n:03}") for n, each in enumerate(prescribed)]
    before = check(placed, patient, earlier, (), KNOWLEDGE, DAY)
    # 白色ワセリン: no table speaks of it.
    unrelated = Medicine("", "架空の軟膏", "7121703X1ZZZ", DAY, None, place="999", unit="ｇ")
    assert check([*placed, unrelated], patient, earlier, (), KNOWLEDGE, DAY) == before
    assert check(placed, patient, [*earlier, replace(unrelated, place="")], (), KNOWLEDGE, DAY) == before


def test_every_planted_danger_is_found_and_nothing_is_told_that_the_tables_do_not_say() -> None:
    drugs = [rows[0] for rows in load_starter().at(PLANTED_DAY).book.drugs.values()]
    catalogue = catalogue_of(drugs, KNOWLEDGE)
    recall = measure(plant(catalogue, KNOWLEDGE, 600, seed=7), catalogue, KNOWLEDGE)
    assert len(recall.planted) == 12 and min(recall.planted.values()) > 20
    assert recall.missed == [] and recall.rate == 1
    assert recall.false_alarms == []


def test_a_check_that_overlooks_dangers_fails_the_measure() -> None:
    """The measure itself: without the interactions the planted pairs are missed, and said to be."""
    drugs = [rows[0] for rows in load_starter().at(PLANTED_DAY).book.drugs.values()]
    catalogue = catalogue_of(drugs, KNOWLEDGE)
    blind = type(KNOWLEDGE)(KNOWLEDGE.tables._replace(interactions=()))
    recall = measure(plant(catalogue, KNOWLEDGE, 120, seed=7), catalogue, blind)
    assert {each.kind for each in recall.missed} == {"併用禁忌 処方内", "併用禁忌 自院", "併用禁忌 他院"}


def test_stop_stands_before_caution_at_a_place() -> None:
    case = next(each for each in CASES if each["name"] == "胃潰瘍にロキソプロフェン")
    prescription, patient, history, shared = given(case)
    extra = replace(prescription[0], amount=9)
    alerts = check([extra], patient, history, shared, KNOWLEDGE, DAY)
    assert [each.tier for each in alerts] == sorted((each.tier for each in alerts), key=list(Tier).index)
