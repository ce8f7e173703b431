# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離の訓練 — every table asked as another institution and as nobody, by SQL of the app role; then every fault planted.

The tables, keys and rights come from the models and the catalogue, so that a table added later is drilled too. The
control plants one fault for each question of the lint, and some that only a probe can see; each must be found.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground
from tasuki_server.drills.made_rows import Column, columns_of, made_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAMS = {Tier.PUSH: 300, Tier.LONG: 20_000}


class Table(NamedTuple):
    """的の表 — its columns, and one row of each institution."""

    name: str
    columns: tuple[Column, ...]
    rows: dict[UUID, dict[str, Any]]


class Ground(NamedTuple):
    """訓練場 — two institutions with a row each in every table."""

    mine: UUID
    theirs: UUID
    tables: tuple[Table, ...]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """分離の訓練 — lint, probes and random programs, then the same with each planted fault."""
    with training_ground():
        ground = make_ground()
        found = drilled(ground, PROGRAMS[tier], seed)
        tell(
            f"{len(ground.tables)} tables, {found.counts['probes']} probes, {found.counts['programs']} programs"
        )
        control = {name: len(_with_fault(ground, fault, seed)) for name, fault in faults(ground).items()}
    return Finding(
        counts=found.counts,
        faults=found.faults,
        control=control,
        control_is_red=all(control.values()),
    )


def make_ground() -> Ground:
    """訓練場 — rows are made from the columns, past foreign keys, because their truth is not what is drilled."""
    from tasuki_server.institutions.tenancy import tenant_models

    mine, theirs = a_clinic(1), a_clinic(2)
    tables: list[Table] = []
    with as_superuser() as owner, owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        for model in sorted(tenant_models(), key=lambda each: each._meta.db_table):
            name = model._meta.db_table
            columns = columns_of(owner, name)
            rows = {each: made_row(owner, name, columns, each) for each in (mine, theirs)}
            tables.append(Table(name, columns, rows))
    return Ground(mine, theirs, tuple(tables))


class Drilled(NamedTuple):
    """分離の訓練の結果 — counts, and what got through in Japanese."""

    counts: dict[str, int | float]
    faults: tuple[str, ...]


def drilled(ground: Ground, programs: int, seed: int) -> Drilled:
    """分離の訓練 — the lint of the catalogue, the probes of each table and random programs."""
    from tasuki_server.institutions.tenancy_lint import QUESTIONS, offences

    with as_superuser() as owner:
        linted = offences(lambda query: owner.execute(query).fetchall())  # type: ignore[arg-type]
    wrong = [f"点検 {each.question}: {each.thing}" for each in linted]
    probes = 0
    with as_app() as app:
        for table in ground.tables:
            for probe in PROBES:
                probes += 1
                said = probe(app, ground, table)
                app.rollback()
                if said:
                    wrong.append(f"{table.name}: {said}")
        leaked = sum(_program_leaks(app, ground, each) for each in _programs(ground, programs, seed))
    if leaked:
        wrong.append(f"無作為なSQL {leaked}件が、ほかの医療機関の行を返しました。")
    counts: dict[str, int | float] = {
        "tables": len(ground.tables),
        "questions": len(QUESTIONS),
        "probes": probes,
        "programs": programs,
        "leaks": len(wrong),
    }
    return Drilled(counts, tuple(wrong))


@contextmanager
def as_app() -> Iterator[psycopg.Connection]:
    """アプリの役割 — what SQL injected into a page has; nothing it does is kept."""
    import os

    with psycopg.connect(os.environ["TASUKI_APP_DATABASE_URL"]) as connection:
        yield connection
        connection.rollback()


def enter(app: psycopg.Connection, institution_id: UUID) -> None:
    """入室 — with the proof that the server makes for a page of the institution."""
    from tasuki_server.institutions.work import signed

    app.execute(
        "SELECT set_config('tasuki.institution', %s, true)", [signed(institution_id, app.info.backend_pid)]
    )


def seen_by_nobody(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """証明なしの閲覧 — nothing is there."""
    count = _count(app, table, "true")
    return f"証明なしで {count} 行が見えます。" if count else ""


def seen_by_another(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """ほかの医療機関の閲覧 — one's own rows and no other, by count, by key and by COPY."""
    enter(app, ground.mine)
    if not _count(app, table, "institution_id = %s", ground.mine):
        return "自分の行が見えません（訓練が確かめられていません）。"
    others = _count(app, table, "institution_id <> %s", ground.mine)
    others += _count(app, table, "id = %s", table.rows[ground.theirs]["id"])
    statement = sql.SQL("COPY {} (institution_id) TO STDOUT").format(sql.Identifier(table.name))
    with app.cursor().copy(statement) as copy:
        others += sum(row[0] != str(ground.mine) for row in copy.rows())
    return f"ほかの医療機関の {others} 行が見えます。" if others else ""


def seen_by_a_forger(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """偽の証明 — the proof of one's own with another institution's name, and a proof of zeros."""
    enter(app, ground.mine)
    own = app.execute("SELECT current_setting('tasuki.institution')").fetchone()
    assert own is not None
    for forged in (f"{ground.theirs}{own[0][36:]}", f"{ground.theirs}:{'0' * 64}", str(ground.theirs)):
        try:
            with app.transaction(force_rollback=True):
                app.execute("SELECT set_config('tasuki.institution', %s, true)", [forged])
                if _count(app, table, "true"):
                    return "偽の証明で、ほかの医療機関の行が見えます。"
        except psycopg.errors.InsufficientPrivilege:
            continue
    return ""


def written_for_another(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """ほかの医療機関への書込み — a row under its name, and one's own row moved to it."""
    enter(app, ground.mine)
    if _may_insert(app, table, {**table.rows[ground.mine], "institution_id": ground.theirs}):
        return "ほかの医療機関の行を書き込めます。"
    moved = sql.SQL("UPDATE {} SET institution_id = %s").format(sql.Identifier(table.name))
    return "自分の行をほかの医療機関に移せます。" if _changes(app, moved, [ground.theirs]) else ""


def changed_for_another(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """ほかの医療機関の行の変更・削除 — none is reached."""
    enter(app, ground.mine)
    for verb in (
        "UPDATE {} SET institution_id = institution_id WHERE id = %s",
        "DELETE FROM {} WHERE id = %s",
    ):
        statement = sql.SQL(verb).format(sql.Identifier(table.name))  # type: ignore[arg-type]
        if _changes(app, statement, [table.rows[ground.theirs]["id"]]):
            return "ほかの医療機関の行を変更・削除できます。"
    return ""


def pointed_at_another(app: psycopg.Connection, ground: Ground, table: Table) -> str:
    """ほかの医療機関の行への参照 — a row of one's own cannot point there."""
    enter(app, ground.mine)
    by_name = {each.name: each for each in ground.tables}
    for column in table.columns:
        target = by_name.get(column.references)
        if target is None:
            continue
        values = {**table.rows[ground.mine], column.name: target.rows[ground.theirs]["id"]}
        if _may_insert(app, table, values, by_keys=True):
            return f"{column.name} でほかの医療機関の行を指せます。"
    return ""


PROBES = (
    seen_by_nobody,
    seen_by_another,
    seen_by_a_forger,
    written_for_another,
    changed_for_another,
    pointed_at_another,
)


def _count(app: psycopg.Connection, table: Table, where: str, *values: object) -> int:
    statement = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
        sql.Identifier(table.name),
        sql.SQL(where),  # type: ignore[arg-type]
    )
    row = app.execute(statement, values).fetchone()
    return 0 if row is None else int(row[0])


def _may_insert(
    app: psycopg.Connection, table: Table, values: dict[str, Any], *, by_keys: bool = False
) -> bool:
    """Whether a row under a new key passes the policy, or (``by_keys``) also every key to the end of the transaction."""
    from uuid import uuid4

    values = {**values, "id": uuid4()}
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    try:
        with app.transaction(force_rollback=True):
            app.execute(statement, [_as_sent(value) for value in values.values()])
            app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        # The policy is asked before the keys: who meets a key has passed the policy.
        return not by_keys
    return True


def _as_sent(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value) if isinstance(value, dict | list) else value


def _changes(app: psycopg.Connection, statement: sql.Composed, values: list[object]) -> bool:
    try:
        with app.transaction(force_rollback=True):
            return app.execute(statement, values).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True


def _programs(ground: Ground, count: int, seed: int) -> Iterator[sql.Composed]:
    """無作為なSQL — joins, unions, subqueries, laterals and aggregates over any tables, that give keys of rows."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    shapes = (
        "SELECT a.id, b.id FROM {0} a CROSS JOIN {1} b",
        "SELECT a.id, b.id FROM {0} a FULL JOIN {1} b ON a.institution_id = b.institution_id",
        "SELECT id FROM {0} UNION ALL SELECT id FROM {1}",
        "WITH w AS (SELECT id FROM {0}) SELECT w.id, (SELECT max(b.id::text) FROM {1} b) FROM w",
        "SELECT a.id, l.id FROM {0} a, LATERAL (SELECT b.id FROM {1} b WHERE b.institution_id IS NOT NULL) l",
        "SELECT array_agg(a.id) FROM {0} a WHERE EXISTS (SELECT 1 FROM {1} b)",
        "SELECT a.id FROM {0} a WHERE a.id NOT IN (SELECT b.id FROM {1} b)",
        "SELECT to_jsonb(a), to_jsonb(b) FROM {0} a RIGHT JOIN {1} b ON true",
        "SELECT a::text FROM {0} a UNION SELECT b::text FROM {1} b",
        "SELECT row_number() OVER (ORDER BY a.id), a.id, b.id FROM {0} a LEFT JOIN {1} b ON a.id > b.id",
    )
    for _ in range(count):
        pair = [sql.Identifier(chosen.choice(ground.tables).name) for _ in range(2)]
        yield sql.SQL(chosen.choice(shapes)).format(*pair)  # type: ignore[arg-type]


def _program_leaks(app: psycopg.Connection, ground: Ground, program: sql.Composed) -> bool:
    enter(app, ground.mine)
    text = repr(app.execute(program).fetchall())
    app.rollback()
    return str(ground.theirs) in text or any(
        str(table.rows[ground.theirs]["id"]) in text for table in ground.tables
    )


def faults(ground: Ground) -> dict[str, tuple[str, ...]]:
    """わざと入れる欠陥 — each as statements of a superuser; most are found by the lint, some by a probe alone."""
    return {
        "plain_view": (
            "CREATE VIEW public.everyone AS SELECT * FROM patients_patient",
            "GRANT SELECT ON public.everyone TO tasuki_app",
        ),
        "materialised_view": (
            "CREATE MATERIALIZED VIEW public.kept_everyone AS SELECT * FROM patients_patient",
        ),
        "definer_function": (
            "CREATE FUNCTION public.count_all() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM patients_patient'",
        ),
        "not_forced": ("ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY",),
        "switched_off": ("ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",),
        "open_policy": ("CREATE POLICY open ON patients_patient USING (true)",),
        "policy_gone": ("DROP POLICY own_institution_only ON patients_patient",),
        "policy_for_reading_only": (
            "DROP POLICY own_institution_only ON patients_patient",
            "CREATE POLICY own_institution_only ON patients_patient USING (institution_id = (SELECT tasuki.current_institution()))"
            " WITH CHECK (true)",
        ),
        "key_across_institutions": ("CREATE UNIQUE INDEX everywhere_one ON patients_patient (number, id)",),
        "reference_not_doubled": (
            "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = 'reception_visit'::regclass AND cardinality(conkey) = 2 LOOP"
            " EXECUTE format('ALTER TABLE reception_visit DROP CONSTRAINT %I', c.conname); END LOOP; END $$",
        ),
        "role_past_policies": ("ALTER ROLE tasuki_app BYPASSRLS",),
        "granted_to_all": ("GRANT SELECT ON patients_patient TO PUBLIC",),
        "sign_in_reads_patients": ("GRANT SELECT ON patients_patient TO tasuki_signin",),
        "portal_reads_everybody": (
            "CREATE POLICY portal_reads_all ON portal_event TO tasuki_portal USING (true)",
        ),
        "portal_without_a_wall": ("ALTER TABLE portal_event DISABLE ROW LEVEL SECURITY",),
        "portal_reads_another_table": ("GRANT SELECT ON exchange_access TO tasuki_portal",),
        "proof_not_checked": (
            "CREATE OR REPLACE FUNCTION tasuki.current_institution() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER"
            " SET search_path = pg_catalog, pg_temp AS"
            " $$ SELECT nullif(split_part(current_setting('tasuki.institution', true), ':', 1), '')::uuid $$",
        ),
    }


def _with_fault(ground: Ground, statements: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """What is found with a fault planted on the tables it touches; they are protected anew afterwards."""
    touched = [each for each in ground.tables if each.name in ("patients_patient", "reception_visit")]
    with as_superuser() as owner:
        for statement in statements:
            owner.execute(statement)  # type: ignore[arg-type]
    try:
        return drilled(ground._replace(tables=tuple(touched)), 20, seed).faults
    finally:
        mend()


def mend() -> None:
    """欠陥の除去 — what was planted goes; protection is put on every table anew."""
    from django.db import connections

    from tasuki_server.institutions.tenancy import protect

    with as_superuser() as owner:
        for statement in (
            "DROP VIEW IF EXISTS public.everyone",
            "DROP MATERIALIZED VIEW IF EXISTS public.kept_everyone",
            "DROP FUNCTION IF EXISTS public.count_all()",
            "DROP INDEX IF EXISTS everywhere_one",
            "DROP POLICY IF EXISTS open ON patients_patient",
            "DROP POLICY IF EXISTS portal_reads_all ON portal_event",
            "REVOKE ALL ON exchange_access FROM tasuki_portal",
            "COMMENT ON TABLE portal_event IS NULL",
            "ALTER ROLE tasuki_app NOBYPASSRLS",
            "REVOKE ALL ON patients_patient FROM PUBLIC, tasuki_signin",
            # Without its mark a table is protected anew.
            "COMMENT ON TABLE patients_patient IS NULL",
            "COMMENT ON TABLE reception_visit IS NULL",
        ):
            owner.execute(statement)  # type: ignore[arg-type]
    protect(connections["owner"])


TENANTS = Drill(
    name="tenants",
    title="医療機関の分離",
    goal="アプリの役割のSQLで、ほかの医療機関の行を一つも読めず、書けず、指せない",
    run=run,
)
