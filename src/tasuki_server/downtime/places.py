# SPDX-License-Identifier: Apache-2.0
"""写しの置き場所 — as the installation has it."""

from __future__ import annotations

from pathlib import Path

from tasuki_server.database.places import data_folder
from tasuki_server.settings_table import text

FOLDER = "TASUKI_DOWNTIME_FOLDER"


def copies_folder(given: Path | None = None) -> Path:
    """写しの置き場所 — as given, as set, or below the data."""
    return given or Path(text(FOLDER) or data_folder() / "downtime")
