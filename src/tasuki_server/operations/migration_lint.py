# SPDX-License-Identifier: Apache-2.0
"""移行の点検 — what a migration would do to people who work meanwhile, judged by the SQL that it would run.

While one generation hands over to the next, the old code still reads and writes the new tables. So a migration may add
and must not take away; and it must not hold a table while it reads or rewrites it. What a migration makes itself is
its own: nobody uses it yet.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

OWNER = "owner"
REVIEWED = "reviewed_migrations.tsv"
# 点検済みの理由の書き出し: for a stop that was announced; made before there was a lint.
PLANNED, BEFORE = "計画停止でだけ", "点検より前"
_NAME = r'(?:"?public"?\.)?"?(?P<table>\w+)"?'


class Rule(NamedTuple):
    """点検の規則 — a pattern of SQL, and in Japanese why it is refused."""

    code: str
    pattern: re.Pattern[str]
    why: str


class MigrationFault(NamedTuple):
    """移行の指摘 — one statement of one migration."""

    migration: str
    code: str
    table: str
    why: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.table} — {self.why}（{self.code}）"


def _rule(code: str, pattern: str, why: str) -> Rule:
    return Rule(code, re.compile(pattern, re.IGNORECASE | re.DOTALL), why)


RULES = (
    _rule("index", rf"^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON (?:ONLY )?{_NAME}", "書込みを止めて索引を作ります。AddIndexBeside にしてください"),
    _rule("drop-index", rf"^DROP INDEX (?!CONCURRENTLY)(?:IF EXISTS )?{_NAME}", "表を止めて索引を消します。RemoveIndexConcurrently にしてください"),
    _rule("drop-table", rf"^DROP TABLE (?:IF EXISTS )?{_NAME}", "前の版が使う表を消します。次の版で消してください"),
    _rule("rename-table", rf"^ALTER TABLE {_NAME} RENAME TO", "前の版が使う表の名前を変えます"),
    _rule("rename-column", rf"^ALTER TABLE {_NAME} RENAME (?:COLUMN )?(?!TO|CONSTRAINT)", "前の版が使う列の名前を変えます"),
    _rule("drop-column", rf"^ALTER TABLE {_NAME} DROP COLUMN", "前の版が使う列を消します。次の版で消してください"),
    _rule("type", rf'^ALTER TABLE {_NAME} ALTER COLUMN "?\w+"? (?:SET DATA )?TYPE', "列の型を変え、表を書き直すことがあります"),
    _rule("not-null", rf'^ALTER TABLE {_NAME} ALTER COLUMN "?\w+"? SET NOT NULL', "表を止めて全行を調べます。CHECK … NOT VALID を経てください"),
    _rule("no-default", rf'^ALTER TABLE {_NAME} ALTER COLUMN "?\w+"? DROP DEFAULT', "前の版が書く行に値が入りません。null=True か db_default にしてください"),
    _rule("required-column", rf"^ALTER TABLE {_NAME} ADD COLUMN (?:(?!DEFAULT).)*NOT NULL(?:(?!DEFAULT).)*$", "前の版が書く行に値が入りません。null=True か db_default にしてください"),
    _rule("generated", rf"^ALTER TABLE {_NAME} ADD COLUMN .*GENERATED ALWAYS AS .*STORED", "計算列を加えるため、表を書き直します"),
    _rule("constraint", rf"^ALTER TABLE {_NAME} ADD CONSTRAINT (?!.*(?:NOT VALID|USING INDEX))", "表を止めて全行を調べます。NOT VALID で加え、あとで VALIDATE してください"),
    _rule("rewrite", rf"^(?:VACUUM \(?FULL\)?|CLUSTER|LOCK TABLE|TRUNCATE(?: TABLE)?|REINDEX (?!.*CONCURRENTLY).*?) {_NAME}", "表を止めます"),
)  # fmt: skip
_CREATED = re.compile(rf"^CREATE TABLE (?:IF NOT EXISTS )?{_NAME}", re.IGNORECASE)


def faults_in(migration: str, statements: list[str]) -> list[MigrationFault]:
    """SQLの点検 — statements of one migration in their order.

    >>> [each.code for each in faults_in("a.0002", ['ALTER TABLE "a_b" DROP COLUMN "c"'])]
    ['drop-column']
    >>> faults_in("a.0001", ['CREATE TABLE "a_b" ()', 'CREATE INDEX "i" ON "a_b" ("c")'])
    []
    """
    made: set[str] = set()
    found = []
    for statement in statements:
        plain = " ".join(statement.split())
        created = _CREATED.match(plain)
        if created:
            made.add(created["table"])
            continue
        for rule in RULES:
            match = rule.pattern.search(plain)
            if match and match["table"] not in made:
                found.append(MigrationFault(migration, rule.code, match["table"], rule.why))
    return found


def faults_of(label: str, name: str) -> list[MigrationFault]:
    """移行の点検 — of one migration; one that was reviewed for a planned stop or an empty table is not asked again."""
    if f"{label}.{name}" in reviewed():
        return []
    return faults_in(f"{label}.{name}", statements_of(label, name))


def faults_while_serving(label: str, name: str) -> list[MigrationFault]:
    """動いている間の移行の点検 — as :func:`faults_of`; a review for a planned stop lets nothing through while people work,
    and one that is older than the lint is asked like any other."""
    migration = f"{label}.{name}"
    reason = reviewed().get(migration)
    if reason is not None and reason.startswith(PLANNED):
        return [MigrationFault(migration, "planned-stop", label, reason)]
    if reason is not None and not reason.startswith(BEFORE):
        return []
    return faults_in(migration, statements_of(label, name))


def statements_of(label: str, name: str) -> list[str]:
    """移行のSQL — as it would be run, with nothing done."""
    connection = connections[OWNER]
    loader = MigrationExecutor(connection).loader
    plan = [(loader.graph.nodes[label, name], False)]
    text = [line for line in loader.collect_sql(plan) if not line.startswith("--")]
    return [each.strip() for each in "\n".join(text).split(";\n") if each.strip(" ;\n")]


def all_migrations() -> list[tuple[str, str]]:
    """すべての移行 — of our own rooms."""
    loader = MigrationExecutor(connections[OWNER]).loader
    own = [
        key for key, each in loader.graph.nodes.items() if type(each).__module__.startswith("tasuki_server.")
    ]
    return sorted(own)


@cache
def reviewed() -> dict[str, str]:
    """点検済みの移行 — each with its reason, from a reviewed file."""
    text = files("tasuki_server.operations").joinpath(REVIEWED).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: reason for name, reason in rows}  # noqa: C416 - two columns and no third
