# SPDX-License-Identifier: Apache-2.0
"""制度ファイル — every prefecture's listed programmes, a municipality's own file, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculation.copayment.months import EMPLOYEES, run_month, visits_of
from tasuki.calculation.copayment import CopaymentSettings, explain
from tasuki.calculation.copayment.local_file import (
    COLUMNS,
    listed_rules,
    read_local_rules,
    with_own_rules,
    write_local_rules,
)
from tasuki.chart.coverage import PublicProgramme
from tasuki.kernel.finding import BadInput

HEADER = "\t".join(COLUMNS) + "\n"


def test_every_prefecture_but_okayama_has_programmes_and_none_is_confirmed() -> None:
    rules = listed_rules()
    assert {rule.prefecture for rule in rules} == {f"{n:02}" for n in range(1, 48)} - {"33"}
    assert not any(rule.is_confirmed for rule in rules)
    assert len(rules) == len({rule.id for rule in rules}) > 1_200
    kinds = {type(step).__name__ for rule in rules for step in rule.steps}
    assert kinds == {"Free", "RefundOnly", "PercentOfCost", "OccasionCap", "MonthCap"}


def test_the_file_reads_back_to_itself() -> None:
    assert read_local_rules(write_local_rules(listed_rules())) == listed_rules()


@pytest.mark.parametrize("rule", [r for r in listed_rules() if r.steps][::40], ids=lambda rule: rule.id)
def test_no_listed_rule_asks_more_than_the_share_and_each_says_it_is_unconfirmed(rule) -> None:
    number = f"{rule.law_code or '81'}{rule.prefecture}0015"
    card = PublicProgramme(number, local_rule=rule.id, id="local")
    visits = visits_of([{("local",): points} for points in (300, 1_200, 4_000)], EMPLOYEES, (card,))
    charges, ledger = run_month(visits)
    assert 0 <= ledger.collected_yen <= (300 + 1_200 + 4_000) * 3
    assert all(
        any(
            reason.rule_id == "copay/local/unconfirmed" and rule.name in explain(reason)
            for reason in charge.because
        )
        for charge in charges
    )
    assert not any("と0" in explain(reason) for charge in charges for reason in charge.because)


def test_a_programme_without_its_amount_is_refused_with_what_is_missing() -> None:
    unknown = next(rule for rule in listed_rules() if not rule.steps and rule.law_code)
    card = PublicProgramme(f"{unknown.law_code}{unknown.prefecture}0015", local_rule=unknown.id, id="local")
    with pytest.raises(BadInput) as refused:
        run_month(visits_of([{("local",): 500}], EMPLOYEES, (card,)))
    assert [each.code for each in refused.value.findings] == ["COPAY-033"]


def test_a_rule_of_another_prefecture_or_number_is_refused() -> None:
    for number in ("80270015", "80130015", "81130015"):
        card = PublicProgramme(number, local_rule="13-180", id="local")
        if number == "80130015":
            run_month(visits_of([{("local",): 500}], EMPLOYEES, (card,)))
            continue
        with pytest.raises(BadInput) as refused:
            run_month(visits_of([{("local",): 500}], EMPLOYEES, (card,)))
        assert [each.code for each in refused.value.findings] == ["COPAY-034"]


def test_a_municipality_writes_its_own() -> None:
    text = HEADER + (
        "# みどり市（架空）\n"
        "13-180\t13\t80\tみどり市障害\tvisit 500 x4 / month 2000\t\t\t2026-04-01\t\t\t2026-10-01\tみどり市要綱第3条\n"
        "13-child\t13\t88\tみどり市こども\tfree\t0-15 school_year\t社保,市町村国保\n"
    )
    own = read_local_rules(text.encode())
    assert own[0].is_confirmed and own[0].confirmed_on == date(2026, 10, 1)
    settings = CopaymentSettings(local_rules=with_own_rules(own))
    card = PublicProgramme("80130015", local_rule="13-180", id="local")
    charges, _ = run_month(visits_of([{("local",): 1_000}] * 5, EMPLOYEES, (card,)), settings)
    assert [charge.collect_yen for charge in charges] == [500, 500, 500, 500, 0]
    assert not any(r.rule_id == "copay/local/unconfirmed" for charge in charges for r in charge.because)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("だめ\t13\t80\t名\tfree", "id"),
        ("a\t48\t80\t名\tfree", "prefecture"),
        ("a\t13\t8\t名\tfree", "law_code"),
        ("a\t13\t80\t\tfree", "name"),
        ("a\t13\t80\t名\t", "steps"),
        ("a\t13\t80\t名\t一回五百円", "steps"),
        ("a\t13\t80\t名\tpercent 101", "steps"),
        ("a\t13\t80\t名\tshare 3/2 up", "steps"),
        ("a\t13\t80\t名\tvisit 500 / ?", "steps"),
        ("a\t13\t80\t名\tfree\t18-3", "ages"),
        ("a\t13\t80\t名\tfree\t\t民間", "insurers"),
        ("a\t13\t80\t名\tfree\t\t\t4月1日", "since"),
        ("a\t13\t80\t名\tfree\t\t\t2026-04-01\t2025-04-01", "until"),
        ("a\t13\t80\t名\tfree\t\t\t\t\tmaybe", "receipt"),
        ("a\t13\t80\t名\tfree\t\t\t\t\t\t2026-10-01", "cite"),
        ("a\t1a\t80\t名\tfree", "prefecture"),
        ("a\t13\t80\t名\tfree" + "\t" * 9 + "余分", ""),
        ("a\t13\t80\t名\tfree\na\t13\t80\t名\tfree", "id"),
    ],
)
def test_a_fault_names_its_line_and_column(line: str, column: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_local_rules((HEADER + line).encode(), "own.tsv")
    assert [each.where.field for each in refused.value.findings] == [column]


def test_another_encoding_or_header_is_refused() -> None:
    for data in ("制度".encode("cp932"), b"", b"name\tid\n"):
        with pytest.raises(BadInput):
            read_local_rules(data)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: (HEADER + text).encode("utf-8", "replace")),
    )
)
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        rules = read_local_rules(data)
    except BadInput as refused:
        assert refused.findings
    else:
        assert read_local_rules(write_local_rules(rules)) == rules
