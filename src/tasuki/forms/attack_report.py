# SPDX-License-Identifier: Apache-2.0
"""サイバー攻撃対応報告書 — what happened at which minute, what was lost and kept, what to do now, whom to tell and by when.

For the staff of an institution after an attack, or after a drill of one. What only the institution knows (who to call, the
words to its patients) is printed as a field to be filled in by hand.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 企画管理編 12（訓練と報告）、システム運用編 11①・18①
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms.wording import era_parts
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class Measured:
    """測った値 — one figure with its goal; ``is_met`` is None where nothing was promised."""

    name: str
    value: str
    goal: str = ""
    is_met: bool | None = None


@dataclass(frozen=True, slots=True)
class ReportedMoment:
    """報告書の時系列の1行 — the clock, how long after the beginning, whose act, and what."""

    clock: str
    since: str
    side: str
    words: str


@dataclass(frozen=True, slots=True)
class ActToEnterAgain:
    """入れ直す行為 — an act whose record did not come back: chart number, when, by whom, what. No names of patients."""

    patient: str
    clock: str
    by: str
    what: str


@dataclass(frozen=True, slots=True)
class Telling:
    """届出と連絡 — to whom, what about, by when, and on what ground; the institution fills in the contact and the time."""

    whom: str
    what: str
    by_when: str
    ground: str


@dataclass(frozen=True, slots=True)
class AttackReport:
    """サイバー攻撃対応報告書 — of an attack, or (``is_drill``) of a drill."""

    organisation: str
    title: str
    day: date
    is_drill: bool
    summary: str
    measured: tuple[Measured, ...]
    timeline: tuple[ReportedMoment, ...]
    order: tuple[str, ...]
    kept: tuple[str, ...]
    again: tuple[ActToEnterAgain, ...]
    to_do: tuple[str, ...]
    tellings: tuple[Telling, ...]
    to_patients: tuple[str, ...]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(report: AttackReport) -> list[Finding]:
    """報告書の点検 — without a timeline it tells nothing."""
    if report.timeline:
        return []
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="attack_report", field="timeline"),
            "form.not_allowed",
            {"reason": "時系列がありません。"},
        )
    ]


def layout(report: AttackReport) -> dict[str, Any]:
    """報告書の印字内容 — every part in the order in which it is read."""
    return {
        "heading": f"{report.title}{'（訓練）' if report.is_drill else ''}",
        "organisation": report.organisation,
        "day": era_parts(report.day)._asdict(),
        "summary": report.summary,
        "measured": [
            {"name": each.name, "value": each.value, "goal": each.goal, "met": _met(each.is_met)}
            for each in report.measured
        ],
        "timeline": [
            {"clock": each.clock, "since": each.since, "side": each.side, "words": each.words}
            for each in report.timeline
        ],
        "order": list(report.order),
        "kept": list(report.kept),
        "again": [
            {"patient": each.patient, "clock": each.clock, "by": each.by, "what": each.what}
            for each in report.again
        ],
        "to_do": list(report.to_do),
        "tellings": [
            {"whom": each.whom, "what": each.what, "by_when": each.by_when, "ground": each.ground}
            for each in report.tellings
        ],
        "to_patients": list(report.to_patients),
        "faults": list(report.faults),
        "notes": list(report.notes),
    }


def plain_text(report: AttackReport) -> str:
    """報告書の文章 — the same for a screen or a mail, without any layout."""
    data = layout(report)
    parts = [
        f"{data['heading']}\n{report.organisation}　{report.day.isoformat()}",
        f"■ 概要\n{report.summary}",
        "■ 測った値\n" + "\n".join(
            f"・{each['name']}: {each['value']}" + (f"（目標 {each['goal']}、{each['met']}）" if each["goal"] else "")
            for each in data["measured"]
        ),
        "■ 時系列\n" + "\n".join(f"{m.clock} (+{m.since}) [{m.side}] {m.words}" for m in report.timeline),
        "■ 復旧の順序\n" + "\n".join(report.order),
        "■ 残ったもの\n" + "\n".join(f"・{each}" for each in report.kept),
        "■ 入れ直すもの\n" + ("\n".join(f"・患者番号 {a.patient}　{a.clock}　{a.what}（{a.by}）" for a in report.again) or "なし"),
        "■ これからすること\n" + "\n".join(f"□ {each}" for each in report.to_do),
        "■ 届出と連絡\n" + "\n".join(f"□ {t.whom}: {t.what}（{t.by_when}。{t.ground}）連絡先＿＿＿＿ 日時＿＿＿＿" for t in report.tellings),
        "■ 患者への説明（案）\n" + "\n".join(report.to_patients),
    ]  # fmt: skip
    if report.faults:
        parts.append("■ 目標に届かなかったこと\n" + "\n".join(f"・{each}" for each in report.faults))
    if report.notes:
        parts.append("\n".join(f"※{each}" for each in report.notes))
    return "\n\n".join(parts) + "\n"


def _met(is_met: bool | None) -> str:
    return {True: "達成", False: "未達", None: "—"}[is_met]
