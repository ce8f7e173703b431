# SPDX-License-Identifier: Apache-2.0
"""記録の行 — log lines that never quote data: the kind and place of a fault, not its text."""

from __future__ import annotations

import logging
import os
import traceback


class SafeLine(logging.Formatter):
    """安全な記録行 — an exception's message may quote a record, so the frames and the kind alone are written."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name is logging's
        """例外の行 — frames without the message, unless TASUKI_DEBUG is set."""
        kind, value, trace = ei  # type: ignore[misc]
        if os.environ.get("TASUKI_DEBUG"):
            return "".join(traceback.format_exception(kind, value, trace))
        frames = traceback.extract_tb(trace)
        places = [
            f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-12:]
        ]
        return f"{kind.__name__} at " + " < ".join(reversed(places))
