# SPDX-License-Identifier: Apache-2.0
"""文の型 — what a rule can say, from the table of sentences, before any visit gives it facts."""

from __future__ import annotations

from string import Formatter

from tasuki.calculation.sentences.render import SENTENCES
from tasuki.kernel.because import Verdict

FACT = "○○"


def rule_patterns(rule_id: str, title: str) -> tuple[tuple[Verdict, str], ...]:
    """文の型 — every sentence of a rule with its verdict; a fact shows as ○○ and the line as the rule's title.

    >>> rule_patterns("no-such-rule", "架空の加算")
    ()
    """
    found: list[tuple[Verdict, str]] = []
    for verdict in Verdict:
        given = SENTENCES.get((rule_id, verdict.value), {})
        for template in (given,) if isinstance(given, str) else given.values():
            found.append((verdict, _blank(template, title)))
    return tuple(dict.fromkeys(found))


def _blank(template: str, title: str) -> str:
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append(title if name == "line" else FACT)
    return "".join(parts)
