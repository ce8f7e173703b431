# SPDX-License-Identifier: Apache-2.0
"""自前のデータベース — a PostgreSQL of the bench alone, in a folder of its own, that goes with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def own_database() -> Iterator[Any]:
    """データベース — its connections; the tables are not made yet."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        os.environ["TASUKI_DATA"] = str(Path(folder) / "data")
        from tasuki_server.database.session import connected

        with connected(with_owner=True) as attached:
            yield attached.connections
