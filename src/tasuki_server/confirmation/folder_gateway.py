# SPDX-License-Identifier: Apache-2.0
"""フォルダ連携 — requests and results as files in the folders of the link software on the eligibility terminal.

``req`` is written (under a name of ours first, then renamed: the link software must not read half a file), ``res`` and
``face`` are read, and what is kept here is moved to ``trash``. A file that another system of the house asked for, one
that is still being written, and one that is no message are left where they are.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 連携フォルダ（req・res・face・trash）
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tasuki.eligibility.file_names import read_file_name
from tasuki.eligibility.xml_text import MOST_BYTES
from tasuki_server.confirmation.gateway import Arrived, NotReached
from tasuki_server.settings_table import listed, text

PARTS = ("req", "res", "face", "trash")
# A whole message ends so; one that does not is still being written, or was cut.
_END = b"</XmlMsg>"
# What is not whole after so long never will be: it goes to the trash, and the request is asked again.
BROKEN_SECONDS = 300.0
MOST_AT_ONCE = 50


class FolderGateway:
    """フォルダ連携 — see the module; ``folders`` are req, res, face and trash."""

    def __init__(
        self, folders: tuple[Path, Path, Path, Path], clock: Callable[[], float] = time.time
    ) -> None:
        self.req, self.res, self.face, self.trash = folders
        self._clock = clock

    @classmethod
    def for_institution(cls, number: str) -> FolderGateway:
        """医療機関のフォルダ — below ``TASUKI_OQS_FOLDER``, in one of the ten digits where there is one.

        Raises :class:`.gateway.NotReached` where none is set.
        """
        if not text("TASUKI_OQS_FOLDER"):
            raise NotReached("サーバの設定 TASUKI_OQS_FOLDER に連携フォルダの場所がありません")
        root = Path(text("TASUKI_OQS_FOLDER")).expanduser()
        place = root / number if (root / number).is_dir() else root
        names = listed("TASUKI_OQS_FOLDER_NAMES")
        parts = [place / name for name in (names if len(names) == len(PARTS) else PARTS)]
        return cls((parts[0], parts[1], parts[2], parts[3]))

    def send(self, file: str, data: bytes) -> bytes | None:
        """送信 — the same name again replaces the same content, which is harmless. See :class:`.gateway.Gateway`."""
        if (self.req / file).exists():
            return None
        part = self.req / f".{file}.part"
        try:
            with part.open("wb") as sink:
                sink.write(data)
                sink.flush()
                os.fsync(sink.fileno())
            part.replace(self.req / file)
        except OSError as away:
            raise NotReached(f"フォルダ {self.req} に書けません（{away.strerror}）") from away
        return None

    def answers(self, wanted: Iterable[str]) -> list[Arrived]:
        """結果の受取り — see :class:`.gateway.Gateway`; a bulk result may be a ZIP of the same name."""
        stems = {Path(name).stem for name in wanted}
        return [each for each in self._whole(self.res) if Path(each.file).stem in stems]

    def faces(self, since: int) -> list[Arrived]:
        """カードリーダーの結果 — in the order of their names, which carry the time."""
        return [each for each in self._whole(self.face) if _is_face(each.file)]

    def settle(self, arrived: Arrived) -> None:
        """済み — to ``trash``; a file that is gone already was moved by someone who is quicker."""
        for folder in (self.face, self.res):
            found = folder / arrived.file
            try:
                if found.exists():
                    self._away(found)
            except OSError as away:
                raise NotReached(f"フォルダ {self.trash} に移せません（{away.strerror}）") from away

    def _whole(self, folder: Path) -> Iterator[Arrived]:
        try:
            with os.scandir(folder) as entries:
                names = sorted(each.name for each in entries if each.is_file())
        except OSError as away:
            raise NotReached(f"フォルダ {folder} が読めません（{away.strerror}）") from away
        taken = 0
        for name in names:
            if read_file_name(name) is None or taken >= MOST_AT_ONCE:
                continue
            found = folder / name
            try:
                size, changed = found.stat().st_size, found.stat().st_mtime
                data = found.read_bytes() if size <= MOST_BYTES else b""
            except OSError:
                # Locked by its writer, or gone: asked for again at the next round.
                continue
            if data.startswith(b"PK") or data.rstrip().endswith(_END):
                taken += 1
                yield Arrived(name, data)
            elif self._clock() - changed > BROKEN_SECONDS:
                self._away(found)

    def _away(self, found: Path) -> None:
        """A name that the trash has already gets a number: nothing there is overwritten."""
        place, count = self.trash / found.name, 0
        while place.exists():
            count += 1
            place = self.trash / f"{found.stem}.{count}{found.suffix}"
        found.replace(place)


def _is_face(name: str) -> bool:
    known = read_file_name(name)
    return known is not None and known.is_from_card_reader
