# SPDX-License-Identifier: Apache-2.0
"""応答役 — answers on one TCP and one UDP port, to which a namespace turns all others; run inside it by the drill of segments."""

from __future__ import annotations

import selectors
import socket
import sys

PORT = 9


def main() -> None:
    """応答 — takes every connection and closes it, sends every datagram back, until it is ended."""
    waiting = selectors.DefaultSelector()
    door = socket.create_server(("0.0.0.0", PORT), backlog=4096)  # noqa: S104 - a namespace of its own
    echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    echo.bind(("0.0.0.0", PORT))  # noqa: S104 - a namespace of its own
    for each in (door, echo):
        each.setblocking(False)
        waiting.register(each, selectors.EVENT_READ)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        for key, _ in waiting.select():
            try:
                if key.fileobj is door:
                    door.accept()[0].close()
                else:
                    said, who = echo.recvfrom(2048)
                    echo.sendto(said or b"?", who)
            except OSError:
                continue


if __name__ == "__main__":
    main()
