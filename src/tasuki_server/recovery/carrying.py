# SPDX-License-Identifier: Apache-2.0
"""監査記録の引継ぎ — a house that went back to a clean point keeps the whole trail: what happened after that point did happen.

Records go back, the trail does not. Events later than the clean point are taken, as they were written, from a second restore
of the same log; so the witness goes on signing, the attack stays in evidence, and the acts whose records are gone are a list.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from tasuki_server.database.embedded import SUPERUSER, Embedded
from tasuki_server.database.session import DATABASE
from tasuki_server.recovery.damage import TRAIL
from tasuki_server.recovery.restoring import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.restoring import Restored

# The trail's tables, and by which column a row comes after another.
_TABLES = (
    ("audit_auditevent", "number"),
    ("audit_shownpatient", "number"),
    ("audit_auditcheckpoint", "size"),
    ("audit_auditcosignature", "size"),
)
# 見るだけの行為: nothing of theirs is lost with a record.
_LOOKING = frozenset({"read", "search", "print", "export", "refused", "failed"})
_OWN_WORK = (
    "sign_",
    "session.",
    "watch.",
    "containment.",
    "incident.",
    "access.",
    "backup.",
    "downtime.",
    "restore.",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LaterAct(NamedTuple):
    """清浄な時点より後の行為 — an event whose records did not come back; ``patient`` is a chart number, 0 for none."""

    institution: str
    number: int
    at: datetime
    actor: str
    action: str
    subject_id: str
    patient: int

    @property
    def is_to_be_entered_again(self) -> bool:
        """入れ直すか — an act on a record; who looked, signed in or contained left none."""
        return self.action.rpartition(".")[2] not in _LOOKING and not self.action.startswith(_OWN_WORK)


def acts_as_csv(acts: list[LaterAct]) -> bytes:
    """入れ直す行為の一覧 — UTF-8 with a mark, as spreadsheets read Japanese; no names of patients, times as they are here."""
    from tasuki_server.audit.action_names import action_name

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("医療機関", "監査記録の番号", "日時", "患者番号", "行為", "行った人", "記録の識別子"))
    for each in acts:
        at = f"{each.at.astimezone():%Y-%m-%d %H:%M:%S}"
        cells = (
            each.institution, each.number, at, each.patient or "", action_name(each.action), each.actor, each.subject_id,
        )  # fmt: skip
        # A spreadsheet reads a cell that begins so as a formula.
        writer.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def carry_trail(
    repository: Repository, key: OfflineKey, target: Path, restored: Restored, received: Path | None = None
) -> list[LaterAct]:
    """監査記録の引継ぎ — into a house restored to a clean point; answers the later acts, the oldest first."""
    touching = next((each for each in restored.damages if _touches_trail(each.tables)), None)
    place = Path(tempfile.mkdtemp(prefix="tasuki-later-"))
    place.chmod(0o755)
    try:
        with restored.timed("later"):
            restore(
                repository, key, place / "house", base=restored.manifest.base, received=received,
                choose=lambda _connection, _replay, _restored: "" if touching is None else touching.commit,
            )  # fmt: skip
            with _at(place / "house") as later, _at(target) as clean:
                return _carried(later, clean)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _touches_trail(tables: tuple[tuple[str, int], ...]) -> bool:
    return any(table == TRAIL or table.startswith("audit_") for table, _ in tables)


def _carried(later: psycopg.Connection[Any], clean: psycopg.Connection[Any]) -> list[LaterAct]:
    acts: list[LaterAct] = []
    with clean.transaction():
        clean.execute("SET LOCAL session_replication_role = replica")
        for institution, code in clean.execute("SELECT id, code FROM institutions_institution").fetchall():
            acts += _later_acts(
                later, institution, str(code), _last(clean, "audit_auditevent", "number", institution)
            )
            for table, column in _TABLES:
                _copy(later, clean, table, column, institution, _last(clean, table, column, institution))
    return sorted(acts, key=lambda each: (each.at, each.number))


def _last(connection: psycopg.Connection[Any], table: str, column: str, institution: object) -> int:
    row = connection.execute(
        f"SELECT coalesce(max({column}), 0) FROM {table} WHERE institution_id = %s",  # noqa: S608 - our own names
        [institution],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _later_acts(
    later: psycopg.Connection[Any], institution: object, code: str, last: int
) -> Iterator[LaterAct]:
    rows = later.execute(
        "SELECT e.number, e.at, e.actor, e.action, e.subject_id, coalesce(p.number, 0) FROM audit_auditevent e"
        " LEFT JOIN patients_patient p ON p.id = e.patient_id AND p.institution_id = e.institution_id"
        " WHERE e.institution_id = %s AND e.number > %s ORDER BY e.number",
        [institution, last],
    )
    for number, at, actor, action, subject_id, patient in rows.fetchall():
        yield LaterAct(code, int(number), at, str(actor), str(action), str(subject_id), int(patient))


def _copy(
    later: psycopg.Connection[Any],
    clean: psycopg.Connection[Any],
    table: str,
    column: str,
    institution: object,
    last: int,
) -> None:
    """Row by row as they are, columns by name."""
    names = [
        str(each[0])
        for each in clean.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [table],
        ).fetchall()
    ]
    listed = ", ".join(names)
    source = f"COPY (SELECT {listed} FROM {table} WHERE institution_id = '{institution}' AND {column} > {last}) TO STDOUT"  # noqa: S608
    filled = f"COPY {table} ({listed}) FROM STDIN"
    with (
        later.cursor() as reading,
        clean.cursor() as writing,
        reading.copy(source) as out,  # type: ignore[arg-type]
        writing.copy(filled) as into,  # type: ignore[arg-type]
    ):
        for part in out:
            into.write(bytes(part))


@contextmanager
def _at(house: Path) -> Iterator[psycopg.Connection[Any]]:
    server = Embedded(house)
    try:
        with psycopg.connect(server.start().conninfo(SUPERUSER, DATABASE)) as connection:
            yield connection
    finally:
        server.stop()
