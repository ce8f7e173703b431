# SPDX-License-Identifier: Apache-2.0
"""管理策 — one row of the register: what is asked, by which document, and what we answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Document(StrEnum):
    """根拠文書 — what asks; its value names the file of rows."""

    GUIDELINE = "guideline"
    CHECKLIST = "checklist"
    STANDARD = "standard"
    MANAGEMENT = "management"
    PRIVACY = "privacy"
    ASVS = "asvs"

    @property
    def label(self) -> str:
        """文書名 — with its edition, as forms print it."""
        return _TITLES[self]


_TITLES = {
    Document.GUIDELINE: "医療情報システムの安全管理に関するガイドライン 第6.0版（第7.0版で分かっている変更を含む）",
    Document.CHECKLIST: "医療機関におけるサイバーセキュリティ対策チェックリスト 令和7年度版",
    Document.STANDARD: "電子カルテ及びレセプトコンピュータ 標準仕様書（基本要件）第1.0版 非機能要件",
    Document.MANAGEMENT: "サイバーセキュリティ経営ガイドライン Ver3.0 重要10項目",
    Document.PRIVACY: "個人情報保護法ガイドライン（通則編）別添 安全管理措置",
    Document.ASVS: "OWASP ASVS 5.0.0 レベル1・2",
}


class Level(StrEnum):
    """求めの強さ — must, should, to be told on request, or a level of the ASVS."""

    MUST = "遵守"
    SHOULD = "推奨"
    DISCLOSE = "要開示"
    L1 = "L1"
    L2 = "L2"


class Answer(StrEnum):
    """自己評価 — what we say of a row; what is proved may be less."""

    MET = "満たす"
    PARTLY = "一部"
    NOT_MET = "しない"
    NOT_APPLICABLE = "該当なし"
    ORGANISATION = "組織で回答"


@dataclass(frozen=True, slots=True)
class Control:
    """管理策 — ``proofs`` are test ids (``tests/…::test_…``), ``drill:NAME`` or ``doc:PATH``.

    ``words`` say how it is met, what is missing, why it does not apply, or what the organisation has to answer.
    """

    document: Document
    code: str
    level: Level
    asked: str
    answer: Answer
    proofs: tuple[str, ...]
    words: str
    decided_on: date

    @property
    def key(self) -> str:
        """台帳の番号 — unique over all documents."""
        return f"{self.document}:{self.code}"

    @property
    def asks_organisation(self) -> bool:
        """組織の回答が要るか — the clinic or the operator has to say something of its own."""
        return self.answer is Answer.ORGANISATION
