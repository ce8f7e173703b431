# SPDX-License-Identifier: Apache-2.0
"""訓練中の記録 — what the server would write to its log, in its own form, kept instead of shown."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_log() -> Iterator[io.StringIO]:
    """記録の控え — of every logger of the server."""
    from tasuki_server.shell.log_lines import SafeLine

    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(SafeLine())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    others = {logger: logger.handlers[:] for logger in loggers}
    for logger in loggers:
        logger.handlers = [handler]
    try:
        yield kept
    finally:
        for logger, before in others.items():
            logger.handlers = before
