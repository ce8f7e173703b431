# SPDX-License-Identifier: Apache-2.0
"""電子点数表の点検 — what fires and what does not, the same by another engine, and as the calculation has it."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
import yaml

from calculation.twin.made_months import core_month, made_months
from claims.tables.partitions import EPOCH, Act, act, by_sqlite, table
from tasuki.claims.tables.masters import SPANS, TableRows
from tasuki.claims.tables.messages import TABLE_CHECKS
from tasuki.claims.tables.partition import FOUND_COLUMNS, PartitionCheck, check_tables
from tasuki.claims.tables.report import told_findings
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "cases" / "claims" / "table_checks_2026_06.yaml").read_text(),
    Loader=yaml.CSafeLoader,
)


def acts_of(case: dict[str, Any]) -> list[Act]:
    found = []
    for line, (month, day, code, count) in enumerate(case.get("past", ()), 1):
        found.append(act(line, code, date(2026, month, day), count, receipt=100 + month, is_past=1))
    for line, (day, code, count) in enumerate(case["acts"], 1):
        found.append(act(line, code, date(2026, 6, day) if day else (2026, 6), count))
    return found


def told(found: Any) -> list[list[Any]]:
    rows = []
    for row in found.to_pylist():
        day = 0 if row["day_no"] is None else date.fromordinal(EPOCH.toordinal() + row["day_no"]).day
        severity = "advice" if row["is_doubtful"] else "confirm"
        rows.append([TABLE_CHECKS[row["kind"], row["win"]].code, str(row["act"]), day, severity])
    return sorted(rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_exactly_what_the_tables_say(case: dict[str, Any], masters: Path, rows: TableRows) -> None:
    acts = acts_of(case)
    assert told(check_tables(table(acts), str(masters))) == sorted(case["expect"])


def test_every_code_has_a_firing_case_or_no_row_in_the_tables(rows: TableRows) -> None:
    fired = {each[0] for case in CASES for each in case["expect"]}
    codes = {check.code for check in TABLE_CHECKS.values()}
    # No row of the tables at hand has members before an operation, or a limit by the fiscal year.
    assert not [pair for pair in rows.pairs if pair.kind == 2 and pair.win == 5]
    assert not [limit for limit in rows.limits if limit.span == 5]
    # The starter is for outpatients: of additions to a ward fee it has none.
    assert not rows.ward_additions
    assert codes - fired == {"UKE-T-25", "UKE-T-36", "UKE-T-41", "UKE-T-42"}


def test_rows_no_table_has_yet_fire_too(tmp_path: Path, rows: TableRows) -> None:
    from tasuki.claims.tables.master_tables import write_master_tables
    from tasuki.claims.tables.masters import Limit, Pair

    made = rows._replace(
        pairs=(Pair(1, 2, 5, 1, 0, 0, 113004110, 160000310, 0, 90_000, "架空"),),
        limits=(Limit(1, 5, 0, 1, 0, 113000310, 0, 90_000, "架空", "年度"),),
    )
    write_master_tables(made, tmp_path)
    operation = [act(1, "113004110", date(2026, 6, 20))]
    for day, expected in ((12, 0), (13, 1), (20, 1), (21, 0)):
        found = check_tables(table([*operation, act(2, "160000310", date(2026, 6, day))]), str(tmp_path))
        assert [row[0] for row in told(found)] == ["UKE-T-25"] * expected
    for month, expected in ((3, 0), (4, 1)):
        past = act(1, "113000310", date(2026, month, 9), receipt=2, is_past=1)
        found = check_tables(table([past, act(2, "113000310", date(2026, 6, 9))]), str(tmp_path))
        assert [row[0] for row in told(found)] == ["UKE-T-36"] * expected


FEE, OTHER_FEE = "190117710", "190055010"
FULL, LEVEL_1, LEVEL_2, ELSEWHERE = "190190410", "190832010", "190832110", "190076570"
SAME_GROUP, THIRD_FEE, NOWHERE = "190117810", "190055110", "190076670"


@pytest.fixture
def wards(tmp_path: Path, rows: TableRows) -> TableRows:
    """Two groups of ward fees; one addition of the second is none of the first."""
    from tasuki.claims.tables.master_tables import write_master_tables
    from tasuki.claims.tables.masters import WardAdditionRow, WardFeeRow

    allowed = (
        (1, FULL, 1),
        (1, LEVEL_1, 8),
        (1, LEVEL_2, 8),
        (67, ELSEWHERE, 15),
        (67, LEVEL_1, 8),
        (70, NOWHERE, 9),
        (71, NOWHERE, 9),
    )
    fees = ((FEE, 1), (SAME_GROUP, 1), (OTHER_FEE, 67), (THIRD_FEE, 70))
    made = rows._replace(
        ward_fees=tuple(WardFeeRow(int(code), group, 0, 90_000) for code, group in fees),
        ward_additions=tuple(
            WardAdditionRow(at, group, int(code), serial, 0, 90_000, f"{group:03}/{code}")
            for at, (group, code, serial) in enumerate(allowed, 1)
        ),
    )
    write_master_tables(made, tmp_path)
    return made


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(3, FEE), (3, FULL), (3, LEVEL_1)], []),
        ([(3, FEE), (3, ELSEWHERE)], [["UKE-T-41", ELSEWHERE, 3, "confirm"]]),
        # Moved on the day: what either fee allows stands.
        ([(3, FEE), (3, OTHER_FEE), (3, ELSEWHERE), (3, FULL)], []),
        # No ward fee on the day: the claim does not tell which ward it was.
        ([(3, FEE), (4, ELSEWHERE)], []),
        ([(3, FEE), (3, LEVEL_1), (3, LEVEL_2)], [["UKE-T-42", LEVEL_2, 3, "confirm"]]),
        ([(3, FEE), (4, FEE), (3, LEVEL_1), (4, LEVEL_2)], []),
        # Moved on the day: each ward may have granted one of the two.
        ([(3, FEE), (3, OTHER_FEE), (3, LEVEL_1), (3, LEVEL_2)], [["UKE-T-42", LEVEL_2, 3, "advice"]]),
        ([(3, FEE), (3, SAME_GROUP), (3, LEVEL_1), (3, LEVEL_2)], [["UKE-T-42", LEVEL_2, 3, "advice"]]),
        ([(3, FEE), (3, OTHER_FEE), (3, NOWHERE)], [["UKE-T-41", NOWHERE, 3, "confirm"]]),
        # Of two groups a serial says nothing.
        ([(3, FEE), (3, OTHER_FEE), (3, FULL), (3, ELSEWHERE)], []),
        ([(0, FEE), (0, ELSEWHERE)], []),
    ],
)
def test_additions_stand_beside_the_ward_fees_whose_group_allows_them(
    given: list[tuple[int, str]], expected: list[list[Any]], wards: TableRows, tmp_path: Path
) -> None:
    acts = [
        act(line, code, date(2026, 6, day) if day else (2026, 6)) for line, (day, code) in enumerate(given, 1)
    ]
    found = check_tables(table(acts), str(tmp_path))
    assert told(found) == expected
    assert by_sqlite(acts, wards) == [tuple(row[name] for name in FOUND_COLUMNS) for row in found.to_pylist()]


def ward_sentences(given: list[str], masters: Path, rows: TableRows) -> list[str]:
    """What is told of acts of one day, in words."""
    acts = [act(line, code, date(2026, 6, 3)) for line, code in enumerate(given, 1)]
    receipt = {
        "receipt": 1, "file": 0, "institution": "1319999991", "number": 1, "chart_number": "1", "insurer": "", "month": 202606,
    }  # fmt: skip
    run = SimpleNamespace(
        buckets=1, plans=[SimpleNamespace(file=0, path="a.UKE")],
        findings=lambda: [check_tables(table(acts), str(masters))], receipts=lambda _: pa.Table.from_pylist([receipt]),
        sources=lambda: {"wards": [each.source for each in rows.ward_additions], "pairs": [], "limits": [], "units": []},
    )  # fmt: skip
    return [sentence(each.finding) for each in told_findings(run, load_starter())]


def test_a_refused_addition_names_the_fees_of_the_day_and_says_whose_rows_allow_it(
    wards: TableRows, tmp_path: Path
) -> None:
    (alone,) = ward_sentences([FEE, ELSEWHERE], tmp_path, wards)
    assert f"（{FEE}）の加算として入院基本料テーブルにありません。" in alone
    assert f"この加算を認めるのは別のグループ（表の行 067/{ELSEWHERE}）です。算定内容を" in alone
    (moved,) = ward_sentences([FEE, OTHER_FEE, NOWHERE], tmp_path, wards)
    assert f"（{OTHER_FEE}）など2件の加算として" in moved
    assert f"別のグループ（表の行 070/{NOWHERE}など）です" in moved
    (twice,) = ward_sentences([FEE, OTHER_FEE, LEVEL_1, LEVEL_2], tmp_path, wards)
    assert "転棟した日は" in twice


def random_acts(rows: TableRows, seed: int, people: int = 25) -> list[Act]:
    dice = random.Random(seed)
    pairs = [pair for pair in rows.pairs if pair.until_no > 20_600]
    found = []
    for patient in range(1, people + 1):
        family = [code for pair in dice.sample(pairs, 3) for code in (pair.code, pair.other)]
        family += [limit.code for limit in dice.sample(rows.limits, 3)] + [112007410]
        for line in range(1, dice.randrange(4, 16)):
            month = dice.choice((3, 5, 6, 6, 6))
            day = date(2026, month, dice.randrange(1, 29)) if dice.random() < 0.9 else (2026, month)
            keys = {"patient": patient, "receipt": patient * 100 + month, "is_past": int(month < 6)}
            found.append(act(line, str(dice.choice(family)), day, dice.choice((1, 1, 1, 2)), **keys))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_sqlite_finds_the_same_from_the_same_text(masters: Path, rows: TableRows, seed: int) -> None:
    acts = random_acts(rows, seed)
    found = check_tables(table(acts), str(masters))
    assert [tuple(row.values()) for row in found.to_pylist()] == by_sqlite(acts, rows)
    assert found.num_rows > 20


def test_neither_order_nor_partition_changes_a_finding(masters: Path, rows: TableRows) -> None:
    acts = random_acts(rows, 9, 40)
    whole = check_tables(table(acts), str(masters)).to_pylist()
    shuffled = random.Random(1).sample(acts, len(acts))
    parts = [[each for each in shuffled if each.patient % 3 == part] for part in range(3)]
    split = [row for part in parts for row in check_tables(table(part), str(masters)).to_pylist()]
    key = [str(row) for row in whole]
    assert sorted(key) == sorted(str(row) for row in split)
    batches = table(shuffled).to_batches(max_chunksize=7)
    again = [row for batch in PartitionCheck(str(masters))(batches) for row in batch.to_pylist()]
    assert again == whole
    assert tuple(again[0]) == FOUND_COLUMNS


def month_acts(answers: list[tuple[date, list[str]]]) -> list[Act]:
    return [act(line, code, day) for line, (day, code) in enumerate(
        ((day, code) for day, codes in answers for code in codes), 1
    )]  # fmt: skip


def test_what_the_calculation_grants_has_no_finding_to_confirm_and_what_it_denies_has_one(
    masters: Path,
) -> None:
    """The passes of the tables bill made-up months; billing also what they took away is found."""
    book = load_starter()
    tables = {"table/exclusion", "table/inclusion", "table/limit"}
    acts: list[Act] = []
    added: dict[int, str] = {}  # every billing is a person of its own, with the code added, "" for none
    for month in made_months(book, 120, 3):
        days = [visit.day for visit in month.visits]
        if len(set(days)) < len(days):
            continue  # a claim does not tell which of two visits of a day was first
        answers = core_month(month, book)
        granted = [(day, stands) for day, (stands, _) in zip(days, answers, strict=True)]
        billings = [("", granted)]
        for at, (_, fell) in enumerate(answers):
            for code, rule in fell:
                if rule in tables and code.startswith("1"):
                    billings.append((code, [*granted[:at], (days[at], [*granted[at][1], code])]))
        for code, billed in billings:
            added[len(added) + 1] = code
            acts.extend(each._replace(patient=len(added), receipt=len(added)) for each in month_acts(billed))
    found: dict[int, list[dict[str, Any]]] = {person: [] for person in added}
    for row in check_tables(table(acts), str(masters)).to_pylist():
        found[row["patient"]].append(row)
    for person, code in added.items():
        if code:
            assert any(int(code) in (row["act"], row["partner"]) for row in found[person]), (code, person)
            continue
        assert [row for row in found[person] if not row["is_doubtful"]] == []
    assert sum(bool(code) for code in added.values()) > 30


def test_units_of_limits_are_those_of_the_calculation() -> None:
    from tasuki.calculation import apply_limits

    months = {code: (4, count) for code, count in apply_limits._MONTHS.items()}
    assert {code: found for code, found in SPANS.items() if found[0] == 4} == months
    assert {code for code, found in SPANS.items() if found[0] == 6} == apply_limits.EVER
