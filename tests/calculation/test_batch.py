# SPDX-License-Identifier: Apache-2.0
"""Visits as tables: the same answers as one by one, faults by partition and row, and work that goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasuki.calculation.batch import PartitionRun
from tasuki.calculation.batch.folders import MANIFEST
from tasuki.calculation.batch.tables import STATEMENT_COLUMNS, VISIT_COLUMNS, statement_table_schema
from tasuki.calculation.calculate_file import calculate_file
from tasuki.kernel.finding import BadInput
from tasuki.masters.starter import load_starter
from tasuki_server.cli.main import main

pa = pytest.importorskip("pyarrow", reason="pyarrow (the extra tasuki[batch]) is not installed")
parquet = pytest.importorskip("pyarrow.parquet")

EXAMPLE = json.loads(
    (Path(__file__).parents[2] / "docs" / "guide" / "examples" / "visit.json").read_text("utf-8")
)
CLINIC = EXAMPLE["institution"]["code"]


def document(day: str = "", **changes: Any) -> str:
    value = {**EXAMPLE, **changes}
    if day:
        value["visit"] = {**value["visit"], "at": f"{day}T10:00:00+09:00"}
    return json.dumps(value, ensure_ascii=False)


def row(patient: str, visit: str, text: str = "", institution: str = CLINIC) -> dict[str, str]:
    return {"institution": institution, "patient": patient, "visit": visit, "document": text or document()}


def batch(*rows: dict[str, str]) -> Any:
    return pa.RecordBatch.from_pylist(list(rows))


def answers(*batches: Any) -> list[dict[str, Any]]:
    return [each for out in PartitionRun()(iter(batches)) for each in out.to_pylist()]


def test_a_row_is_answered_as_its_document_alone() -> None:
    alone = calculate_file(document().encode(), load_starter())
    [found] = answers(batch(row("p1", "v1")))
    assert (found["total_points"], found["day"], found["row"]) == (alone.total_points, alone.day, 1)
    granted = [line["code"] for line in found["lines"] if line["verdict"] == "granted"]
    assert granted == [line.code for line in alone.granted()]
    assert len(found["lines"]) == len(granted) + len(alone.denied) + len(alone.advised)
    assert found["findings"] == []


def test_earlier_visits_of_the_table_are_the_history_of_later_ones_in_any_order() -> None:
    day = calculate_file(document().encode(), load_starter()).day
    later = day.replace(day=min(28, day.day + 1)).isoformat()
    first, second = row("p1", "a", document(day.isoformat())), row("p1", "b", document(later))
    one = {found["visit"]: found for found in answers(batch(first, second))}
    other = {found["visit"]: found for found in answers(batch(second), batch(first))}
    assert {key: value["total_points"] for key, value in one.items()} == {
        key: value["total_points"] for key, value in other.items()
    }
    # What may be billed once a month is billed at the first visit only.
    assert one["b"]["total_points"] < one["a"]["total_points"]


def test_what_is_wrong_with_a_row_is_said_of_that_row_and_loses_nothing_else() -> None:
    bad = json.loads(document())
    bad["orders"][0]["items"][0]["code"] = "160999999"
    found = answers(
        batch(
            row("p1", "v1"),
            row("p1", "v1"),
            row("p2", "v1", json.dumps(bad)),
            row("p3", "v1", "{"),
            row("p4", "v1", institution="1234567"),
            row("p5", ""),
            row("p6", "v1"),
            row("p1", "v9"),
        )
    )
    codes = {each["row"]: [finding["code"] for finding in each["findings"]] for each in found}
    assert codes == {
        1: [],
        2: ["CAL-0125"],
        3: ["CAL-0001"],
        4: ["CAL-0101"],
        5: ["CAL-0124"],
        6: ["CAL-0123"],
        7: [],
        8: ["CAL-0126"],
    }
    assert [each["row"] for each in found if each["total_points"] is not None] == [1, 7]
    assert all(finding["message"] for each in found for finding in each["findings"])


def test_a_partition_without_a_column_is_refused() -> None:
    without = pa.RecordBatch.from_pylist([{"institution": CLINIC, "patient": "p", "visit": 3}])
    with pytest.raises(BadInput) as refused:
        answers(without)
    assert [(each.code, each.where.field) for each in refused.value.findings] == [
        ("CAL-0122", "visit"),
        ("CAL-0121", "document"),
    ]


def test_an_empty_partition_gives_an_empty_table_of_the_right_columns() -> None:
    [out] = PartitionRun()(iter(()))
    assert out.num_rows == 0
    assert out.schema == statement_table_schema()


def write(path: Path, *rows: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows)), path)


def run(source: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["calculate", "batch", str(source), str(target), "--workers", "1", "--format", "json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def test_a_folder_is_calculated_and_unchanged_partitions_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    write(source / "institution=1" / "a.parquet", row("p2", "v1"), row("p1", "v1"), row("p2", "v2", "{"))
    write(source / "b.parquet", row("p3", "v1"))
    code, told = run(source, target, capsys)
    assert code == 1
    assert (told["partitions"], told["kept"], told["rows"], told["billed"], told["faulty"]) == (2, 0, 4, 3, 1)
    [fault] = told["findings"]
    assert (fault["partition"], fault["row"], fault["findings"][0]["code"]) == (
        "institution=1/a.parquet",
        3,
        "CAL-0101",
    )
    rows = parquet.read_table(target / "institution=1" / "a.parquet").to_pylist()
    assert [(each["patient"], each["row"]) for each in rows] == [("p1", 2), ("p2", 3), ("p2", 1)]
    assert [column.name for column in STATEMENT_COLUMNS] == list(rows[0])

    before = (target / "b.parquet").stat().st_mtime_ns
    write(source / "institution=1" / "a.parquet", row("p2", "v1"), row("p1", "v1"))
    (target / "b.parquet.part").write_text("left behind")
    code, told = run(source, target, capsys)
    assert (code, told["kept"], told["billed"]) == (0, 1, 3)
    assert (target / "b.parquet").stat().st_mtime_ns == before
    assert json.loads((target / MANIFEST).read_text())["partitions"].keys() == {
        "b.parquet",
        "institution=1/a.parquet",
    }


def test_a_broken_partition_is_named_and_the_others_are_calculated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    write(source / "a.parquet", row("p1", "v1"))
    (source / "b.parquet").write_bytes(b"PAR1 not really")
    write(source / "c.parquet", {"institution": CLINIC, "patient": "p2", "visit": "v1"})
    code, told = run(source, target, capsys)
    assert (code, told["billed"], told["unread"]) == (2, 1, 2)
    named = {each["partition"]: each["findings"][0]["code"] for each in told["findings"]}
    assert named == {"b.parquet": "CAL-0129", "c.parquet": "CAL-0121"}
    assert sorted(path.name for path in target.iterdir()) == ["a.parquet", MANIFEST]


def test_a_patient_in_two_partitions_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    write(source / "a.parquet", row("p1", "v1"))
    write(source / "b.parquet", row("p1", "v2"))
    code, told = run(source, target, capsys)
    assert (code, told["findings"][0]["code"]) == (2, "CAL-0128")
    assert not target.exists()


def test_partitions_in_other_processes_give_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    for name in ("a", "b"):
        write(source / f"{name}.parquet", row(f"p{name}", "v1"), row(f"q{name}", "v1"))
    assert run(source, tmp_path / "one", capsys)[0] == 0
    assert main(["calculate", "batch", str(source), str(tmp_path / "two"), "--workers", "2"]) == 0
    for name in ("a", "b"):
        one, two = (parquet.read_table(tmp_path / out / f"{name}.parquet") for out in ("one", "two"))
        assert one.equals(two)


def test_a_folder_that_is_empty_or_broken_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    assert run(tmp_path / "in", tmp_path / "out", capsys)[0] == 2
    write(tmp_path / "in" / "a.parquet", row("p1", "v1"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MANIFEST).write_text("{}")
    assert run(tmp_path / "in", tmp_path / "out", capsys)[0] == 2
    assert main(["calculate", "batch", str(tmp_path / "none.parquet"), str(tmp_path / "o")]) == 2


def test_without_pyarrow_the_command_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pyarrow" or name.startswith("pyarrow."):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert main(["calculate", "batch", str(tmp_path), str(tmp_path / "out")]) == 2
    assert "tasuki[batch]" in capsys.readouterr().err


def test_the_columns_are_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "visit-table"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["column"] for each in told["tasuki/visit-table/1"]] == [each.name for each in VISIT_COLUMNS]
