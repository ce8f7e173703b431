# SPDX-License-Identifier: Apache-2.0
"""確定記録の訓練 — sequences of signatures, corrections, merges and bills, attempts to change, and migrations between them.

Whatever was finalised stays as it was, to the byte. The controls give the app role the right to change notes, and let a
migration rewrite a column: both must show.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground
from tasuki_server.drills.races import quiet_log
from tasuki_server.drills.record_register import Register, appended_tables

if TYPE_CHECKING:
    import psycopg

    from tasuki_server.drills.race_stories import Stage

SEQUENCES = {Tier.PUSH: 1_000, Tier.LONG: 50_000}
# Sequences go on where the last one of the same person ended.
LONGEST = {Tier.PUSH: 2, Tier.LONG: 6}
# How many sequences pass between two comparisons of everything, and between two migrations.
COMPARED_EVERY, MIGRATED_EVERY = 100, 500
PATIENTS = 30
TEXTS = ("変わりなし。", "咳が続く。", "血圧は落ち着いている。", "眠れない。")


class Desk(NamedTuple):
    """診療の机 — one person's visit and what may be done to it."""

    stage: Stage
    visit: Any
    chosen: random.Random
    counts: Counter[str]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """確定記録の訓練 — the sequences, then the controls."""
    with quiet_log(), training_ground(), as_superuser() as owner:
        from tasuki_server.drills.race_stories import stage_of
        from tasuki_server.seams.claims_ground import claims_ground

        stage = stage_of(claims_ground(a_clinic(1), owner))
        register = Register(owner, appended_tables())
        counts, faults = play_sequences(stage, owner, register, SEQUENCES[tier], seed, LONGEST[tier], tell)
        faults += register.compare() + broken_chains(stage)
        rows = len(register)
        control = {
            "app_may_update": _rewriting(stage, owner),
            "migration_rewrites": _migrating(owner, register),
        }
    return Finding(
        counts={**counts, "tables": len(appended_tables()), "rows": rows, "faults": len(faults)},
        faults=tuple(faults[:20]),
        control=control,
        control_is_red=all(control.values()),
    )


def play_sequences(
    stage: Stage,
    owner: psycopg.Connection,
    register: Register,
    times: int,
    seed: int,
    longest: int = 2,
    tell: Callable[[str], None] = lambda _line: None,
) -> tuple[Counter[str], list[str]]:
    """一連の操作 — of one person each; what was refused is counted, what was not and must have been is a fault."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    counts: Counter[str] = Counter()
    faults: list[str] = []
    with stage.ground.work():
        desks = [Desk(stage, _visit(place), chosen, counts) for place in range(min(PATIENTS, times))]
    for place in range(times):
        desk = chosen.choice(desks)
        for act in chosen.choices(list(ACTS), list(ACTS.values()), k=chosen.randint(1, longest)):
            counts[act.__name__.strip("_")] += 1
            with stage.ground.work():
                wrong = act(desk)
            faults += [wrong] if wrong else []
        counts["sequences"] += 1
        if place % COMPARED_EVERY == COMPARED_EVERY - 1:
            faults += register.compare()
        if place % MIGRATED_EVERY == MIGRATED_EVERY - 1:
            _migrate_again(owner, counts["migrations"])
            counts["migrations"] += 1
            tell(f"{place + 1}: {len(register)} rows, {len(faults)} faults")
    return counts, faults


def broken_chains(stage: Stage) -> list[str]:
    """版の連なり — versions from 1 without a gap, each pointing at the one before and, from the second, with its reason."""
    from tasuki_server.institutions.rows import VersionedRow
    from tasuki_server.institutions.tenancy import tenant_models

    faults = []
    with stage.ground.work():
        for model in tenant_models():
            if not issubclass(model, VersionedRow):
                continue
            before: Any = None
            for row in model._base_manager.order_by("record_id", "version").only(
                "id", "record_id", "version", "previous_id", "reason"
            ):
                is_first = before is None or before.record_id != row.record_id
                expected = (1, None) if is_first else (before.version + 1, before.pk)
                if (row.version, row.previous_id) != expected or (row.version > 1 and not row.reason):
                    faults.append(f"{model._meta.verbose_name} {row.pk} の版が連なっていません。")
                before = row
    return faults


def _visit(place: int) -> Any:
    from tasuki_server.drills.race_stories import OPEN_DAY, _visit
    from tasuki_server.patients.records import add_allergy

    visit = _visit(OPEN_DAY + timedelta(days=place % 20), place)
    add_allergy(visit.patient, substance="そば", severity="mild", kind="food", noted_on=visit.day)
    return visit


def _sign(desk: Desk) -> str:
    """A new version of the note, with its reason."""
    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.sign import Checked, sign_draft

    staff = desk.chosen.choice(desk.stage.staff)
    draft = save_texts(hold_draft(desk.visit, staff), _texts(desk), read_stamp=None)
    sign_draft(draft, staff, Checked([], []), reason="記載の訂正")
    return ""


def _merge(desk: Desk) -> str:
    """Two write at once; the second takes the first one's version over and signs on top."""
    from tasuki_server.chart.draft import hold_draft, newest_note, save_texts
    from tasuki_server.chart.sign import Checked, StaleNote, sign_draft, take_over_newest

    drafts = [
        save_texts(hold_draft(desk.visit, each), _texts(desk), read_stamp=None) for each in desk.stage.staff
    ]
    first = newest_note(desk.visit)
    for draft, staff in zip(drafts, desk.stage.staff, strict=True):
        try:
            sign_draft(draft, staff, Checked([], []), reason="記載の訂正")
        except StaleNote as clash:
            onto = take_over_newest(draft, clash.theirs, _texts(desk))
            sign_draft(onto, staff, Checked([], []), reason="版の突合せ")
    last = newest_note(desk.visit)
    assert last is not None
    return "" if last.version == (first.version if first else 0) + 2 else "突合せで版が失われました。"


def _correct(desk: Desk) -> str:
    """A record of the person corrected or withdrawn from its newest version."""
    from tasuki_server.patients.models import AllergyRecord
    from tasuki_server.patients.records import add_allergy, revise_record, withdraw_record

    rows = list(AllergyRecord.objects.latest_versions().filter(patient=desk.visit.patient))  # type: ignore[attr-defined]
    row = desk.chosen.choice(rows)
    dice = desk.chosen.random()
    if row.withdrawn or dice < 0.2:
        add_allergy(desk.visit.patient, substance="卵", severity="mild", kind="food", noted_on=desk.visit.day)
    elif dice < 0.8:
        revise_record(row, read_version=row.version, reason="訂正", substance=desk.chosen.choice(TEXTS))
    else:
        withdraw_record(row, read_version=row.version, reason="誤り")
    return ""


def _settle(desk: Desk) -> str:
    """The bill again, with its reason."""
    from tasuki_server.billing.models import Bill
    from tasuki_server.billing.settle import settle_bill

    before = Bill.objects.filter(record_id=desk.visit.id).order_by("-version").first()
    settle_bill(desk.visit, read_version=before.version if before else 0, reason="会計の訂正")
    return ""


def _save_over_old(desk: Desk) -> str:
    """A correction from a version that is not the newest any more."""
    from tasuki_server.institutions.rows import StaleVersion
    from tasuki_server.patients.models import AllergyRecord

    row = AllergyRecord.objects.filter(patient=desk.visit.patient).order_by("version").first()
    assert row is not None
    try:
        row.revise(read_version=row.version - 1, reason="訂正", substance="x")
    except StaleVersion:
        return ""
    return "古い版からの訂正が受け付けられました。"


def _change_in_place(desk: Desk) -> str:
    """A finalised row changed or deleted by whoever holds the app's connection: refused by model and database."""
    from django.db import ProgrammingError, transaction

    from tasuki_server.chart.models import Note
    from tasuki_server.patients.models import AllergyRecord

    model: Any = desk.chosen.choice((Note, AllergyRecord))
    rows = model._base_manager.filter(patient=desk.visit.patient)
    row = rows.order_by("version").first()
    if row is None:
        return ""
    tries: tuple[Callable[[], object], ...] = (
        lambda: rows.update(reason="書換え"),
        lambda: rows._raw_delete(rows.db),
        row.save,
        lambda: row.save(update_fields=["reason"]),
    )
    try:
        with transaction.atomic():
            desk.chosen.choice(tries)()
    except (ProgrammingError, ValueError):
        desk.counts["refused"] += 1
        return ""
    return f"{model._meta.verbose_name}の確定した行を書き換えられました。"


ACTS: dict[Callable[[Desk], str], float] = {
    _sign: 4,
    _merge: 1,
    _correct: 5,
    _settle: 0.3,
    _save_over_old: 2,
    _change_in_place: 4,
}


def _texts(desk: Desk) -> dict[str, str]:
    said = f"{desk.chosen.choice(TEXTS)}{desk.chosen.randrange(10**6)}"
    return {"subjective": said, "objective": "", "assessment": "", "plan": desk.chosen.choice(TEXTS)}


def _migrate_again(owner: psycopg.Connection, number: int) -> None:
    """A column comes to the tables of notes and orders, and the whole migration runs again with its protection."""
    from tasuki_server.institutions.migrating import migrate

    for table in ("chart_note", "orders_placedorder"):
        owner.execute(f"ALTER TABLE {table} ADD COLUMN drilled_{number} integer DEFAULT 0")  # type: ignore[call-overload]
    migrate()


def _rewriting(stage: Stage, owner: psycopg.Connection) -> int:
    """Control: with the right to change, an attempt is not refused, and the register sees the row."""
    from tasuki_server.chart.models import Note
    from tasuki_server.database.roles import APP

    register = Register(owner, appended_tables())
    register.compare()
    owner.execute(f"GRANT UPDATE ON chart_note TO {APP}")  # type: ignore[call-overload]
    try:
        with stage.ground.work():
            row = Note._base_manager.order_by("made_at").first()
            assert row is not None
            Note._base_manager.filter(pk=row.pk).update(plan=f"{date.min}")
    finally:
        owner.execute(f"REVOKE UPDATE ON chart_note FROM {APP}")  # type: ignore[call-overload]
    return len(register.compare())


def _migrating(owner: psycopg.Connection, register: Register) -> int:
    """Control: a migration that tidies a column of what was finalised."""
    register.compare()
    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute("UPDATE patients_allergyrecord SET reason = trim(reason) || ' '")
        return len(register.compare())


RECORDS = Drill(
    name="records",
    title="確定記録の不変",
    goal="署名・訂正・突合せ・会計・移行をどう重ねても、確定した版は一字も変わらず、版は抜けなく連なる",
    run=run,
)
