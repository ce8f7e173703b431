# SPDX-License-Identifier: Apache-2.0
"""外からの利用の結果 — one thing that a client asked, what must come, and what came."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """結果の一行 — see the module; ``is_right`` by the client's own judgement."""

    client: str
    what: str
    wanted: str
    came: str
    is_right: bool

    def row(self) -> str:
        """表の一行 — for a page of Markdown."""
        cells = (self.client, self.what, self.wanted, self.came)
        plain = " | ".join(each.replace("|", "\\|").replace("\n", " ")[:300] for each in cells)
        return f"| {plain} | {'' if self.is_right else 'NOT AS IT MUST BE'} |"
