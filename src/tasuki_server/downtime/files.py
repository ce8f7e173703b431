# SPDX-License-Identifier: Apache-2.0
"""写しのファイル — where a copy's parts lie, and what its cover says; nothing here knows of a database.

``COVER`` is replaced as the last thing, whole or not at all; a chart's file is never changed, a newer one gets another
name. So a copy that was interrupted, or that is read while it is renewed, is the one before.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tasuki.security.downtime_seal import CannotOpen, check_signature, signed

COVER, ALIVE, CHARTS, VIEWS = "cover.json", "alive.json", "charts", "views"
FORM = 1
_NAME = re.compile(r"[0-9a-f]{32}")


class NoCopy(Exception):
    """写しなし — there is none in this folder, or its cover cannot be read."""


class Holder(NamedTuple):
    """開ける人 — a member of staff, their wrapped key and the keys of the copy, sealed to them."""

    staff: str
    name: str
    public: bytes
    wrapped: bytes
    keys: bytes


class Entry(NamedTuple):
    """目録の行 — one patient; of a sealed one the number only, and a planted one is not listed by name."""

    patient: str
    number: int
    name: str
    kana: str
    name_key: str
    kana_key: str
    born: str
    sex: str
    file: str
    sha256: str
    is_sealed: bool
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """写しの表紙 — whose copy, of which moment, who can open it, and the digest of its catalogue.

    ``event`` is the last event of the trail that the copy knows of; ``epoch`` names the root key.
    """

    institution: str
    code: str
    name: str
    epoch: str
    made_at: datetime
    event: int
    charts: int
    catalogue: str
    catalogue_sha256: str
    holders: tuple[Holder, ...]
    form: int = FORM

    @property
    def place(self) -> str:
        """写しの名 — what every part of it is bound to."""
        return f"{self.institution}/{self.epoch}"


def card_owner(institution: str, staff: str) -> str:
    """開封カードの持ち主 — what a wrapped key is bound to."""
    return f"{institution}/{staff}"


def write_cover(folder: Path, cover: Cover, key: bytes) -> None:
    """表紙の書込み — signed, and in place at once."""
    values = asdict(cover) | {
        "made_at": cover.made_at.isoformat(),
        "holders": [_plain(h) for h in cover.holders],
    }
    _write_signed(folder / COVER, values, key)


def read_cover(folder: Path, signer: bytes | None = None) -> Cover:
    """表紙の読込 — checked against the signer where one is known. Raises :class:`NoCopy`, :class:`CannotOpen`."""
    values = _read_signed(folder / COVER, signer)
    try:
        if values["form"] != FORM:
            raise NoCopy(folder)
        return Cover(
            **{  # type: ignore[arg-type]
                **values,
                "made_at": datetime.fromisoformat(str(values["made_at"])),
                "holders": tuple(_holder(each) for each in values["holders"]),  # type: ignore[attr-defined]
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NoCopy(folder) from error


def write_alive(folder: Path, at: datetime, key: bytes) -> None:
    """稼働の印 — the server lived at this moment; how old a copy was when it stopped is told from it."""
    if (folder / COVER).exists():
        _write_signed(folder / ALIVE, {"at": at.isoformat()}, key)


def read_alive(folder: Path, signer: bytes) -> datetime | None:
    """稼働の印の読込 — None where there is none that the installation signed."""
    try:
        return datetime.fromisoformat(str(_read_signed(folder / ALIVE, signer)["at"]))
    except (NoCopy, CannotOpen, KeyError, ValueError):
        return None


def write_part(folder: Path, content: bytes) -> str:
    """部分の書込み — under a name of its own; returns the name."""
    name = secrets.token_hex(16)
    path = _part_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_whole(path, content)
    return name


def read_part(folder: Path, name: str, digest: str) -> bytes:
    """部分の読込 — raises :class:`CannotOpen` when it is gone or is another one."""
    if not _NAME.fullmatch(name):
        raise CannotOpen("name")
    try:
        content = _part_path(folder, name).read_bytes()
    except OSError as error:
        raise CannotOpen("missing") from error
    if digest_of(content) != digest:
        raise CannotOpen("digest")
    return content


def remove_parts_but(folder: Path, kept: Iterable[str]) -> int:
    """古い部分の削除 — whatever the cover no longer leads to."""
    keep, gone = set(kept), 0
    for path in (folder / CHARTS).glob("*/*"):
        if path.name not in keep:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def digest_of(content: bytes) -> str:
    """要約値 — SHA-256."""
    return sha256(content).hexdigest()


def copies_in(folder: Path) -> list[Path]:
    """写しの置き場所 — the folder itself, or those of several institutions in it."""
    if (folder / COVER).exists():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{COVER}"))


def _part_path(folder: Path, name: str) -> Path:
    return folder / CHARTS / name[:2] / name


def _plain(holder: Holder) -> dict[str, str]:
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in holder._asdict().items()
    }


def _holder(given: Mapping[str, str]) -> Holder:
    keys = {name: base64.b64decode(given[name], validate=True) for name in ("public", "wrapped", "keys")}
    return Holder(given["staff"], given["name"], **keys)


def _write_signed(path: Path, values: Mapping[str, object], key: bytes) -> None:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    signature = base64.b64encode(signed(key, text.encode())).decode()
    _write_whole(path, json.dumps({"text": text, "signature": signature}, ensure_ascii=False).encode())


def _read_signed(path: Path, signer: bytes | None) -> dict[str, object]:
    try:
        given = json.loads(path.read_bytes())
        text, signature = str(given["text"]), base64.b64decode(given["signature"], validate=True)
        values = json.loads(text)
        if not isinstance(values, dict):
            raise TypeError(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoCopy(path) from error
    if signer is not None:
        check_signature(signer, text.encode(), signature)
    return values


def _write_whole(path: Path, content: bytes) -> None:
    """On the disk before it bears its name."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
