# SPDX-License-Identifier: Apache-2.0
"""指摘 — what the world got wrong, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """重大度 — BLOCK stops, CONFIRM asks a human, ADVICE informs."""

    BLOCK = "block"
    CONFIRM = "confirm"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """箇所 — the file, record and field a finding points at; parts that do not apply are empty.

    ``line`` is the 1-based line of the file, ``record`` its official id or the id of our own
    value, ``field`` the official item number or the name of the JSON member.
    """

    file: str = ""
    line: int = 0
    record: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """指摘 — one thing found wrong, with a public code that is never reused.

    ``message_key`` names a Japanese sentence in :mod:`tasuki.kernel.messages`; numbers and names
    in that sentence come from ``facts`` only.
    """

    code: str
    severity: Severity
    where: Where
    message_key: str
    facts: Mapping[str, object] = field(default_factory=dict)


class BadInput(ValueError):
    """入力誤り — a broken file or value, with every finding that could be collected.

    The CLI answers it with exit code 2, the server with 4xx.
    """

    def __init__(self, findings: tuple[Finding, ...] | list[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.code} {f.where} {dict(f.facts)}" for f in self.findings[:5]))
