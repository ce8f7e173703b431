# SPDX-License-Identifier: Apache-2.0
"""点検の証明 — made-up months with planted errors, held against what every check says of them.

A planted error is found when the finding it must bring stands on a line of its receipt. What is told of a receipt
in which nothing was planted is counted by its code: there should be nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks.run import check_file
from tasuki.claims.content.beside_files import Others, content_of
from tasuki.claims.content.patients_file import read_patients
from tasuki.claims.indications import read_check_master
from tasuki.claims.reader import read
from tasuki.claims.tables.masters import table_rows
from tasuki.claims.tables.month_run import MonthRun
from tasuki.claims.tables.report import told_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tasuki.claims.generate.months import MadeFile, Planted
    from tasuki.claims.generate.pool import Pool
    from tasuki.masters.book import Book


class Seen(NamedTuple):
    """言われたこと — a finding without its words: file, line and code."""

    file: str
    line: int
    code: str


class Outcome(NamedTuple):
    """証明の結果 — of each kind how many were planted and found, those missed, and codes told of faultless receipts."""

    receipts: int
    planted: Counter[str]
    found: Counter[str]
    missed: tuple[Planted, ...]
    clean: Counter[str]
    clean_seen: tuple[Seen, ...]

    @property
    def is_proven(self) -> bool:
        """証明の成否 — everything planted was found, and nothing was told of the others."""
        return not self.missed and not self.clean


def seen_in(made: MadeFile, pool: Pool, book: Book) -> list[Seen]:
    """形式・事務・点数・内容の指摘 — of a made-up file, beside the files that were made with it."""
    file = read(made.data, made.name)
    past = [read(data, path) for path, data in made.beside.items() if path.startswith("past/")]
    pharmacies = [read(data, path) for path, data in made.beside.items() if path.startswith("pharmacy/")]
    patients = [
        read_patients(data, path) for path, data in made.beside.items() if path.startswith("patients/")
    ]
    others = Others(tuple(past), tuple(pharmacies), tuple(patients))
    content = content_of(made.institution, read_check_master(pool.master.files()).indications, others, book)
    found = (*file.findings, *check_file(file, book, content))
    return [Seen(made.name, one.where.line, one.code) for one in found]


def write_for_tables(made: MadeFile, folder: Path) -> None:
    """表の点検に渡すファイル — the claims and the earlier months; the tables do not ask for the rest."""
    (folder / made.name).write_bytes(made.data)
    for path, data in made.beside.items():
        if path.startswith("past/"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def seen_by_tables(folder: Path, book: Book, workers: int = 1) -> Iterator[Seen]:
    """電子点数表の指摘 — of the files written, with the earlier months looked back into."""
    run = MonthRun(
        sorted(folder.glob("*.UKE")), sorted(folder.glob("past/*/*.UKE")), folder / "tables", "proof"
    )
    for _ in run.run(table_rows(book), "proof", workers):
        pass
    for one in told_findings(run, book):
        yield Seen(one.finding.where.file, one.finding.where.line, one.finding.code)


def outcome_of(files: Iterable[MadeFile], seen: Iterable[Seen]) -> Outcome:
    """証明の結果 — what was planted in files against what was said of them."""
    by_file: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_file[one.file].append(one)
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    missed: list[Planted] = []
    clean_seen: list[Seen] = []
    receipts = 0
    for made in files:
        receipts += made.receipts
        told: dict[int, set[str]] = defaultdict(set)
        starts = [each.line for each in made.planted]
        for one in by_file.pop(made.name, ()):
            at = bisect_right(starts, one.line) - 1
            if at >= 0 and one.line <= made.planted[at].last_line:
                told[at].add(one.code)
            else:
                clean[one.code] += 1
                clean_seen.append(one)
        for at, each in enumerate(made.planted):
            planted[each.kind] += 1
            if each.expected in told[at]:
                found[each.kind] += 1
            else:
                missed.append(each)
    return Outcome(receipts, planted, found, tuple(missed), clean, tuple(clean_seen))
