# SPDX-License-Identifier: Apache-2.0
"""写しの閲覧 — opens a copy with a person's card, finds patients and opens charts; each view is written down first.

Needs files and nothing else: no database, no server, no network, no masters. Nothing in a copy can be changed with it.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.security.downtime_seal import CannotOpen, open_as, open_card, open_part, part_key
from tasuki.security.view_log import View, next_line
from tasuki_server.downtime.files import (
    VIEWS,
    Cover,
    Entry,
    Holder,
    card_owner,
    read_alive,
    read_cover,
    read_part,
)
from tasuki_server.downtime.keys import log_key
from tasuki_server.patients.birth_text import read_days

# 標準仕様: the copy is to be no older than this when the server stops.
FRESH = timedelta(minutes=5)
MOST_FOUND = 30
HIDDEN_NAME = "（閲覧制限）"


class LogRefused(Exception):
    """閲覧記録に書けない — then nothing is shown."""


class Found(NamedTuple):
    """見つかった患者 — as the list shows it; a sealed one of others by its number only."""

    patient: str
    number: int
    name: str
    kana: str
    born: str
    sex: str
    may_open: bool


class Age(NamedTuple):
    """写しの古さ — since it was made, and at the moment the server was last seen alive (None: not known)."""

    made_at: datetime
    now: timedelta
    at_stop: timedelta | None

    @property
    def is_stale(self) -> bool:
        """古いか — older than five minutes when the server stopped; or now, where that is not known."""
        return (self.now if self.at_stop is None else self.at_stop) > FRESH

    @property
    def is_past(self) -> bool:
        """5分より前の写しか — whether what happened since may be missing."""
        return self.now > FRESH


@dataclass(slots=True)
class ViewLog:
    """閲覧記録 — one file for each sitting, on the disk before anything is shown."""

    path: Path
    key: bytes
    last: View | None = None

    def write(self, fields: Mapping[str, object]) -> None:
        """記入 — raises :class:`LogRefused`."""
        view, text = next_line(self.key, self.last, fields)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LogRefused(self.path) from error
        self.last = view


@dataclass(slots=True)
class Sitting:
    """閲覧の席 — one person with an opened copy."""

    folder: Path
    cover: Cover
    holder: Holder
    signer: bytes
    root: bytes
    sealed: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Entry]
    plan: list[list[str]]
    log: ViewLog
    clock: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def age(self) -> Age:
        """写しの古さ."""
        return age_of(self.folder, self.cover, self.signer, self.clock())

    def search(self, text: str) -> list[Found]:
        """患者の検索 — by kana, name, chart number or birth date; noted, without what was typed."""
        words = unicodedata.normalize("NFKC", text).split()
        found = [self._found(each) for each in self.rows.values() if words and self._hits(each, words)]
        found.sort(key=lambda each: (each.kana, each.number))
        self._note("search", None, found=len(found))
        return found[:MOST_FOUND]

    def chart(self, patient: str) -> dict[str, Any]:
        """カルテを開く — noted first; raises :class:`CannotOpen` for a sealed one of others and :class:`KeyError`."""
        row, mine = self.rows[patient], self.sealed.get(patient)
        if row.is_sealed and mine is None:
            self._note("refused", patient)
            raise CannotOpen("sealed")
        self._note("open", patient, sealed=row.is_sealed)
        key = (
            bytes.fromhex(mine["key"])
            if mine is not None and row.is_sealed
            else part_key(self.root, f"chart {patient}")
        )
        closed = read_part(self.folder, row.file, row.sha256)
        chart: dict[str, Any] = json.loads(open_part(key, closed, f"{self.cover.place}/{patient}"))
        return chart

    def _found(self, row: Entry) -> Found:
        mine = self.sealed.get(row.patient)
        if row.is_sealed and mine is not None:
            return Found(row.patient, row.number, mine["name"], mine["kana"], mine["born"], mine["sex"], True)
        name = HIDDEN_NAME if row.is_sealed else row.name
        return Found(row.patient, row.number, name, row.kana, row.born, row.sex, not row.is_sealed)

    def _hits(self, row: Entry, words: list[str]) -> bool:
        if len(words) == 1 and words[0].isdecimal() and int(words[0][:9]) == row.number:
            return True
        mine = self.sealed.get(row.patient) if row.is_sealed else None
        if not row.is_listed and mine is None:
            # A sealed or planted chart is found by its number alone, as on the pages of the server.
            return False
        keys = (row.name_key, row.kana_key) if mine is None else (mine["name_key"], mine["kana_key"])
        born = row.born if mine is None else mine["born"]
        joined = search_key("".join(words))
        if joined and not joined.isdecimal() and any(joined in each for each in keys):
            return True
        return all(_is_in(word, keys, born) for word in words)

    def _note(self, act: str, patient: str | None, **more: object) -> None:
        fields = {"act": act, "at": self.clock().isoformat(), "staff": self.holder.staff, **more}
        with self._lock:
            self.log.write(fields | ({"patient": patient} if patient else {}))


def _is_in(word: str, keys: tuple[str, str], born: str) -> bool:
    days = read_days(word)
    if days is not None:
        return days.since.isoformat() <= born <= days.until.isoformat()
    # A number is a chart number or a day, never a part of a name.
    key = "" if word.isdecimal() else search_key(word)
    return bool(key) and any(key in each for each in keys)


def age_of(folder: Path, cover: Cover, signer: bytes, now: datetime) -> Age:
    """写しの古さ — told by the copy and by the mark of the server's last moment."""
    alive = read_alive(folder, signer)
    return Age(cover.made_at, now - cover.made_at, None if alive is None else alive - cover.made_at)


def sit_down(
    folder: Path, staff: str, code: str, clock: Callable[[], datetime], log_folder: Path | None = None
) -> Sitting:
    """写しを開く — a member of staff with the code of their card. Raises :class:`CannotOpen`.

    The cover must bear the signature that the card remembers: a copy that somebody else made does not open.
    """
    claimed = read_cover(folder)
    claimant = next((each for each in claimed.holders if each.staff == staff), None)
    if claimant is None:
        raise CannotOpen("card")
    keys = open_card(code, card_owner(claimed.institution, staff), claimant.wrapped)
    # Read again, now against the signature: what was claimed so far chose the person and no more.
    cover = read_cover(folder, keys.signer)
    holder = next((each for each in cover.holders if each.staff == staff), claimant)
    given = json.loads(open_as(keys.private, holder.keys, cover.place))
    root = bytes.fromhex(given["root"])
    sealed = read_part(folder, cover.catalogue, cover.catalogue_sha256)
    content = json.loads(open_part(part_key(root, "catalogue"), sealed, f"{cover.place}/catalogue"))
    name = f"{clock():%Y%m%d-%H%M%S}-{secrets.token_hex(8)}"
    log = ViewLog((log_folder or folder / VIEWS) / f"{name}.log", log_key(root))
    log.write(
        {
            "act": "begin",
            "at": clock().isoformat(),
            "staff": holder.staff,
            "institution": cover.institution,
            "epoch": cover.epoch,
            "made_at": cover.made_at.isoformat(),
            "log": name,
            "device": socket.gethostname()[:60],
        }
    )
    rows = {row[0]: Entry(*row) for row in content["patients"]}
    return Sitting(
        folder, cover, holder, keys.signer, root, given["sealed"], rows, content["plan"], log, clock
    )
