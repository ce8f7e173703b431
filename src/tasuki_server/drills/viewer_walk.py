# SPDX-License-Identifier: Apache-2.0
"""停止時ビューアを歩く — a process without network, database or secrets, that has the copy's folder and a card.

Reads what is asked from standard input and tells what it saw on standard output, both JSON.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tasuki_server.downtime.desk import Desk
from tasuki_server.drills.cut_network import cut_network, interfaces

_LINK = re.compile(r'href="(/chart/[0-9a-f-]{36})"')


class Reader:
    """読む人 — a browser at the desk, with its clock."""

    def __init__(self, desk: Desk) -> None:
        self._base = f"http://127.0.0.1:{desk.server_port}"
        self._browser = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
        )
        self.get(desk.address.removeprefix(self._base))

    def get(self, path: str, **form: str) -> dict[str, Any]:
        """画面 — or a form that is sent."""
        begin = time.monotonic()
        data = urlencode(form).encode() if form else None
        try:
            answer = self._browser.open(self._base + path, data=data, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            return {"status": answer.status, "seconds": time.monotonic() - begin, "text": text}


def walk(asked: dict[str, Any]) -> dict[str, Any]:
    """歩く — opens the copy, and for each number searches and opens the chart."""
    log = Path(asked["log"]) if asked.get("log") else None
    desk = Desk(Path(asked["folder"]), lambda: datetime.now(UTC), log)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    try:
        reader = Reader(desk)
        opened = reader.get("/open", staff=asked["staff"], code=asked["code"])
        charts = {}
        for number in asked["numbers"] if opened["status"] == 200 else ():
            found = _LINK.findall(reader.get("/search", q=str(number))["text"])
            charts[str(number)] = (
                reader.get(found[0]) if len(found) == 1 else {"status": 0, "found": len(found)}
            )
        names = {
            name: len(_LINK.findall(reader.get("/search", q=name)["text"])) for name in asked.get("names", ())
        }
        return {"opened": opened, "charts": charts, "names": names}
    finally:
        desk.shutdown()
        desk.server_close()


def main() -> None:
    """入口."""
    asked = json.load(sys.stdin)
    is_cut = cut_network()
    told = walk(asked)
    told |= {
        "is_cut": is_cut,
        "interfaces": interfaces() if is_cut else [],
        "secrets": sorted(
            name for name in os.environ if name.startswith("TASUKI_") and name != "TASUKI_HOME"
        ),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
