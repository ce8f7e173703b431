# SPDX-License-Identifier: Apache-2.0
"""Cases of the check of prescriptions, from the words of safety_2026_06.yaml."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Sex
from tasuki.prescriptions.safety import Allergy, Body, Condition, Medicine, Patient
from tasuki.prescriptions.safety.from_chart import times_a_day

FILE = yaml.load(
    (Path(__file__).parents[1] / "cases" / "prescriptions" / "safety_2026_06.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
CASES: list[dict[str, Any]] = FILE["cases"]
NAMES: dict[str, str] = FILE["names"]
DAY = date(2026, 6, 15)


class Given(NamedTuple):
    """What a check takes beside the knowledge and the day."""

    prescription: tuple[Medicine, ...]
    patient: Patient
    history: tuple[Medicine, ...]
    shared_history: tuple[Medicine, ...]


def given(case: dict[str, Any]) -> Given:
    """The values of a case."""
    return Given(
        tuple(_medicine(each, place=str(at)) for at, each in enumerate(case["drugs"], start=1)),
        _patient(case),
        tuple(_medicine(each) for each in case.get("taken", [])),
        tuple(_medicine(each, institution="架空薬局") for each in case.get("elsewhere", [])),
    )


def _medicine(words: Any, place: str = "", institution: str = "") -> Medicine:
    said = {"drug": words} if isinstance(words, str) else words
    kind = OrderKind(said.get("kind", "internal"))
    since = said.get("given", DAY)
    is_internal = kind is OrderKind.INTERNAL
    return Medicine(
        code="",
        name=said["drug"],
        ingredient=NAMES.get(said["drug"], ""),
        since=since,
        until=since + timedelta(days=said.get("days", 14) - 1) if is_internal else None,
        place=place,
        kind=kind,
        amount=_decimal(said.get("amount")),
        unit=said.get("unit", "錠"),
        times_a_day=times_a_day(said.get("usage", "")),
        institution=institution,
    )


def _patient(case: dict[str, Any]) -> Patient:
    person = case.get("person", {})
    return Patient(
        person.get("born", date(1976, 4, 4)),
        Sex(person.get("sex", "male")),
        tuple(
            Condition("", each["name"], (each["icd10"],), each.get("suspected", False))
            for each in case.get("diseases", [])
        ),
        tuple(
            Allergy(each["substance"], is_contraindicated=each.get("stop", False))
            for each in case.get("allergies", [])
        ),
        Body(
            is_pregnant=person.get("pregnant"),
            is_lactating=person.get("lactating"),
            weight_kg=_decimal(person.get("weight")),
            egfr=_decimal(person.get("egfr")),
            ccr=_decimal(person.get("ccr")),
            creatinine=_decimal(person.get("creatinine")),
            kidney_on=person.get("kidney_on"),
        ),
    )


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
