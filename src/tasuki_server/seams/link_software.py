# SPDX-License-Identifier: Apache-2.0
"""連携ソフトの代わり — what the program on the eligibility terminal does: files of the folders to the service and back.

A stand-in for the simulator and for tests; it asks the same wire as a WebAPI does. It writes as such programs do,
straight under the final name, so that a reader may find half a file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from tasuki.eligibility.file_names import read_file_name
from tasuki_server.platform.wire import NotReached, Wire

PARTS = ("req", "res", "face", "trash")
Write = Callable[[Path, bytes], None]


class LinkSoftware:
    """連携ソフトの代わり — ``write`` may be replaced, to leave half a file behind."""

    def __init__(self, root: Path, wire: Wire, write: Write | None = None) -> None:
        self.req, self.res, self.face, self.trash = (root / name for name in PARTS)
        for each in (self.req, self.res, self.face, self.trash):
            each.mkdir(parents=True, exist_ok=True)
        self._wire = wire
        self._write = write or _written
        self._since = 0

    def step(self) -> int:
        """一巡 — what lies in ``req`` is asked, what was read at the card reader goes to ``face``; returns how many."""
        return self.ask() + self.fetch()

    def ask(self) -> int:
        """要求の処理 — a request that does not reach the service stays for the next round."""
        done = 0
        for found in sorted(self.req.glob("*.xml")):
            named = read_file_name(found.name)
            if named is None or named.is_answer:
                continue
            try:
                path = f"eligibility/messages?{urlencode({'file': found.name})}"
                reply = self._wire("POST", path, found.read_bytes())
            except NotReached:
                continue
            if reply.status == 200:
                self._write(self.res / named.answer, reply.body)
                found.unlink(missing_ok=True)
                done += 1
        return done

    def fetch(self) -> int:
        """カードの結果 — each once, under the name the service gave it."""
        try:
            reply = self._wire("GET", f"eligibility/faces?since={self._since}")
            told = msgspec.json.decode(reply.body) if reply.status == 200 else {"faces": []}
        except (NotReached, msgspec.DecodeError):
            return 0
        for each in told["faces"]:
            self._write(self.face / each["file"], each["message"].encode())
            self._since = each["number"]
        return len(told["faces"])


def _written(place: Path, data: bytes) -> None:
    place.write_bytes(data)
