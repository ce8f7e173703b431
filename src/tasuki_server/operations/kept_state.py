# SPDX-License-Identifier: Apache-2.0
"""番の控え — what the keeper of ``up`` measured last, for the page server to tell; a file, because only ``up`` may ask it all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tasuki_server.database.places import data_folder


def place() -> Path:
    """置き場所 — below the data folder."""
    return data_folder() / "operations"


def read_state(name: str = "state.json") -> dict[str, Any]:
    """控えの読取り — empty before the first; a half file never stands there."""
    try:
        found = json.loads((place() / name).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_state(state: dict[str, Any], name: str = "state.json") -> None:
    """控えの書込み — in one step."""
    folder = place()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{name}.new"
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(folder / name)
