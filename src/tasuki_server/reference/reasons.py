# SPDX-License-Identifier: Apache-2.0
"""理由の表示 — a line's reasons as sentences, each with the rule of the catalogue it comes from."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.calculation import Line
from tasuki.calculation.rule_catalogue import rule_catalogue
from tasuki.calculation.sentences import explain


class Reason(NamedTuple):
    """理由 — a sentence, and the rule that spoke; "" where the catalogue has no page for it."""

    text: str
    rule_id: str = ""
    title: str = ""

    def __str__(self) -> str:
        return self.text


def reasons_of(line: Line) -> tuple[Reason, ...]:
    """明細の理由 — in their order, the deciding one last."""
    known = rule_catalogue()
    return tuple(
        Reason(text, because.rule_id, known[because.rule_id].title)
        if because.rule_id in known and because.rule_id != "order"
        else Reason(text)
        for text, because in zip(explain(line), line.because, strict=True)
    )
