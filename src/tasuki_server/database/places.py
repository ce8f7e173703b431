# SPDX-License-Identifier: Apache-2.0
"""置き場所 — where this installation keeps its data, secrets and log."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


def home() -> Path:
    """設置場所 — the checkout, as the start script tells it."""
    given = os.environ.get("TASUKI_HOME")
    return Path(given) if given else Path(__file__).resolve().parents[3]


def data_folder() -> Path:
    """データの置き場所 — TASUKI_DATA, or `var` in the checkout.

    Run as root from a folder that other users cannot enter, the database (which refuses to run as root) could
    not reach `var`; then the data goes below /var/lib/tasuki, one folder for each checkout.
    """
    given = os.environ.get("TASUKI_DATA")
    if given:
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0 and not can_others_enter(home()):
        mark = hashlib.sha256(str(home()).encode()).hexdigest()[:8]
        return Path("/var/lib/tasuki") / f"{home().name}-{mark}"
    return home() / "var"


def can_others_enter(folder: Path) -> bool:
    """他の利用者が入れるか — whether every folder down to this one may be traversed by anyone."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents) if each.exists())


def sync_folder(folder: Path) -> None:
    """フォルダの書込みの確定 — the names in it are on disk when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Secrets:
    """秘密鍵 — one random key of the installation, and the keys derived from it for one purpose each."""

    key: str

    def derived(self, purpose: str) -> bytes:
        """派生鍵 — 32 bytes that serve one purpose only."""
        return hmac.new(self.key.encode(), f"tasuki:{purpose}".encode(), hashlib.sha256).digest()

    def password(self, role: str) -> str:
        """接続パスワード — the password of a database role."""
        return self.derived(f"role:{role}").hex()


def installation_secrets() -> Secrets:
    """設置の秘密 — TASUKI_SECRET_KEY, or the key kept in the data folder, made on first use."""
    given = os.environ.get("TASUKI_SECRET_KEY")
    if given:
        return Secrets(given)
    path = _key_file(os.environ.get("TASUKI_DATA", ""), os.environ.get("TASUKI_HOME", ""))
    try:
        state = path.stat()
    except FileNotFoundError:
        state = None
    if state is None or not state.st_size:
        state = _make_key(path)
    return _read(path, state.st_mtime_ns, state.st_size)


def _make_key(path: Path) -> os.stat_result:
    """Once, whoever asks first: `up` and its page server begin together, and no key at all would serve as a key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not os.fstat(file.fileno()).st_size:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        return os.fstat(file.fileno())


@lru_cache(maxsize=4)
def _key_file(_data: str, _home: str) -> Path:
    """Looked up once for the variables that say where it is: every event of the trail asks for the key."""
    return data_folder() / "secrets" / "secret_key"


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Secrets:
    return Secrets(path.read_text().strip())
