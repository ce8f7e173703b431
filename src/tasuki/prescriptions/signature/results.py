# SPDX-License-Identifier: Apache-2.0
"""署名検証の結果 — item by item, so that whoever refuses a prescription can say why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tasuki.kernel.finding import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.kernel.finding import Finding
    from tasuki.prescriptions.signature.names import DocumentShape


class VerifiedItem(StrEnum):
    """検証項目 — in the order they are judged; values are what a person reads."""

    STRUCTURE = "構造"
    ALGORITHM = "方式"
    DATA_DIGEST = "処方データのダイジェスト"
    KEY_INFO_DIGEST = "証明書のダイジェスト"
    PROPERTIES_DIGEST = "署名属性のダイジェスト"
    SIGNATURE = "署名値"
    CERTIFICATE = "署名者の証明書"
    CHAIN = "認証パス"
    VALIDITY = "有効期間"
    REVOCATION = "失効"
    ROLE = "資格"


class ItemState(StrEnum):
    """検証項目の状態 — NOT_KNOWN is no consent: a document with it is not verified."""

    GOOD = "good"
    BAD = "bad"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """検証項目の結果 — its state and what was found."""

    item: VerifiedItem
    state: ItemState
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SignerNames:
    """署名者 — subject, serial number and professions, as the certificate has them."""

    subject: str
    issuer: str
    serial_number: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """署名検証の結果 — every item, who signed and when they say they did.

    ``data`` is the CSV that the digest covers, and nothing else may be taken from the document; empty unless every item
    is good. ``prescription`` is the result for the prescription inside a dispensing, None where it is unsigned (paper).
    ``has_later_levels`` tells that a time stamp or archive data stands beside the signature; it is not judged here.
    """

    shape: DocumentShape | None
    items: tuple[ItemResult, ...]
    signer: SignerNames | None = None
    signed_at: datetime | None = None
    data: bytes = b""
    has_later_levels: bool = False
    prescription: VerifyResult | None = None

    @property
    def is_valid(self) -> bool:
        """有効か — every item was judged and is good, and so is the prescription inside."""
        judged = {each.item for each in self.items}
        good = all(each.state is ItemState.GOOD for each in self.items)
        return (
            good and judged == set(VerifiedItem) and (self.prescription is None or self.prescription.is_valid)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """指摘の一覧 — of every item, then of the prescription inside."""
        mine = tuple(finding for each in self.items for finding in each.findings)
        return mine + (self.prescription.findings if self.prescription else ())


def judged(item: VerifiedItem, findings: tuple[Finding, ...]) -> ItemResult:
    """検証項目の判定 — good without findings, bad with one that blocks, else not known."""
    if not findings:
        return ItemResult(item, ItemState.GOOD)
    is_bad = any(each.severity is Severity.BLOCK for each in findings)
    return ItemResult(item, ItemState.BAD if is_bad else ItemState.NOT_KNOWN, findings)
