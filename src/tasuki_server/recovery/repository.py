# SPDX-License-Identifier: Apache-2.0
"""控えの置き場所 — a folder of signed objects that are written once: bases with their manifests, and the log since.

``bases/ID/base``, ``bases/ID/secrets`` and ``log/BRANCH/SEGMENT`` are sealed; ``bases/ID/manifest`` is signed and readable,
so that what is there can be listed and verified where the offline key is not. Nothing is ever written twice.
What a power cut left of a write has no name of an object: it is never listed, verified, sent or read back.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tasuki_server.cli.words import Stop
from tasuki_server.database.places import sync_folder
from tasuki_server.recovery.offline_key import BrokenObject
from tasuki_server.recovery.sealed_stream import check_signature

NAME = re.compile(r"(?:bases|log)/[A-Za-z0-9-]{1,64}/[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_KINDS = ("bases", "log")
_UNFINISHED = ".unfinished-"
# So long no write goes without adding a byte: what stands still longer was left by a process that died.
LEFT_SECONDS = 86_400


class Repository:
    """控えの置き場所 — one folder; whoever may write in it may also erase, hence the third copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, write: Callable[[BinaryIO], None]) -> int:
        """書込み — whole and on disk before it has its name; answers its size.

        Raises :class:`tasuki_server.cli.words.Stop` when the place cannot be written, ``FileExistsError`` when the name is taken.
        """
        place = self.place(name)
        unfinished = place.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as out:
                write(out)
                out.flush()
                os.fsync(out.fileno())
                size = out.tell()
            # A link, unlike a rename, is refused where the name is taken.
            os.link(unfinished, place)
            sync_folder(place.parent)
        except FileExistsError:
            raise
        except OSError as error:
            raise Stop(
                f"控えの置き場所 {self.folder} に書けません（{error.strerror}）。",
                f"Cannot write into the repository {self.folder} ({error.strerror}).",
            ) from error
        finally:
            # Also where the folder of it cannot be made: what was wrong is told, not that nothing is to be tidied.
            with suppress(OSError):
                unfinished.unlink()
        return size

    def open(self, name: str) -> BinaryIO:
        """読出し — raises :class:`BrokenObject` when it is not there."""
        try:
            return self.place(name).open("rb")
        except OSError as error:
            raise BrokenObject(name, "is not there") from error

    def has(self, name: str) -> bool:
        """あるか — whether an object has the name."""
        return self.place(name).is_file()

    def names(self, under: str = "") -> Iterator[str]:
        """一覧 — of whole objects, in order."""
        for kind in _KINDS:
            for path in sorted((self.folder / kind).glob("*/*")):
                name = str(path.relative_to(self.folder))
                if path.is_file() and NAME.fullmatch(name) and name.startswith(under):
                    yield name

    def tidy(self, now: float) -> int:
        """途中で切れた書込みの片付け — what has stood still for a day; answers how many went."""
        left = [
            path
            for kind in _KINDS
            for path in (self.folder / kind).glob(f"*/{_UNFINISHED}*")
            if path.stat().st_mtime < now - LEFT_SECONDS
        ]
        for path in left:
            path.unlink()
        return len(left)

    def size(self, name: str) -> int:
        """大きさ — in bytes."""
        return self.place(name).stat().st_size

    def place(self, name: str) -> Path:
        """ファイル — of a name; raises ``ValueError`` for one that no object has."""
        if not NAME.fullmatch(name) or ".." in name:
            raise ValueError(name)
        return self.folder / name

    def broken(self, signer: bytes) -> Iterator[BrokenObject]:
        """検証 — every object whose bytes are not those that were signed under its name; no offline key is needed."""
        for name in self.names():
            try:
                with self.open(name) as stream:
                    check_signature(name, stream, signer)
            except BrokenObject as error:
                yield error
