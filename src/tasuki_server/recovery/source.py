# SPDX-License-Identifier: Apache-2.0
"""控えの元 — the running database as its administrator reaches it, and the programs that copy it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import SUPERUSER, Embedded, database_program
from tasuki_server.database.places import data_folder, installation_secrets
from tasuki_server.database.session import DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence


def admin_conninfo(database: str = DATABASE) -> str:
    """管理者の接続文字列 — of the embedded server. Raises :class:`Stop` when there is none that we run."""
    if os.environ.get("TASUKI_DATABASE_URL", ""):
        raise Stop(
            "外部のPostgreSQL（TASUKI_DATABASE_URL）の控えと復元は、そのサーバの仕組みで行ってください。",
            "An external PostgreSQL (TASUKI_DATABASE_URL) is copied and restored by the means of its own keeper.",
        )
    place = Embedded(data_folder()).running_place()
    if place is None:
        raise Stop("データベースが動いていません。", "The database does not run.")
    return place.conninfo(SUPERUSER, database)


def environment() -> dict[str, str]:
    """プログラムの環境 — nothing of ours but the path."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def run_program(name: str, arguments: Sequence[str | Path], **options: Any) -> None:
    """プログラムの実行 — raises :class:`Stop` with the end of what it said."""
    done = subprocess.run(
        [str(database_program(name)), *map(str, arguments)],
        env=environment(), capture_output=True, text=True, check=False, cwd="/", **options,
    )  # fmt: skip
    if done.returncode != 0:
        raise Stop(f"{name} が失敗しました。\n{done.stderr[-800:]}", f"{name} failed.\n{done.stderr[-800:]}")


def signing_key() -> Ed25519PrivateKey:
    """控えの署名鍵 — of this installation; its public half goes into the offline key's file."""
    return Ed25519PrivateKey.from_private_bytes(installation_secrets().derived("backup-signature"))


def signer() -> bytes:
    """控えの署名の公開鍵 — by which objects of this installation are known."""
    return signing_key().public_key().public_bytes_raw()
