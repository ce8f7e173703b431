# SPDX-License-Identifier: Apache-2.0
"""受診ファイルの支払者 — several payers of one visit in VISIT.json and in a month, and every fault of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calculation.test_service import BOOK, _places, asked, json_values
from tasuki.calculation.account_trace import account_text
from tasuki.calculation.calculate_file import account_of_file
from tasuki.calculation.service import Operation
from tasuki.calculation.trace_wire import MonthTrace, StatementTrace

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
VISIT = (GUIDE / "examples" / "visit-payers.json").read_bytes()
MONTH = (GUIDE / "copay" / "with-work-accident.json").read_bytes()


def changed(data: bytes, **members: Any) -> bytes:
    return json.dumps(json.loads(data) | members).encode()


def payers(**members: Any) -> bytes:
    return changed(VISIT, payers=json.loads(VISIT)["payers"] | members)


def test_each_payer_has_its_part_and_its_yen() -> None:
    status, told = asked(VISIT)
    assert status == 200
    parts = {part["label"]: part for part in told["account"]["parts"]}
    assert list(parts) == ["社保", "労災", "自費"]
    assert parts["社保"]["total_yen"] == told["total_points"] * 10
    assert parts["社保"]["patient_yen"] is None
    # 創傷処置 52点×12円; ＣＲＰ 16＋判断 144＋採血 40点×15円に消費税10%。
    assert (parts["労災"]["total_yen"], parts["労災"]["patient_yen"]) == (624, 0)
    assert (parts["自費"]["total_yen"], parts["自費"]["tax_yen"]) == (3300, 300)
    # 自費 3,300＋診断書 3,300＋健診の患者負担 1,000。
    assert told["account"]["outside_yen"] == 7600
    msgspec.convert(told, StatementTrace)


def test_the_visit_fee_stands_once_whoever_bears_it() -> None:
    def bearer(name: str) -> list[str]:
        _, told = asked(payers(fee_payer=name))
        return [
            part["label"]
            for part in told["account"]["parts"]
            if any(unit["section"] in ("11", "12") for unit in part["statement"]["units"])
        ]

    assert bearer("健保") == ["社保"]
    assert bearer("労災") == ["労災"]


def test_a_file_without_payers_is_answered_as_before() -> None:
    _, told = asked((GUIDE / "examples" / "visit.json").read_bytes())
    assert "account" not in told


def test_a_sole_payer_that_is_not_health_insurance_has_an_account_when_asked() -> None:
    alone = changed(VISIT, insurance={"kind": "work_accident"}, payers={}, history=[], orders=[])
    _, told = asked(alone)
    (part,) = told["account"]["parts"]
    assert part["label"] == "労災" and part["act_yen"] > 0
    assert "CAL-0114" not in [each["code"] for each in told["findings"]]


def test_text_names_every_payer() -> None:
    text = account_text(account_of_file(VISIT, BOOK))
    for part in ("社保", "労災　52点　請求額 624円", "料金表「診断書」", "7,600円", "── 労災の明細 ──"):
        assert part in text


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (payers(fee_payer="生保"), "CAL-0133", "/payers/fee_payer"),
        (payers(others=[{"kind": "private"}]), "CAL-0133", "/orders/1/payer"),
        (payers(others=[{"id": "健保", "kind": "private"}]), "CAL-0131", "/payers/others/0/id"),
        (payers(others=[{"kind": "national"}]), "CAL-0132", "/payers/others/0/kind"),
        (payers(others=[{"id": "労災", "kind": "traffic_accident"}, {"id": "自費", "kind": "private"}]), "PAY-0002", "/payers/others/0/kind"),
        (payers(contracts=[{"kind": "private", "unit_price_yen": "0"}]), "PAY-0411", "/payers/contracts/0/unit_price_yen"),
        (payers(contracts=[{"kind": "private", "unit_price_yen": "1.005"}]), "PAY-0411", "/payers/contracts/0/unit_price_yen"),
        (payers(contracts=[{"kind": "national", "unit_price_yen": 10}]), "PAY-0412", "/payers/contracts/0/kind"),
        (
            payers(contracts=[{"kind": "private", "unit_price_yen": 10, "since": "2026-02-01", "until": "2026-01-01"}]),
            "PAY-0413",
            "/payers/contracts/0/until",
        ),
        (payers(charges=[{"name": "健診", "yen": 100, "patient_yen": 101}]), "PAY-0414", "/payers/charges/0/patient_yen"),
        (payers(charges=[{"name": "健診", "yen": 100, "patient_yen": 1}]), "PAY-0415", "/payers/charges/0/billed_to"),
        (payers(charges=[{"name": "健診", "yen": 100, "kind": "national"}]), "PAY-0416", "/payers/charges/0/kind"),
        (changed(VISIT, payers=None), "CAL-0133", "/orders/1/payer"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(data: bytes, code: str, pointer: str) -> None:
    status, problem = asked(data)
    assert status == 422
    assert (code, pointer) in [(each["code"], each["pointer"]) for each in problem["findings"]]


def test_a_month_carries_other_payers_beside_the_share() -> None:
    _, told = asked(MONTH, Operation.COPAY)
    first, second = told["visits"]
    assert first["outside"]["parts"][0]["total_yen"] == 52 * 12 + 1420
    # 自賠責: 技術料100点×1.2＋薬剤10点、×20円。
    assert second["outside"]["parts"][0]["total_yen"] == 2600
    assert (told["collected_yen"], told["outside_yen"]) == (1370, 3300)
    msgspec.convert(told, MonthTrace)


def test_other_payers_change_no_share_of_health_insurance() -> None:
    bare = json.loads(MONTH)
    for visit in bare["visits"]:
        del visit["outside"]
    _, without = asked(json.dumps(bare).encode(), Operation.COPAY)
    _, told = asked(MONTH, Operation.COPAY)
    assert "outside_yen" not in without
    assert [v["collect_yen"] for v in without["visits"]] == [v["collect_yen"] for v in told["visits"]]
    assert without["receipts"] == told["receipts"]


@pytest.mark.parametrize(
    ("part", "code"),
    [({"kind": "national", "points": 1}, "PAY-0421"), ({"kind": "private", "points": 1}, "PAY-0422")],
)
def test_a_part_without_a_price_is_refused(part: dict[str, Any], code: str) -> None:
    month = json.loads(MONTH)
    month["visits"][0]["outside"]["parts"] = [part]
    status, problem = asked(json.dumps(month).encode(), Operation.COPAY)
    assert status == 422
    assert [(each["code"], each["pointer"]) for each in problem["findings"]] == [
        (code, "/visits/0/outside/parts/0/kind")
    ]


@pytest.mark.parametrize(("operation", "example"), [(Operation.CALCULATE, VISIT), (Operation.COPAY, MONTH)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_member_made_anything_is_answered(operation: Operation, example: bytes, data: Any) -> None:
    value = json.loads(example)
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from(_places(value)))
        place = value
        for step in parents:
            place = place[step]
        if data.draw(st.booleans()):
            place[last] = data.draw(json_values)
        elif isinstance(place, dict):
            del place[last]
    asked(json.dumps(value).encode("utf-8", "surrogatepass"), operation)
