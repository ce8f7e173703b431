# SPDX-License-Identifier: Apache-2.0
"""書込みの控え — triggers of the drill's own on every table that carries a patient: who was written in which transaction.

Compared with the events of the same transaction it shows writes that no event tells of, whichever room wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

_SETUP = """
CREATE SCHEMA drill;
CREATE TABLE drill.writes (transaction bigint, institution uuid, name text, patient uuid);
CREATE TABLE drill.told (transaction bigint, institution uuid, number bigint, patient uuid);
CREATE FUNCTION drill.note_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO drill.writes SELECT txid_current(), (to_jsonb(NEW)->>'institution_id')::uuid, TG_TABLE_NAME,
    (to_jsonb(NEW)->>TG_ARGV[0])::uuid;
  RETURN NULL;
END $$;
CREATE FUNCTION drill.note_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO drill.told VALUES (txid_current(), NEW.institution_id, NEW.number, NEW.patient_id);
  RETURN NULL;
END $$;
CREATE TRIGGER drill_event AFTER INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION drill.note_event();
CREATE TRIGGER drill_shown AFTER INSERT ON audit_shownpatient FOR EACH ROW EXECUTE FUNCTION drill.note_event();
"""
_UNTOLD = """
SELECT w.name, count(*) FROM (SELECT DISTINCT * FROM drill.writes WHERE patient IS NOT NULL) w
WHERE NOT EXISTS (SELECT 1 FROM drill.told t WHERE t.transaction = w.transaction AND t.patient = w.patient)
GROUP BY w.name ORDER BY w.name
"""


def plant_write_log(owner: psycopg.Connection) -> int:
    """書込みの控えの設置 — on the tables of the models; returns how many."""
    from tasuki_server.institutions.tenancy import tenant_models

    owner.execute(_SETUP)
    count = 0
    for model in tenant_models():
        columns = {field.attname for field in model._meta.concrete_fields}
        if model._meta.app_label == "audit" or model.whose not in columns:
            continue
        count += 1
        owner.execute(
            f'CREATE TRIGGER drill_write AFTER INSERT OR UPDATE ON "{model._meta.db_table}"'
            f" FOR EACH ROW EXECUTE FUNCTION drill.note_write('{model.whose}')"  # type: ignore[arg-type]
        )
    return count


def untold_writes(owner: psycopg.Connection) -> dict[str, int]:
    """記録のない書込み — tables whose rows of a patient were written in a transaction without an event naming them."""
    return {str(name): int(count) for name, count in owner.execute(_UNTOLD).fetchall()}


def count_writes(owner: psycopg.Connection) -> int:
    """書込みの数 — of patients' rows in transactions that were kept."""
    row = owner.execute("SELECT count(*) FROM drill.writes").fetchone()
    assert row is not None
    return int(row[0])
