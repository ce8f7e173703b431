# SPDX-License-Identifier: Apache-2.0
"""請求月の点検 — from files to a report: every planted error, in any number of processes, going on where it stopped."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tasuki.claims.generate import MonthPlan, generate_month
from tasuki.claims.generate.errors import TABLE_KINDS
from tasuki.claims.item_values import Month
from tasuki.claims.tables.month_run import MonthRun
from tasuki.claims.tables.report import told_findings
from tasuki.masters.starter import load_starter
from tasuki_server.cli.main import main

JUNE = Month(2026, 6)


def written(folder: Path, pool: Any, plan: MonthPlan) -> tuple[list[Path], list[Any]]:
    paths, planted = [], []
    for file in generate_month(pool, plan):
        path = folder / file.name
        path.write_bytes(file.data)
        paths.append(path)
        planted.extend(file.planted)
    return paths, planted


def run(paths: list[Path], folder: Path, rows: Any, **more: Any) -> tuple[list[Any], list[Any]]:
    month = MonthRun(paths, more.get("past", ()), folder, "1")
    stages = list(month.run(rows, "starter", more.get("workers", 1)))
    return stages, list(told_findings(month, load_starter()))


def test_planted_errors_of_the_tables_are_found_at_their_receipts_and_nothing_else(
    tmp_path: Path, pool: Any, rows: Any
) -> None:
    paths, planted = written(tmp_path, pool, MonthPlan(JUNE, 900, 210, 3, 300))
    _, told = run(paths, tmp_path / "out", rows)
    names = {row[0] for row in TABLE_KINDS}
    wanted = [one for one in planted if one.kind in names]
    assert len({one.kind for one in wanted}) == len(names)
    for one in wanted:
        codes = {
            each.finding.code for each in told
            if each.file == one.file and one.line <= each.finding.where.line <= one.last_line
        }  # fmt: skip
        assert one.expected in codes, (one, codes)
    places = {(one.file, one.receipt) for one in wanted}
    assert {(each.file, each.number) for each in told} <= places
    assert told == sorted(told, key=lambda each: (each.file, each.finding.where.line))


def test_two_processes_find_the_same_and_a_second_run_keeps_what_is_done(
    tmp_path: Path, pool: Any, rows: Any
) -> None:
    paths, _ = written(tmp_path, pool, MonthPlan(JUNE, 300, 100, 3, 100))
    _, alone = run(paths, tmp_path / "a", rows)
    stages, together = run(paths, tmp_path / "b", rows, workers=2)
    assert alone == together
    assert alone
    assert not any(stage.is_kept for stage in stages)
    stages, again = run(paths, tmp_path / "b", rows)
    assert all(stage.is_kept for stage in stages)
    assert again == together
    paths[0].write_bytes(paths[1].read_bytes())
    stages, _ = run(paths, tmp_path / "b", rows)
    assert not any(stage.is_kept for stage in stages)


def test_past_months_are_looked_back_into_and_have_no_findings_of_their_own(
    tmp_path: Path, pool: Any, rows: Any
) -> None:
    """One act of 「3月1回」 in each of two months: only the later month is told."""
    code = b"112708970"
    (tmp_path / "past").mkdir()
    paths = []
    for folder, month in ((tmp_path / "past", Month(2026, 5)), (tmp_path, JUNE)):
        (file,) = generate_month(pool, MonthPlan(month, 5, 0, 3))
        lines = file.data.split(b"\r\n")
        at = next(place for place, line in enumerate(lines) if line.startswith(b"SI,12,1,112007410"))
        items = lines[at].split(b",")
        items[3], items[6] = code, b"1"
        items[13:] = [b"1", *[b""] * 30]
        lines.insert(at, b",".join(items))
        path = folder / "1.UKE"
        path.write_bytes(b"\r\n".join(lines))
        paths.append(path)
    past, present = paths
    assert run([present], tmp_path / "a", rows)[1] == []
    _, told = run([present], tmp_path / "b", rows, past=[past])
    assert [(each.finding.code, each.month) for each in told] == [("UKE-T-32", 202606)]


def test_the_command_writes_a_report_and_tells_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, clean = tmp_path / "made", tmp_path / "clean"
    assert (
        main(
            ["claims", "generate", "--receipts", "150", "--planted", "75", "--seed", "2", "--out", str(made)]
        )
        == 0
    )
    assert len(json.loads((made / "planted.json").read_text())["planted"]) == 75
    out = tmp_path / "out"
    assert main(["claims", "check", str(made), "--out", str(out), "--workers", "1", "--office"]) == 1
    with (out / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    codes = {row["コード"] for row in found}
    assert {"UKE-T-12", "UKE-L2-2150"} <= codes
    page = (out / "report.html").read_text()
    assert "点検項目別の件数" in page
    assert "<script" not in page
    assert "背反（同一月内）" in (out / "counts.csv").read_text()
    assert main(["claims", "generate", "--receipts", "20", "--out", str(clean)]) == 0
    capsys.readouterr()
    assert main(["claims", "check", str(clean), "--workers", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["receipts"] == 20
    assert main(["claims", "check", str(tmp_path / "nowhere")]) == 2
