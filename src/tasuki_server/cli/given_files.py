# SPDX-License-Identifier: Apache-2.0
"""渡されたファイル — read whole, or said in words why not."""

from __future__ import annotations

import sys
from pathlib import Path

from tasuki_server.cli.words import Stop


def read_given(name: Path | str) -> bytes:
    """ファイルの読取り — ``-`` is the standard input. Raises :class:`Stop` for what cannot be read."""
    if str(name) == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as trouble:
        raise Stop(
            f"{name} を読めません（{trouble.strerror}）。", f"Cannot read {name} ({trouble.strerror})."
        ) from trouble
