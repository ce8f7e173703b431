# SPDX-License-Identifier: Apache-2.0
"""秘密の訓練 — marks in every secret are looked for where they must not be; ciphertexts are moved; keys change under load."""

from __future__ import annotations

import io
import logging
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.database.embedded import SUPERUSER, Embedded
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import as_superuser, training_ground
from tasuki_server.drills.kept_log import kept_log
from tasuki_server.drills.marker_search import (
    Mark,
    arguments_of_processes,
    dump_of,
    seen_in,
    seen_in_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tasuki_server.drills.marked_clinic import MarkedClinic

ROTATIONS = {Tier.PUSH: 1, Tier.LONG: 12}
# Patients beside the marked one, so that a rotation takes a while.
CROWD = {Tier.PUSH: 60, Tier.LONG: 1_500}
LOG_CONTROL = "訓練の記録: %s"


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """秘密の訓練 — see the module."""
    from tasuki_server.drills.moved_seals import moved_seals
    from tasuki_server.drills.rotation_load import rotate_under_load

    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    counts: dict[str, int | float] = {}
    faults: list[str] = []
    with training_ground() as folder, _own_temporary(folder), kept_log() as log:
        from tasuki_server.drills.marked_clinic import marked_clinic, signed_in

        clinics = [marked_clinic(number, chosen) for number in (1, 2)]
        browsers = {role: signed_in(clinics[0], role) for role in ("doctor", "clerk", "admin")}
        marks = [*clinics[0].marks, *clinics[1].marks, *installation_marks(clinics)]
        pages, cached = cacheable_answers(clinics[0], browsers)
        faults += cached
        faults += error_pages(clinics[0], browsers["clerk"], marks)
        counts |= {"marks": len(marks), "pages": pages}
        tell(f"{pages} pages")
        seen, size = everywhere(folder, marks, log)
        counts |= {"megabytes_searched": round(size / 1e6, 1), "sightings": len(seen)}
        faults += [str(each) for each in seen]
        tell(f"{size / 1e6:.0f} MB, {len(seen)} sightings")
        moved, opened = moved_seals([each.id for each in clinics])
        counts |= {"moved": moved, "moved_opened": len(opened)}
        faults += opened
        tell(f"{moved} moved")
        load = rotate_under_load(clinics[0], browsers, CROWD[tier], ROTATIONS[tier])
        counts |= load.counts
        faults += load.faults
        tell(f"{load.counts}")
        control = planted(folder, clinics, marks, log)
    return Finding(counts, tuple(faults), control, all(control.values()))


def everywhere(folder: Path, marks: list[Mark], log: io.StringIO) -> tuple[list[object], int]:
    """すべての場所の検索 — dump, files of the database, logs, temporary files and arguments of processes."""
    with as_superuser() as owner:
        # What is only in memory yet comes to the files.
        owner.execute("CHECKPOINT")
        others = owner.execute("SELECT oid FROM pg_database WHERE datname <> current_database()").fetchall()
    dump = whole_dump(folder)
    secret = [each for each in marks if not each.is_kept_plain]
    found: list[object] = [*seen_in(dump, "データベースの書出し", secret)]
    files, size = seen_in_files(
        folder / "postgresql", secret, "データベースのファイル", {f"base/{oid}" for (oid,) in others}
    )
    logs, more = seen_in_files(folder / "log", marks, "記録のファイル")
    temporary, most = seen_in_files(folder / "tmp", marks, "一時ファイル")
    spoken = log.getvalue().encode()
    found += [*files, *logs, *temporary, *seen_in(spoken, "サーバの記録", marks)]
    arguments = arguments_of_processes()
    found += seen_in(arguments, "プロセスの引数", marks)
    return found, len(dump) + size + more + most + len(spoken) + len(arguments)


def whole_dump(folder: Path) -> bytes:
    """データベースの書出し — as its superuser."""
    from tasuki_server.database.session import DATABASE

    place = Embedded(folder).running_place()
    assert place is not None
    return dump_of(place.conninfo(SUPERUSER, DATABASE))


def installation_marks(clinics: list[MarkedClinic]) -> list[Mark]:
    """設置の秘密 — its key, the passwords of the roles, and the data keys as they are when opened."""
    from tasuki_server.database.places import installation_secrets
    from tasuki_server.database.roles import LOGINS
    from tasuki_server.keys.kept_key import KeyPurpose
    from tasuki_server.keys.models import DataKey
    from tasuki_server.keys.ring import key_of

    secrets = installation_secrets()
    marks = [Mark("設置の秘密鍵", secrets.key)]
    marks += [Mark(f"接続パスワード（{role}）", secrets.password(role)) for role in LOGINS]
    for clinic in clinics:
        with clinic.work():
            for purpose in KeyPurpose.values:
                key = key_of(DataKey, clinic.id, purpose, 1)
                assert key is not None
                marks.append(Mark(f"データ鍵（{purpose}）", key.hex()))
                marks.append(Mark(f"データ鍵（{purpose}、バイト列）", key.decode("latin-1")))
    return marks


def cacheable_answers(clinic: MarkedClinic, browsers: dict[str, Client]) -> tuple[int, list[str]]:
    """ブラウザーに残る応答 — every address by someone signed in: nothing of it may be kept by a cache."""
    from tasuki_server.accounts.addresses import addresses

    values = {"int": str(clinic.patient.number), "uuid": str(clinic.visit.id)}
    count, faults = 0, []
    for address in addresses():
        if "logout" in address.template:
            continue
        path = address.filled(lambda parameter: values.get(parameter.kind, "2026-09"))
        role = "doctor" if "patients" in address.template else ("clerk", "admin")[count % 2]
        answer = browsers[role].get(path)
        count += 1
        if "no-store" not in answer.headers.get("Cache-Control", ""):
            faults.append(f"{address.template}（{role}）の応答がブラウザーに残ります。")
    return count, faults


def error_pages(clinic: MarkedClinic, browser: Client, marks: list[Mark]) -> list[str]:
    """エラー画面 — a fault that quotes a secret, and a statement that fails with one, tell nobody of it."""
    from django.db import IntegrityError

    from tasuki_server.patients import views
    from tasuki_server.patients.models import Demographics

    def break_down(*_: object, **__: object) -> object:
        raise ValueError(f"cannot read {[each.text for each in marks]}")

    kept, views.search_patients = views.search_patients, break_down  # type: ignore[assignment]
    try:
        answer = browser.get("/patients/", {"q": "0312345678"})
    finally:
        views.search_patients = kept
    faults = [str(each) for each in seen_in(answer.content, "エラー画面", marks)]
    if answer.status_code != 500:
        faults.append(f"わざと起こした障害の答えが {answer.status_code} です（訓練が確かめられていません）。")
    try:
        with clinic.work():
            found = Demographics.objects.get(record_id=clinic.patient.id)
            # A second version without a reason is refused by the database, which would print the row.
            Demographics(
                patient=clinic.patient, record_id=found.record_id, version=2, name=found.name, kana=found.kana,
                born=found.born, sex=found.sex, phone=found.phone, memo=found.memo,
            ).save()  # fmt: skip
    except IntegrityError:
        return faults
    return [*faults, "理由のない改版が保存されました（訓練が確かめられていません）。"]


def planted(folder: Path, clinics: list[MarkedClinic], marks: list[Mark], log: io.StringIO) -> dict[str, int]:
    """対照 — a mark that is logged, a column left plain and a seal that is not bound to its row: each must be seen."""
    from tasuki.security.sealed_fields import Place
    from tasuki_server.drills.moved_seals import moved_seals

    phone = clinics[0].mark("電話番号")
    logging.getLogger("tasuki_server.drills").warning(LOG_CONTROL, phone)
    logged = len(seen_in(log.getvalue().encode(), "", marks))
    with as_superuser() as owner:
        owner.execute("UPDATE patients_demographics SET phone = %s", [b"\0" + phone.encode()])
    plain = len(seen_in(whole_dump(folder), "", [each for each in marks if each.text == phone]))
    whole = Place.bound
    Place.bound = property(lambda self: b"anywhere")  # type: ignore[assignment, method-assign]
    try:
        _, opened = moved_seals([each.id for each in clinics])
    finally:
        Place.bound = whole  # type: ignore[method-assign]
    return {"logged_mark": logged, "column_left_plain": plain, "seal_not_bound": len(opened)}


@contextmanager
def _own_temporary(folder: Path) -> Iterator[None]:
    """Temporary files of the drill's own, to be looked through; and a log as in service, without TASUKI_DEBUG."""
    own = folder / "tmp"
    own.mkdir(mode=0o777)
    before = {name: os.environ.pop(name, None) for name in ("TMPDIR", "TASUKI_DEBUG")}
    os.environ["TMPDIR"], tempfile.tempdir = str(own), None
    try:
        yield
    finally:
        tempfile.tempdir = None
        del os.environ["TMPDIR"]
        os.environ.update({name: value for name, value in before.items() if value is not None})


SECRETS = Drill(
    name="secrets",
    title="秘密の保管",
    goal="目印がどこにも見つからず、移した暗号文は開かず、鍵の交換中に失敗する要求が一つもない",
    run=run,
)
