# SPDX-License-Identifier: Apache-2.0
"""改ざんの訓練 — an attacker with every right over the database *and* the keys of the server changes the trail.

Seven kinds of change; the last three leave a chain that is true in itself, so that only the checkpoint a witness
keeps can show them. The control verifies without the witness and must find none of those three.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    import psycopg

    from tasuki.security.checkpoint import Checkpoint

EVENTS = 24
AT_WITNESS = 18
TIMES = {Tier.PUSH: 300, Tier.LONG: 2_000}
HARD = ("drop_tail", "rewrite", "remove_and_renumber")
COLUMNS = (
    "id, institution_id, number, at, actor, staff_id, action, subject, subject_id, patient_id, detail,"
    " address, session, purpose, link, seal"
)
FIELDS = {
    "actor": "別の職員",
    "action": "chart.print",
    "subject_id": "x",
    "detail": '{"reason": "x"}',
    "address": "192.0.2.9",
    "session": "000000000000",
    "purpose": "PATRQT",
}


class Trail(NamedTuple):
    """攻撃の的 — an institution's trail, and the checkpoint that a witness keeps of it."""

    institution_id: UUID
    witnessed: Checkpoint


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """改ざんの訓練 — each attack is made, verified and taken back."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    found: Counter[str] = Counter()
    without: Counter[str] = Counter()
    times = TIMES[tier]
    with training_ground() as folder:
        from tasuki_server.audit.witness import Witness

        trail = _trail(Witness(folder / "witness", "drill/witness"))
        with as_superuser() as attacker:
            attacker.execute("CREATE TABLE kept AS SELECT * FROM audit_auditevent")
            attacker.execute("CREATE TABLE kept_checkpoints AS SELECT * FROM audit_auditcheckpoint")
            if _breaks(trail, trail.witnessed):
                return Finding({"attacks": 0}, ("手を加える前の監査記録が検証に通りません。",))
            for kind, attack in ATTACKS.items():
                for _ in range(times):
                    with attacker.transaction():
                        attack(attacker, trail.institution_id, chosen)
                    found[kind] += bool(_breaks(trail, trail.witnessed))
                    without[kind] += bool(_breaks(trail, None)) if kind in HARD else 0
                    with attacker.transaction():
                        _take_back(attacker, trail.institution_id)
                tell(f"{kind}: {found[kind]}/{times}")
            if _breaks(trail, trail.witnessed):
                return Finding({"attacks": 0}, ("元に戻した監査記録が検証に通りません。",))
    missed = [f"{kind}: {times - found[kind]}件を見逃しました。" for kind in ATTACKS if found[kind] < times]
    return Finding(
        counts={
            "attacks": times * len(ATTACKS),
            "found": sum(found.values()),
            **{f"found_{kind}": found[kind] for kind in ATTACKS},
        },
        faults=tuple(missed),
        control={f"found_{kind}": without[kind] for kind in HARD},
        control_is_red=not any(without.values()),
    )


def _trail(witness: Any) -> Trail:
    """Events of a made-up day; a few come after the witness saw the trail."""
    from tasuki_server.audit.checkpoints import bring_to_witness, checkpoint_in, log_public, origin_of
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    institution_id = a_clinic(1)
    actor = system_actor(institution_id)
    witness.trust(origin_of(institution_id), log_public())
    note = None
    for number in range(EVENTS - 1):
        if number in (5, 12, AT_WITNESS - 1):
            note = bring_to_witness(institution_id, witness, 1_800_000_000 + number)
        with as_institution(institution_id, actor):
            record("chart.read", "visit", institution_id, {"number": number})
    assert note is not None
    return Trail(institution_id, checkpoint_in(note))


def _breaks(trail: Trail, witnessed: Checkpoint | None) -> list[object]:
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    with as_institution(trail.institution_id, system_actor(trail.institution_id)):
        return list(verify_chain(trail.institution_id, witnessed)[2])


def _take_back(attacker: psycopg.Connection, institution_id: UUID) -> None:
    for table, kept in (("audit_auditevent", "kept"), ("audit_auditcheckpoint", "kept_checkpoints")):
        attacker.execute(f"DELETE FROM {table} WHERE institution_id = %s", [institution_id])  # noqa: S608 - our own names
        attacker.execute(
            f"INSERT INTO {table} SELECT * FROM {kept} WHERE institution_id = %s",  # noqa: S608 - our own names
            [institution_id],
        )


def change_field(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """一項目の書換え — one field of one event."""
    name = chosen.choice(sorted(FIELDS))
    attacker.execute(
        f"UPDATE audit_auditevent SET {name} = %s WHERE institution_id = %s AND number = %s",  # noqa: S608 - our own names
        [FIELDS[name], institution_id, chosen.randint(1, EVENTS)],
    )


def delete_event(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """一件の削除 — from the middle."""
    attacker.execute(
        "DELETE FROM audit_auditevent WHERE institution_id = %s AND number = %s",
        [institution_id, chosen.randint(1, EVENTS - 1)],
    )


def insert_event(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """一件の挿入 — a copy of an event under the next number, those after it moved on."""
    at = chosen.randint(1, EVENTS - 1)
    rows = _rows(attacker, institution_id)
    _write(attacker, institution_id, [*rows[:at], {**rows[at - 1], "id": _fresh(chosen)}, *rows[at:]])


def swap_events(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """二件の入替え — two events in each other's place."""
    rows = _rows(attacker, institution_id)
    one, other = sorted(chosen.sample(range(EVENTS), 2))
    rows[one], rows[other] = rows[other], rows[one]
    _write(attacker, institution_id, rows)


def drop_tail(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """末尾の切落し — the last events, further back than the witness's checkpoint, and our own checkpoints with them."""
    keep = chosen.randint(1, AT_WITNESS - 1)
    _write(attacker, institution_id, _rows(attacker, institution_id)[:keep])
    _forget_checkpoints(attacker, institution_id)


def rewrite(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """書換えと再計算 — one event changed, every link and seal after it made anew with the server's own key."""
    rows = _rows(attacker, institution_id)
    rows[chosen.randrange(AT_WITNESS)]["actor"] = "別の職員"
    _relinked(attacker, institution_id, rows)


def remove_and_renumber(attacker: psycopg.Connection, institution_id: UUID, chosen: random.Random) -> None:
    """削除と付番し直し — one event gone, the rest numbered and linked as if it had never been."""
    rows = _rows(attacker, institution_id)
    del rows[chosen.randrange(AT_WITNESS)]
    _relinked(attacker, institution_id, rows)


ATTACKS = {
    each.__name__: each
    for each in (
        change_field,
        delete_event,
        insert_event,
        swap_events,
        drop_tail,
        rewrite,
        remove_and_renumber,
    )
}


def _rows(attacker: psycopg.Connection, institution_id: UUID) -> list[dict[str, Any]]:
    from psycopg.rows import dict_row

    with attacker.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT * FROM audit_auditevent WHERE institution_id = %s ORDER BY number", [institution_id]
        )
        return cursor.fetchall()


def _write(attacker: psycopg.Connection, institution_id: UUID, rows: list[dict[str, Any]]) -> None:
    """The trail as the attacker wants it, numbered without a gap."""
    attacker.execute("DELETE FROM audit_auditevent WHERE institution_id = %s", [institution_id])
    names = COLUMNS.split(", ")
    with attacker.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO audit_auditevent ({COLUMNS}) VALUES ({', '.join(['%s'] * len(names))})",  # noqa: S608 - our own names
            [
                [json.dumps(row[name]) if name == "detail" else row[name] for name in names]
                for row in ({**row, "number": number} for number, row in enumerate(rows, start=1))
            ],
        )


def _relinked(attacker: psycopg.Connection, institution_id: UUID, rows: list[dict[str, Any]]) -> None:
    """Everything the server itself would have written, had it happened so."""
    from tasuki.security.audit_chain import FIRST_LINK, link_of, seal_of
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import event_of, seal_key

    link = FIRST_LINK
    for number, row in enumerate(rows, start=1):
        row["number"] = number
        link = link_of(link, event_of(AuditEvent(**row), institution_id))
        row["link"], row["seal"] = link, seal_of(seal_key(), link)
    _write(attacker, institution_id, rows)
    _forget_checkpoints(attacker, institution_id)


def _forget_checkpoints(attacker: psycopg.Connection, institution_id: UUID) -> None:
    """Our own checkpoints thrown away, for the attacker knows that they would tell."""
    attacker.execute("DELETE FROM audit_auditcheckpoint WHERE institution_id = %s", [institution_id])


def _fresh(chosen: random.Random) -> UUID:
    from uuid import UUID

    return UUID(int=chosen.getrandbits(128), version=4)


TAMPER = Drill(
    name="tamper",
    title="監査記録の改ざん",
    goal="データベースの全権とサーバの鍵を持つ者による7種類の改ざんが、証人のチェックポイントですべて見つかる",
    run=run,
)
