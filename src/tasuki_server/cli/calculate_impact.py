# SPDX-License-Identifier: Apache-2.0
"""改定影響 — `./tasuki calculate impact VISITS.jsonl R8`, or an institution's month from the database."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.impact import Impact, PatientVisits
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book

STEP = 500


def run_impact(args: argparse.Namespace) -> int:
    """実行 — a file of visits (one a line) and the revision to price them under."""
    from tasuki.calculation.impact import measure_impact
    from tasuki.calculation.impact_report import TABLES, impact_csv, impact_text, impact_trace
    from tasuki_server.cli.writing import write_all
    from tasuki_server.masters_source import current_book

    words = args.visit[1:]
    if len(words) not in (2, 3):
        raise Stop(
            "impact には VISITS.jsonl と改定（R8 など）を指定してください。表の書出し先は3つ目です。",
            "Name VISITS.jsonl and a revision (such as R8); a folder for tables may follow.",
        )
    book = current_book()
    _known(book, words[1])
    impact: Impact | None = None
    people, institution = _people(Path(words[0]))
    impact = measure_impact(people, institution, book, words[1], _tell)
    if len(words) == 3:
        folder = Path(words[2])
        write_all([(folder / f"impact-{table}.csv", impact_csv(impact, table)) for table in TABLES])
    if args.format == "json":
        print(json.dumps(impact_trace(impact), ensure_ascii=False))
    else:
        sys.stdout.write(impact_text(impact))
    return 0


def _tell(done: int) -> None:
    if done % STEP == 0:
        progress(f"  {done:,}件", f"  {done:,} visits")


def _known(book: Book, revision: str) -> None:
    names = [each.name for each in book.revisions]
    if revision not in names:
        raise Stop(
            f"改定「{revision}」は取り込まれていません（{'、'.join(names)}）。",
            f"The revision {revision} is not loaded ({', '.join(names)}).",
        )


def _people(path: Path) -> tuple[Iterable[PatientVisits], Institution]:
    """Visits of a file by patient, in order; each brings its own history, of which the first one's counts."""
    from tasuki.calculation.impact import PatientVisits
    from tasuki.calculation.visit_json import decode_visit

    try:
        lines = path.read_bytes().splitlines()
    except OSError as trouble:
        raise Stop(
            f"{path} を読めません（{trouble.strerror}）。", f"Cannot read {path} ({trouble.strerror})."
        ) from trouble
    cases = [decode_visit(line, f"{path.name}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise Stop(f"{path} に受診がありません。", f"{path} holds no visit.")
    grouped: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        grouped.setdefault(case.visit.person.id or f"#{index + 1}", []).append(index)
    people = []
    for patient, indexes in grouped.items():
        ordered = sorted(indexes, key=lambda index: (cases[index].visit.at, index))
        visits = tuple(cases[index].visit for index in ordered)
        people.append(PatientVisits(patient, visits, cases[ordered[0]].history.lines))
    institution: Institution = cases[0].institution
    return people, institution
