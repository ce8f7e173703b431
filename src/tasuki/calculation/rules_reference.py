# SPDX-License-Identifier: Apache-2.0
"""算定ルールの資料 — every registered rule with its title, source and days, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation import rules as _rules  # noqa: F401  (registers every rule)
from tasuki.calculation.passes import PASSES
from tasuki.calculation.rule import Stage, all_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasuki.kernel.validity import Validity

STAGES = {
    Stage.BASE: "基本診療料",
    Stage.ADDITION: "提案",
    Stage.CONDITION: "要件",
    Stage.CHECK: "確認",
}


def rules_reference(cases: Mapping[str, Sequence[tuple[str, bool]]] | None = None) -> str:
    """算定ルールの資料 — the passes in their order, then the rules in the order of their ids.

    ``cases`` gives the names of the readable cases of each rule, and whether the rule speaks in them.
    """
    lines = [
        "表（施設基準・年齢・背反・包括・回数など）に書かれていることはルールではなく、マスターの行として扱います。",
        "ここにあるのは、点数表の注や通知だけが述べていることです。",
        "",
        "## 手順",
        "",
        *(
            f"{number}. `{each.__name__}` — {_first_line(each)}"
            for number, each in enumerate(PASSES, start=1)
        ),
        "",
        "## ルール",
        "",
        "| ルール | 名称 | 段階 | 根拠 | 期間 |",
        "|---|---|---|---|---|",
        *(
            f"| `{rule.id}` | {rule.title} | {STAGES[rule.stage]} | {rule.cite} | {_days(rule.validity)} |"
            for rule in all_rules()
        ),
    ]
    if cases is not None:
        lines += ["", "## 事例", "", "成立する例と、しない例（✕）。", ""]
        for rule_id in dict.fromkeys(rule.id for rule in all_rules()):
            named = cases.get(rule_id, ())
            told = "、".join(f"{'' if fires else '✕ '}{name}" for name, fires in named)
            lines.append(f"- `{rule_id}`（{len(named)}）{told}")
    return "\n".join(lines)


def _days(validity: Validity) -> str:
    return f"{validity.since}〜{validity.until or ''}"


def _first_line(function: object) -> str:
    return (function.__doc__ or "").splitlines()[0]
