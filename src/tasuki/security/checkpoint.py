# SPDX-License-Identifier: Apache-2.0
"""監査のチェックポイント — the size and root of a log as a text of three lines (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
from typing import NamedTuple


class BadCheckpoint(ValueError):
    """読めないチェックポイント — the text is none, or says a size or a root that cannot be."""


class Checkpoint(NamedTuple):
    """チェックポイント — ``origin`` names the log, ``size`` counts its entries, ``root`` covers them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """本文 — what is signed.

        >>> Checkpoint("example/log", 1, bytes(32)).text
        'example/log\\n1\\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n'
        """
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """チェックポイントの読込 — the reverse of :attr:`Checkpoint.text`; further lines are refused.

    Raises :class:`BadCheckpoint`.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise BadCheckpoint("three lines are expected")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1][:18])) != lines[1]:
        raise BadCheckpoint(f"{lines[1][:40]!r} is no size")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise BadCheckpoint("the root is not base64") from error
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2]:
        raise BadCheckpoint("the root is not a SHA-256")
    return Checkpoint(lines[0], int(lines[1]), root)
