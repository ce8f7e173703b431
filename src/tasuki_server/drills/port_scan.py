# SPDX-License-Identifier: Apache-2.0
"""探索役 — tries ports from inside a namespace; questions as JSON on standard input, the open ones as JSON on standard output."""

from __future__ import annotations

import errno
import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence

AT_ONCE = 400
SECONDS = 0.5
Probe = tuple[str, str, str, int]


def main() -> None:
    """探索 — each probe is (own address, other address, protocol, port)."""
    asked = [tuple(each) for each in json.load(sys.stdin)]
    found: list[Probe] = []
    for begin in range(0, len(asked), AT_ONCE):
        found += open_of(asked[begin : begin + AT_ONCE])  # type: ignore[arg-type]
    json.dump(found, sys.stdout)


def open_of(probes: Sequence[Probe]) -> list[Probe]:
    """開いているポート — those that answered within half a second."""
    found = []
    with selectors.DefaultSelector() as waiting:
        left = 0
        for probe in probes:
            left += _begin(probe, waiting)
        until = time.monotonic() + SECONDS
        while left and (now := time.monotonic()) < until:
            for key, _ in waiting.select(until - now):
                made: socket.socket = key.fileobj  # type: ignore[assignment]
                if _answered(made, key.data):
                    found.append(key.data)
                waiting.unregister(made)
                made.close()
                left -= 1
        for key in list(waiting.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return found


def _begin(probe: Probe, waiting: selectors.BaseSelector) -> int:
    own, other, protocol, port = probe
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    made = socket.socket(socket.AF_INET, kind)
    made.setblocking(False)
    try:
        made.bind((own, 0))
        result = made.connect_ex((other, port))
        if protocol == "udp":
            made.send(b"?")
    except OSError:
        made.close()
        return 0
    if result not in (0, errno.EINPROGRESS):
        made.close()
        return 0
    waiting.register(made, selectors.EVENT_WRITE if protocol == "tcp" else selectors.EVENT_READ, probe)
    return 1


def _answered(made: socket.socket, probe: Probe) -> bool:
    if probe[2] == "tcp":
        return made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    try:
        return bool(made.recv(2048))
    except OSError:
        return False


if __name__ == "__main__":
    main()
