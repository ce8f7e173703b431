# SPDX-License-Identifier: Apache-2.0
"""破壊の痕 — transactions in the log of the database that no act of the house makes, and the moment before the first of them.

Whoever holds every right over the database leaves nothing in the trail, but cannot help being in the log: a record that is only
ever added to was changed, a patient's row was written without an event in the same transaction, a table's file went, a wall was
taken down. The log is read as ``pg_waldump`` tells it; no row is opened for it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import database_program
from tasuki_server.database.roles import APP
from tasuki_server.recovery.source import environment

if TYPE_CHECKING:
    import psycopg

TRAIL = "audit_auditevent"
# 見張りと監査の表: alerts gather evidence without an act of their own, and the trail's own tables tell of themselves.
_OWN_WAY = ("watch_", "audit_")
_WALLS = ("pg_class", "pg_trigger", "pg_policy")
SEGMENT_BYTES = 16 * 1024 * 1024


class DamageKind(StrEnum):
    """破壊の種類 — what a transaction did that no act of the house does."""

    CHANGED = "changed"
    UNTOLD = "untold"
    GONE = "gone"
    WALLS = "walls"

    @property
    def label(self) -> str:
        """表示 — in Japanese."""
        return _LABELS[self]


_LABELS = {
    DamageKind.CHANGED: "追記だけの記録の書換え・削除",
    DamageKind.UNTOLD: "監査記録を伴わない書込み",
    DamageKind.GONE: "表の消去・作り直し",
    DamageKind.WALLS: "表の守りの変更",
}


class Damage(NamedTuple):
    """破壊の痕 — one transaction: the place of its commit in the log, when, what it did, and to which tables (with rows)."""

    commit: str
    at: datetime
    kinds: tuple[DamageKind, ...]
    tables: tuple[tuple[str, int], ...]

    @property
    def place(self) -> int:
        """記録の位置 — as a number that can be compared."""
        return place_of(self.commit)

    @property
    def words(self) -> str:
        """説明 — for people."""
        named = "、".join(f"{table} {rows}行" if rows else table for table, rows in self.tables[:6])
        more = f" ほか{len(self.tables) - 6}表" if len(self.tables) > 6 else ""
        return f"{'・'.join(each.label for each in self.kinds)}（{named}{more}）"


class Tables(NamedTuple):
    """表の名寄せ — what the numbers in the log stand for, and what the house may do to which table."""

    database: int
    names: Mapping[int, str]
    appended: frozenset[str]
    about_patients: frozenset[str]


def place_of(text: str) -> int:
    """記録の位置 — of its usual writing.

    >>> place_of("1/A0") == (1 << 32) + 160
    True
    """
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def tables_at(connection: psycopg.Connection[Any]) -> Tables:
    """表の名寄せ — of a database that is at a moment before the damage; the rights are the app role's."""
    rows = connection.execute(
        "SELECT pg_relation_filenode(c.oid), c.relname, n.nspname,"
        " has_table_privilege(%s, c.oid, 'INSERT') AND NOT has_table_privilege(%s, c.oid, 'UPDATE'),"
        " c.relname = 'patients_patient' OR EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid"
        " AND k.contype = 'f' AND k.confrelid = 'patients_patient'::regclass)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' OR c.relname = ANY(%s))",
        [APP, APP, list(_WALLS)],
    ).fetchall()
    row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    own = [each for each in rows if each[2] != "pg_catalog"]
    return Tables(
        int(row[0]),
        {int(each[0]): str(each[1]) for each in rows if each[0] is not None},
        frozenset(str(each[1]) for each in own if each[3]),
        frozenset(str(each[1]) for each in own if each[4] and not str(each[1]).startswith(_OWN_WAY)),
    )


@dataclass(slots=True)
class _Doing:
    """What one transaction has done so far."""

    written: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    has_event: bool = False

    def add(self, other: _Doing) -> None:
        self.has_event |= other.has_event
        for mine, theirs in ((self.written, other.written), (self.changed, other.changed)):
            for table, rows in theirs.items():
                mine[table] = mine.get(table, 0) + rows


_LINE = re.compile(
    r"rmgr: (\w+)\s.*?tx:\s+(\d+), lsn: ([0-9A-F]+/[0-9A-F]+),.*? desc: ([A-Z_]+)(?:\+INIT)?(.*)"
)
_RELATION = re.compile(r"rel 1663/(\d+)/(\d+) ")
_COMMITTED = re.compile(r"^ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC")
_SUBTRANSACTIONS = re.compile(r"; subxacts: ([\d ]+)")
_FILES = re.compile(r"; rels: ([^;]+)")


def damages(lines: Iterable[str], tables: Tables) -> Iterator[Damage]:
    """破壊の痕の探索 — in the order of commits; what was rolled back did nothing."""
    doing: dict[str, _Doing] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        manager, transaction, place, verb, rest = found.groups()
        if manager == "Transaction":
            if verb.startswith("COMMIT"):
                yield from _committed(transaction, place, rest, doing, tables)
            elif verb.startswith("ABORT"):
                doing.pop(transaction, None)
        elif verb in ("INSERT", "MULTI_INSERT", "UPDATE", "HOT_UPDATE", "DELETE"):
            relation = _RELATION.search(rest)
            if relation is not None and int(relation[1]) == tables.database:
                _note(doing.setdefault(transaction, _Doing()), verb, tables.names.get(int(relation[2]), ""))


def _note(mine: _Doing, verb: str, table: str) -> None:
    if not table:
        return
    mine.written[table] = mine.written.get(table, 0) + 1
    if verb not in ("INSERT", "MULTI_INSERT"):
        mine.changed[table] = mine.changed.get(table, 0) + 1
    elif table == TRAIL:
        mine.has_event = True


def _committed(
    transaction: str, place: str, rest: str, doing: dict[str, _Doing], tables: Tables
) -> Iterator[Damage]:
    mine = doing.pop(transaction, _Doing())
    if (below := _SUBTRANSACTIONS.search(rest)) is not None:
        for each in below[1].split():
            mine.add(doing.pop(each, _Doing()))
    kinds: dict[DamageKind, dict[str, int]] = {
        DamageKind.CHANGED: {t: n for t, n in mine.changed.items() if t in tables.appended},
        DamageKind.UNTOLD: {}
        if mine.has_event
        else {t: n for t, n in mine.written.items() if t in tables.about_patients},
        DamageKind.GONE: dict.fromkeys(_files_gone(rest, tables), 0),
        DamageKind.WALLS: {t: n for t, n in mine.changed.items() if t in _WALLS},
    }
    did = tuple(kind for kind, touched in kinds.items() if touched)
    at = _COMMITTED.match(rest)
    if did and at is not None:
        touched = {table: rows for kind in did for table, rows in kinds[kind].items()}
        moment = datetime.fromisoformat(at[1]).replace(tzinfo=UTC)
        yield Damage(place, moment, did, tuple(sorted(touched.items())))


def _files_gone(rest: str, tables: Tables) -> Iterator[str]:
    """Tables whose file a commit takes away: dropped, emptied or written anew."""
    found = _FILES.search(rest)
    for path in found[1].split() if found is not None else ():
        folder, _, number = path.rpartition("/")
        if folder == f"base/{tables.database}" and number.isdigit():
            name = tables.names.get(int(number), "")
            if name and name not in _WALLS:
                yield name


def told_log(folder: Path) -> Iterator[str]:
    """記録の読み下し — every segment of a folder, the oldest first. Raises :class:`Stop` for one that is missing or broken."""
    names = sorted(each.name for each in folder.iterdir() if re.fullmatch(r"[0-9A-F]{24}", each.name))
    if not names:
        raise Stop("調べる記録（WAL）がありません。", "There is no log to look through.")
    refuse_gaps(names)
    command = [str(database_program("pg_waldump")), "--path", str(folder)]
    command += [f"--rmgr={each}" for each in ("Heap", "Heap2", "Transaction")]
    with subprocess.Popen(
        [*command, names[0], names[-1]], env=environment(), text=True, cwd="/",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None and child.stderr is not None
        yield from child.stdout
        said = child.stderr.read()
    if child.returncode and not _ends_there(said, names[-1]):
        raise Stop(
            f"記録（WAL）を終わりまで読めません。\n{said[-400:]}",
            f"The log cannot be read to its end.\n{said[-400:]}",
        )


def refuse_gaps(names: list[str]) -> None:
    """抜けの確認 — segments in order; raises :class:`Stop` where one is missing."""
    for before, after in pairwise(names):
        if segment_number(after) != segment_number(before) + 1:
            raise Stop(
                f"記録（WAL）が {before} と {after} の間で抜けています。",
                f"The log has a gap between {before} and {after}.",
            )


def segment_number(name: str) -> int:
    """記録の区切りの番号 — 256 of them share the middle eight digits."""
    return int(name[8:16], 16) * 256 + int(name[16:], 16)


def _ends_there(said: str, last: str) -> bool:
    """Whether the reading stopped where the last segment is not filled yet: that is the end of the log and no fault.

    A file for a new segment may be an old one taken again: past the end it still holds what was there then.
    """
    taken_again = re.search(
        r"unexpected pageaddr ([0-9A-F]+/[0-9A-F]+) (?:at|in) .*?segment ([0-9A-F]{24})", said
    )
    if taken_again is not None:
        is_older = place_of(taken_again[1]) // SEGMENT_BYTES < segment_number(last)
        return is_older and taken_again[2] == last
    found = re.search(
        r"invalid (?:record length|magic number 0000)[^/]* (?:at|in) .*?([0-9A-F]+/[0-9A-F]+)", said
    )
    return found is not None and place_of(found[1]) // SEGMENT_BYTES >= segment_number(last)
