# SPDX-License-Identifier: Apache-2.0
"""計測値 — one JSON line a figure, with what it is held against and how busy the machine was."""

from __future__ import annotations

import json
import os


def report(
    name: str, value: float, unit: str, peer: float | str | None = None, ratio: float | None = None
) -> None:
    """計測値の一行 — ``peer`` is another's figure of the same unit, or names it; then ``ratio`` is given."""
    if ratio is None and isinstance(peer, float | int) and peer:
        ratio = value / peer
    line = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "peer": round(peer, 3) if isinstance(peer, float) else peer,
        "ratio": None if ratio is None else round(ratio, 4),
        "load": round(os.getloadavg()[0], 2),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
