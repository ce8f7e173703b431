# SPDX-License-Identifier: Apache-2.0
"""The official tables themselves: every row read, histories that rebuild the next full file, fees that agree.

Skipped when the reference tables are not beside the checkout.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import tarfile
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tasuki.masters.book import Book, EndedCode, OutOfBook
from tasuki.masters.official.compiling import Compiled, compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.rows import Window
from tasuki.masters.starter import load_starter

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).resolve().parents[3] / "shared"))
MASTERS = SHARED / "reference" / "masters"
pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(not MASTERS.is_dir(), reason=f"no official tables at {MASTERS}"),
]

# Rows of the full files, as the reference lists them.
ROWS = {
    "r4/s_ALL20220218.csv": 8735,
    "r4/s_merged_20240201.csv": 10123,
    "r6/s_ALL20240531.csv": 10133,
    "r6/s_merged_20250901.csv": 10173,
    "r6/y_ALL20240321.csv": 19686,
    "r6/y_merged_20250813.csv": 21182,
    "r6/t_ALL20240315.csv": 1334,
    "r6/t_ALL2025_autumn.csv": 1355,
    "r6/c_ALL20250715.csv": 3759,
    "r6/b_20240601.txt": 27437,
    "r6/z_20250601.txt": 2375,
    "r6/k_byotou_R6.csv": 200,
    "r6/rosai/rezept-master-01-20241101.csv": 1098,
    "r6/rosai/rezept-master-03-20240528.csv": 12,
    "r6/rosai/rezept-master-06-20200415.csv": 9,
    "r6/tensuhyo/01_hojo_master.csv": 10172,
    "r6/tensuhyo/03-2_haihan_month.csv": 21920,
    "r6/tensuhyo/03-3_haihan_same_time.csv": 17136,
    "r6/tensuhyo/03-4_haihan_week.csv": 350,
    "r6/tensuhyo/04_nyuin_kihonryo.csv": 6084,
    "r6/tensuhyo/05_santei_kaisu.csv": 5341,
    "r2/ck_ALL20200407.csv": 5620,
    "r6/tp20250814-01_01.xlsx": 6944,
    "r6/tp20250814-01_02.xlsx": 3493,
    "r6/tp20250814-01_03.xlsx": 1980,
    "r6/ippanmeishohoumaster_250814.xlsx": 1368,
}


def files(*folders: str) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in sorted((MASTERS / folder).rglob("*")):
            if path.suffix in (".gz", ".xlsx", ".csv") and "yaml" not in path.name:
                yield str(path.relative_to(MASTERS)), path.read_bytes()


@pytest.fixture(scope="module")
def imported() -> tuple[Import, Compiled]:
    reading = Import()
    for name, data in files("r2", "r4", "r6", "derived"):
        reading.read(name, data)
    return reading, compile_tables(reading)


@pytest.fixture(scope="module")
def book(imported: tuple[Import, Compiled]) -> Book:
    return Book(imported[1].tables)


def rows_of(name: str) -> list[list[str]]:
    text = gzip.decompress((MASTERS / name).read_bytes()).decode("cp932")
    return list(csv.reader(io.StringIO(text)))


def test_every_row_of_every_file_is_read_and_none_is_bad(imported: tuple[Import, Compiled]) -> None:
    reading, _ = imported
    reports = {report.name: report for report in reading.reports if report.is_read}
    assert {name: reports[name].rows_read for name in ROWS} == ROWS
    assert [report.name for report in reports.values() if report.rows_bad] == []
    assert all(report.rows_kept == report.rows_read for report in reports.values())
    assert [finding for finding in reading.findings if finding.code != "masters.no-base"] == []


def test_every_line_of_the_difference_archives_is_read(imported: tuple[Import, Compiled]) -> None:
    reports = {report.name: report for report in imported[0].reports}
    archives = list(MASTERS.rglob("diff_*.tar.gz"))
    assert len(archives) == 5
    for path in archives:
        with tarfile.open(path) as tar:
            for member in tar.getmembers():
                content = tar.extractfile(member)
                assert content is not None
                lines = [line for line in content.read().split(b"\n") if line.strip()]
                name = f"{path.relative_to(MASTERS).as_posix().removesuffix('.gz')}/{member.name}"
                assert reports[name].rows_read == len(lines), name


def test_the_differences_rebuild_the_next_full_file() -> None:
    """From 2022-02-18 by 58 differences to the day R6 begins: the codes and points of the full file."""
    reading = Import()
    for name in ("r4/s_ALL20220218.csv.gz", "r4/diff_s_20220304-20240530.tar.gz"):
        reading.read(name, (MASTERS / name).read_bytes())
    day = date(2024, 6, 1)
    rebuilt = {row.code: row for row in compile_tables(reading).tables.acts if day in row.validity}
    full = {row[2]: row for row in rows_of("r6/s_ALL20240531.csv.gz")}
    assert rebuilt.keys() == full.keys()
    assert [c for c in full if Decimal(full[c][11]) != rebuilt[c].points] == []


def test_the_history_of_r6_agrees_with_the_reference_merge() -> None:
    reading = Import()
    for name in ("r6/s_ALL20240531.csv.gz", "r6/diff_s_20240601-20250901.tar.gz"):
        reading.read(name, (MASTERS / name).read_bytes())
    day = date(2025, 9, 1)
    ours = {row.code: row for row in compile_tables(reading).tables.acts if day in row.validity}
    merged = {row[2]: row for row in rows_of("r6/s_merged_20250901.csv.gz") if row[87] == "99999999"}
    assert ours.keys() == merged.keys()
    assert [
        c for c in merged if (ours[c].name, ours[c].points) != (merged[c][4], Decimal(merged[c][11]))
    ] == []


def test_the_materials_of_autumn_2025_are_the_full_file_with_its_differences() -> None:
    reading = Import()
    for name in ("r6/t_ALL20240315.csv.gz", "r6/diff_t_20240316-20250829.tar.gz"):
        reading.read(name, (MASTERS / name).read_bytes())
    day = date(2025, 9, 1)
    ours = {row.code: row.price for row in compile_tables(reading).tables.materials if day in row.validity}
    assert ours == {row[2]: Decimal(row[11]) for row in rows_of("r6/t_ALL2025_autumn.csv.gz")}


def test_the_revisions_covered_are_those_whose_acts_were_loaded(book: Book) -> None:
    assert [revision.name for revision in book.revisions] == ["R2", "R4", "R6"]
    with pytest.raises(OutOfBook):
        book.at(date(2020, 3, 31))
    with pytest.raises(OutOfBook):
        book.at(date(2026, 6, 1))
    points = {day: book.at(day).act("111000110").points for day in (date(2024, 5, 31), date(2024, 6, 1))}
    assert points == {date(2024, 5, 31): 288, date(2024, 6, 1): 291}


def test_one_row_a_code_and_day(book: Book) -> None:
    for table in (book.acts, book.drugs, book.materials, book.diseases, book.modifiers, book.comments):
        for rows in table.values():
            for later, earlier in pairwise(rows):
                assert earlier.validity.until is not None
                assert earlier.validity.until < later.validity.since, later.code


def test_exclusions_within_a_month_are_stored_both_ways(book: Book) -> None:
    pairs = {
        (e.code, e.other): e.keep
        for rows in book.exclusions.values()
        for e in rows
        if e.window is Window.MONTH
    }
    assert len(pairs) > 20_000
    opposite = {1: 2, 2: 1, 3: 3}
    assert [pair for pair, keep in pairs.items() if pairs.get((pair[1], pair[0])) != opposite[keep]] == []


def test_every_group_of_ward_additions_has_its_fees(book: Book) -> None:
    """補助マスター 20 names the group of 829 ward fees; 95 groups of 入院基本料テーブル, none without a fee."""
    fees = {row.group for rows in book.ward_fees.values() for row in rows}
    assert len(book.ward_fees) == 829
    assert len(book.ward_additions) == 95
    assert set(book.ward_additions) - fees == set()
    assert all(row.serial.isdecimal() for rows in book.ward_additions.values() for row in rows)


def test_the_fees_of_the_starter_agree_with_the_outpatient_list_for_r6_and_r8() -> None:
    """Shows when 7: each item of the list, on a day of R6 and on a day of R8."""
    starter = load_starter()
    before, after = starter.at(date(2025, 9, 1)), starter.at(date(2026, 6, 1))
    checked = {"R6": 0, "R8": 0, "abolished": 0}
    with (MASTERS / "derived" / "outpatient_items_r6_r8.csv").open(encoding="utf-8") as file:
        for item in csv.DictReader(file):
            code = item["code"]
            if item["points_r6"]:
                assert before.act(code).points == Decimal(item["points_r6"]), code
                checked["R6"] += 1
            if item["points_r8"] == "abolished":
                with pytest.raises(EndedCode):
                    after.act(code)
                checked["abolished"] += 1
            elif code != "180774210":  # which act this number is, is only guessed
                assert after.act(code).points == Decimal(item["points_r8"]), code
                checked["R8"] += 1
    assert checked == {"R6": 479, "R8": 479, "abolished": 16}


def test_the_starters_rows_of_r6_are_the_official_rows(book: Book) -> None:
    starter = load_starter()
    skipped = {"validity", "order", "price_on"}
    for day in (date(2024, 6, 1), date(2024, 12, 1), date(2025, 4, 1), date(2025, 9, 1)):
        official, ours = book.at(day), starter.at(day)
        for code in starter.acts:
            if not ours.has(code):
                continue
            left, right = msgspec.structs.asdict(ours.act(code)), msgspec.structs.asdict(official.act(code))
            assert {k: v for k, v in left.items() if k not in skipped} == {
                k: v for k, v in right.items() if k not in skipped
            }, (code, day)


def test_the_starters_drug_prices_are_those_of_the_list_of_august_2025() -> None:
    starter = load_starter().at(date(2025, 9, 1))
    checked = 0
    with gzip.open(MASTERS / "derived" / "y_price_20250814.csv.gz", "rt", encoding="utf-8") as file:
        for item in csv.DictReader(file):
            listed = item["price_tp20250814"]
            if item["code"] not in starter.book.drugs or not listed or item["選定療養区分"] == "2":
                continue
            price = starter.drug(item["code"]).price
            # The list prices a pack of a powder or liquid, the master its smallest unit.
            assert (Decimal(listed) / price) % 1 == 0, item["code"]
            checked += 1
    assert checked > 500


ITEM = re.compile(
    r"(\d{9}) (.+?) (?:\*\*(\d+)→(\d+)\*\*|~~(\d+)~~ R8廃止/置換|new (\d+)|(\d+)(?:%[加減])?)(?= · |$)"
)


def test_the_fees_of_the_starter_agree_with_the_outpatient_section_of_the_digest() -> None:
    """Shows when 7, from the text: unchanged, changed a→b, abolished, new."""
    text = (MASTERS / "DIGEST.md").read_text(encoding="utf-8")
    section = text[text.index("## 11.") : text.index("## 12.")]
    starter = load_starter()
    before, after = starter.at(date(2025, 9, 1)), starter.at(date(2026, 6, 1))
    seen: set[str] = set()
    for line in section.splitlines():
        for code, _name, old, new, gone, begun, same in ITEM.findall(line):
            if code == "180774210":
                continue
            seen.add(code)
            if old or same or gone:
                assert before.act(code).points == Decimal(old or same or gone), code
            if gone:
                assert not after.has(code), code
            else:
                assert after.act(code).points == Decimal(new or begun or same), code
    assert len(seen) == 495


HEADING = re.compile(r"^\s{0,4}([Ａ-Ｏ][０-９]{3}(?:－[０-９0-9]+)*)\s+(\S.*)$")
PRICED = re.compile(r"(?:(?<=点)|^|(?<=。)|(?<= ))\s*(?:\d+|[イロハニホヘト])\s+([^点。]*?)\s+([\d,]+)\s*点")


def notice_points() -> dict[str, dict[str, set[int]]]:
    """The 告示 itself, section by section: what each item named in it costs."""
    text = gzip.decompress((MASTERS / "r8" / "r8_ika_kokuji.txt.gz").read_bytes()).decode()
    bodies: dict[str, list[str]] = {}
    section = ""
    for line in re.sub(r"# file:.*\n", "", text).splitlines():
        heading = HEADING.match(line)
        if heading:
            section = unicodedata.normalize("NFKC", heading[1])
        if section:
            bodies.setdefault(section, []).append(line.strip())
    found: dict[str, dict[str, set[int]]] = {}
    for name, lines in bodies.items():
        body = unicodedata.normalize("NFKC", " ".join(lines))
        for names, points in PRICED.findall(body):
            for item in re.split("、|又は", names):
                found.setdefault(name, {}).setdefault(plain(item), set()).add(int(points.replace(",", "")))
    return found


def plain(name: str) -> str:
    return re.sub(r"[\s・,.、]", "", unicodedata.normalize("NFKC", name)).lower()


def test_the_tests_of_the_starter_cost_in_r8_what_the_notice_says_under_their_names() -> None:
    """An independent reading: names of 検査 looked up in the text of the 告示, not in any list of codes."""
    notice = notice_points()
    after = load_starter().at(date(2026, 6, 1))
    checked = 0
    for code in load_starter().acts:
        if not after.has(code) or after.act(code).chapter != "D":
            continue
        act = after.act(code)
        said = notice.get(act.section, {}).get(plain(act.full_name))
        if said:
            assert int(act.points) in said, (code, act.full_name)
            checked += 1
    assert checked > 350
