# SPDX-License-Identifier: Apache-2.0
"""The readable cases of tests/cases/copayment, read through the same file reader the command uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tasuki.calculation.copayment import close_month, visit_copayment
from tasuki.calculation.copayment.case_file import read_case
from tasuki.calculation.copayment.sentences import FINDINGS, REASONS, explain
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence

FOLDER = Path(__file__).parents[2] / "cases" / "copayment"
CASES: list[dict[str, Any]] = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
]
GOOD = [case for case in CASES if "expect" in case]
BAD = [case for case in CASES if "findings" in case]
# Raised where a case file cannot lead: below the file reader, or by functions tested by themselves.
TESTED_ELSEWHERE = {"copay-013", "copay-022", "copay-031", "copay-032"}


def as_file(case: dict[str, Any]) -> bytes:
    members = {
        name: value for name, value in case.items() if name not in ("name", "cite", "expect", "findings")
    }
    return json.dumps(members, default=str, ensure_ascii=False).encode()


def answer_of(case: dict[str, Any]) -> dict[str, Any]:
    ledger, visits, _ = read_case(as_file(case))
    for visit in visits:
        _, ledger = visit_copayment(ledger, visit)
    result = close_month(ledger)
    receipt = result.receipts[0]
    charges = [entry.charge for entry in ledger.entries]
    reasons = [reason for charge in charges for reason in charge.because]
    reasons += [reason for one in result.receipts for reason in one.because]
    assert all(explain(reason) and reason.cite for reason in reasons)
    assert result.collected_yen == sum(one.collected_yen for one in result.receipts)
    return {
        "collect": [charge.collect_yen for charge in charges],
        "ledger": [line.total_yen for charge in charges for line in charge.ledger_lines],
        "share": receipt.share_yen, "amount": receipt.amount_yen, "high_cost": receipt.high_cost_yen,
        "aggregated": receipt.aggregated_yen, "marks": list(receipt.marks),
        "counter_kind": receipt.counter_kind, "burden_class": receipt.burden_class,
        "benefit_percent": receipt.benefit_percent, "days": receipt.day_count,
        "receipts": len(result.receipts),
        "rules": {reason.rule_id for reason in reasons},
        "ko": [
            {"law_code": one.law_code, "amount": one.amount_yen, "pays": one.pays_yen, "benefit_share": one.benefit_share_yen}
            for one in receipt.programmes
        ],
    }  # fmt: skip


@pytest.mark.parametrize("case", GOOD, ids=[case["name"] for case in GOOD])
def test_case(case: dict[str, Any]) -> None:
    expect = dict(case["expect"])
    answer = answer_of(case)
    assert set(expect.pop("rules", [])) - answer["rules"] == set()
    assert set(expect.pop("absent", [])) & answer["rules"] == set()
    programmes = expect.pop("ko", None)
    if programmes is not None:
        named = [
            {member: found[member] for member in wanted}
            for wanted, found in zip(programmes, answer["ko"], strict=True)
        ]
        assert named == programmes
    assert {name: answer[name] for name in expect} == expect


@pytest.mark.parametrize("case", BAD, ids=[case["name"] for case in BAD])
def test_bad_case(case: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        ledger, visits, _ = read_case(as_file(case), "case.json")
        for visit in visits:
            visit_copayment(ledger, visit)
    found = {finding.code: finding.where.field for finding in caught.value.findings}
    assert found == case["findings"]
    assert all(sentence(finding).startswith("case.json") for finding in caught.value.findings)


def test_every_reason_is_named_by_a_case() -> None:
    named = {rule for case in GOOD for rule in case["expect"].get("rules", [])}
    apart = ("copay/elective/", "copay/household/")
    assert {rule for rule in REASONS if not rule.startswith(apart)} - named == {"copay/receipt/insurer"}


def test_every_finding_has_a_case() -> None:
    named = {code.lower() for case in BAD for code in case["findings"]}
    assert set(FINDINGS) - named == TESTED_ELSEWHERE
