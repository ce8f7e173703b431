# SPDX-License-Identifier: Apache-2.0
"""世代との連絡 — one line between ``up`` and a generation of the page server: "ready" or "failed" comes up, "drain" goes down."""

from __future__ import annotations

import os
import socket

# Which of the inherited files the line is; set by ``up`` for the page server alone.
VARIABLE = "TASUKI_GENERATION_LINE"
READY, FAILED, DRAIN = b"ready\n", b"failed\n", b"drain\n"


def own_end() -> socket.socket | None:
    """こちらの端 — inside the page server; None when it was started by hand."""
    number = os.environ.get(VARIABLE, "")
    if not number.isdecimal():
        return None
    end = socket.socket(fileno=int(number))
    end.setblocking(False)
    return end
