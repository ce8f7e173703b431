# SPDX-License-Identifier: Apache-2.0
"""改定影響 — the same visit under the day before and the day after a revision; only what the revision says changes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tasuki.calculation import calculate
from tasuki.calculation.impact import PatientVisits, measure_impact, merge_impacts, pricing_day
from tasuki.calculation.impact_report import TABLES, impact_csv, impact_text, impact_trace
from tasuki.calculation.visit_json import decode_visit
from tasuki.masters.starter import load_starter
from tasuki_server.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "docs" / "guide" / "examples" / "visit.json"
BOOK = load_starter()
CASE = decode_visit(EXAMPLE.read_bytes())


def person(*days: date) -> PatientVisits:
    visits = tuple(
        replace(CASE.visit, id=day.isoformat(), at=CASE.visit.at + (day - CASE.visit.day)) for day in days
    )
    return PatientVisits("1", visits, CASE.history.lines)


def test_the_nearest_day_of_a_revision_prices_a_visit() -> None:
    assert pricing_day(BOOK, "R8", date(2026, 5, 12)) == date(2026, 6, 1)
    assert pricing_day(BOOK, "R6", date(2026, 10, 2)) == date(2026, 5, 31)
    assert pricing_day(BOOK, "R8", date(2026, 7, 1)) == date(2026, 7, 1)
    with pytest.raises(KeyError):
        pricing_day(BOOK, "R99", date(2026, 7, 1))


def test_under_its_own_revision_nothing_changes() -> None:
    impact = measure_impact([person(date(2026, 6, 15), date(2026, 7, 6))], CASE.institution, BOOK, "R8")
    assert (impact.points, impact.items) == (0, ())
    assert impact.points_before > 0 and impact.visit_count == 2
    assert all(visit.lines == () for visit in impact.visits)


def test_both_sides_add_up_and_every_line_that_goes_says_why() -> None:
    impact = measure_impact([person(date(2026, 6, 15), date(2026, 7, 6))], CASE.institution, BOOK, "R6")
    assert impact.priced_on == date(2026, 5, 31)
    assert sum(each.points for each in impact.items) == impact.points
    assert sum(each.points for each in impact.patients) == impact.points
    assert impact.points_after - impact.points_before == impact.points != 0
    assert impact.yen == impact.points * 10
    lines = [line for visit in impact.visits for line in visit.lines]
    assert lines and all(line.reason for line in lines)
    # 物価対応料 is of R8 alone.
    assert any("物価対応料" in line.name and not line.is_added for line in lines)


def test_may_priced_under_june_is_the_same_visit_in_june_but_for_its_day() -> None:
    """The tables and rules of 1 June on a visit of 18 May; age, hours and history stay those of May."""
    visit = replace(CASE.visit, at=CASE.visit.at - timedelta(days=28))
    before = calculate(visit, CASE.institution, CASE.history, BOOK)
    after = calculate(visit, CASE.institution, CASE.history, BOOK, priced_on=date(2026, 6, 1))
    assert (before.revision, after.revision) == ("R6", "R8")
    assert before.day == after.day == visit.day


def test_a_visit_sees_what_its_own_side_billed_before() -> None:
    """判断料 once a month: on neither side is it billed at the second visit."""
    impact = measure_impact([person(date(2026, 6, 15), date(2026, 6, 22))], CASE.institution, BOOK, "R6")
    assert all(
        each.times_after <= 1 and each.times_before <= 1 for each in impact.items if "判断料" in each.name
    )


def test_reports_agree_and_tables_open_in_a_spreadsheet() -> None:
    impact = measure_impact([person(date(2026, 6, 15))], CASE.institution, BOOK, "R6")
    trace = json.loads(json.dumps(impact_trace(impact)))
    assert trace["points"] == impact.points and f"{impact.points:+,}点" in impact_text(impact)
    for table in TABLES:
        data = impact_csv(impact, table)
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
        assert len({len(row) for row in rows}) == 1
    with pytest.raises(KeyError):
        impact_csv(impact, "none")


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    path = tmp_path / "visits.jsonl"
    path.write_text(json.dumps(json.loads(EXAMPLE.read_text("utf-8"))) + "\n")
    assert main(["calculate", "impact", str(path), "R6", str(tmp_path / "out"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "tasuki/impact/1"
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "impact-items.csv", "impact-lines.csv", "impact-patients.csv"
    ]  # fmt: skip
    assert main(["calculate", "impact", str(path), "R99"]) == 2
    assert main(["calculate", "impact", str(path)]) == 2
    assert main(["calculate", "impact", str(tmp_path / "none"), "R6"]) == 2


def test_parts_put_together_are_what_one_measure_gives() -> None:
    people = [PatientVisits(str(number), (CASE.visit,), CASE.history.lines) for number in range(4)]
    people += [PatientVisits("empty", ())]
    whole = measure_impact(people, CASE.institution, BOOK, "R6")
    parts = [
        measure_impact(some, CASE.institution, BOOK, "R6", is_part=True)
        for some in (people[:1], people[1:4], people[4:])
    ]
    merged = merge_impacts(parts)
    assert merged.items == whole.items
    assert (merged.patients, merged.visits) == (whole.patients, whole.visits)
    assert (merged.points, merged.visit_count) == (whole.points, whole.visit_count)
    assert merged.priced_on == whole.priced_on
    with pytest.raises(ValueError):
        merge_impacts([])
