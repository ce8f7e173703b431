# SPDX-License-Identifier: Apache-2.0
"""共有する記録の種類 — the eight that a person permits or refuses, each by itself."""

from __future__ import annotations

from enum import StrEnum


class RecordKind(StrEnum):
    """共有する記録の種類 — 3文書6情報; both kinds of allergies are permitted together.

    Cite: 電子カルテ情報共有サービス 3文書6情報
    """

    CONDITION = "condition"
    INFECTION = "infection"
    ALLERGY = "allergy"
    LABORATORY = "laboratory"
    PRESCRIPTION = "prescription"
    REFERRAL = "referral"
    DISCHARGE = "discharge"
    CHECKUP = "checkup"

    @property
    def label(self) -> str:
        """種類の表記 — as people read it.

        >>> RecordKind.CHECKUP.label
        '健診'
        """
        return _LABELS[self]


_LABELS = {
    RecordKind.CONDITION: "傷病名",
    RecordKind.INFECTION: "感染症",
    RecordKind.ALLERGY: "アレルギー",
    RecordKind.LABORATORY: "検査",
    RecordKind.PRESCRIPTION: "処方",
    RecordKind.REFERRAL: "診療情報提供書",
    RecordKind.DISCHARGE: "退院時サマリー",
    RecordKind.CHECKUP: "健診",
}
# 宛先のある文書: read by whom they are addressed to; everything else by whom the person permits.
DOCUMENTS = frozenset((RecordKind.REFERRAL, RecordKind.DISCHARGE))
INFORMATIONS = frozenset(RecordKind) - DOCUMENTS - {RecordKind.CHECKUP}
