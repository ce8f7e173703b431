# SPDX-License-Identifier: Apache-2.0
"""標的型メール訓練の記録 — read from the CSV that a training service gives out, or entered by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.watch.incident_models import TrainingResult
from tasuki_server.watch.models import TrainingRecord

COLUMNS = ("訓練名", "送信日時", "氏名", "結果", "報告日時")
MOST_ROWS = 2_000


class BadRow(NamedTuple):
    """読めない行 — its line and what to do."""

    line: int
    words: str


def read_csv(given: bytes) -> tuple[list[dict[str, Any]], list[BadRow]]:
    """CSVの読込 — rows to keep, and the rows that cannot be; nothing is guessed."""
    text = _decoded(given)
    if text is None:
        return [], [BadRow(1, "文字コードを読めません。UTF-8 か Shift_JIS で保存してください。")]
    reader = csv.DictReader(io.StringIO(text))
    missing = [each for each in COLUMNS[:4] if each not in (reader.fieldnames or ())]
    if missing:
        return [], [BadRow(1, f"列「{'」「'.join(missing)}」がありません。")]
    people: dict[str, list[Staff]] = {}
    for each in Staff.objects.filter(is_system=False):
        people.setdefault(_plain(each.name), []).append(each)
    rows, bad = [], []
    for number, row in enumerate(reader, start=2):
        if number > MOST_ROWS:
            bad.append(BadRow(number, f"{MOST_ROWS}行までにしてください。"))
            break
        found = list(_row(row, people))
        words = [each for each in found if isinstance(each, str)]
        bad += [BadRow(number, each) for each in words]
        rows += [each for each in found if not isinstance(each, str)] if not words else []
    return rows, bad


def _row(row: dict[str, Any], people: dict[str, list[Staff]]) -> Iterator[str | dict[str, Any]]:
    cells = {each: str(row.get(each) or "").strip() for each in COLUMNS}
    named = people.get(_plain(cells["氏名"]), [])
    results = {each.label: each.value for each in TrainingResult}
    sent, reported = _moment(cells["送信日時"]), _moment(cells["報告日時"]) if cells["報告日時"] else None
    if not cells["訓練名"] or len(cells["訓練名"]) > 60:
        yield "訓練名は1〜60字です。"
    if len(named) != 1:
        yield f"「{cells['氏名']}」という職員が{'複数います' if named else 'いません'}。"
    if cells["結果"] not in results:
        yield f"結果「{cells['結果']}」は {'・'.join(results)} のどれかにしてください。"
    if sent is None:
        yield f"送信日時「{cells['送信日時']}」を 2026-06-01 09:00 のように入れてください。"
    if cells["報告日時"] and reported is None:
        yield f"報告日時「{cells['報告日時']}」を 2026-06-01 09:00 のように入れてください。"
    if sent and reported and reported < sent:
        yield "報告日時が送信日時より前です。"
    yield {
        "name": cells["訓練名"],
        "sent_at": sent,
        "staff": named[0] if named else None,
        "result": results.get(cells["結果"], ""),
        "reported_at": reported,
    }


def keep_rows(rows: list[dict[str, Any]]) -> int:
    """訓練結果の保存 — who is there already for the same training is left as it is."""
    kept = 0
    for row in rows:
        _, is_new = TrainingRecord.objects.get_or_create(name=row["name"], staff=row["staff"], defaults=row)
        kept += is_new
    record("training.add", detail={"rows": len(rows), "kept": kept})
    return kept


def summaries() -> list[dict[str, Any]]:
    """訓練ごとのまとめ — how many of each result, and the middle time to a report."""
    found: dict[str, dict[str, Any]] = {}
    for each in TrainingRecord.objects.select_related("staff").order_by("-sent_at", "staff__name"):
        one = found.setdefault(
            each.name, {"name": each.name, "sent_at": each.sent_at, "rows": [], "minutes": []}
        )
        one["rows"].append(each)
        if each.minutes is not None:
            one["minutes"].append(each.minutes)
    for one in found.values():
        minutes = sorted(one["minutes"])
        one["middle"] = minutes[len(minutes) // 2] if minutes else None
        one["tally"] = [
            (label.label, sum(each.result == label.value for each in one["rows"])) for label in TrainingResult
        ]
    return list(found.values())


def _decoded(given: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return given.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _plain(name: str) -> str:
    return "".join(name.split())
