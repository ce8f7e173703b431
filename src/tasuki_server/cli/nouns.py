# SPDX-License-Identifier: Apache-2.0
"""コマンド一覧 — the one table of nouns, in the order the help shows them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

NOUNS = {
    "up": "tasuki_server.cli.up",
    "reload": "tasuki_server.cli.reload",
    "operations": "tasuki_server.cli.operations",
    "test": "tasuki_server.cli.suite",
    "check": "tasuki_server.cli.check",
    "docs": "tasuki_server.cli.docs",
    "bench": "tasuki_server.cli.bench",
    "demo": "tasuki_server.cli.demo",
    "institution": "tasuki_server.cli.institution",
    "staff": "tasuki_server.cli.staff",
    "api": "tasuki_server.cli.api",
    "masters": "tasuki_server.cli.masters",
    "calculate": "tasuki_server.cli.calculate",
    "copay": "tasuki_server.cli.copay",
    "schema": "tasuki_server.cli.schema",
    "claims": "tasuki_server.cli.claims",
    "eligibility": "tasuki_server.cli.eligibility",
    "prescription": "tasuki_server.cli.prescription",
    "fhir": "tasuki_server.cli.fhir",
    "checkup": "tasuki_server.cli.checkup",
    "notifications": "tasuki_server.cli.notifications",
    "receiving": "tasuki_server.cli.receiving",
    "platform": "tasuki_server.cli.platform",
    "portal": "tasuki_server.cli.portal",
    "audit": "tasuki_server.cli.audit",
    "keys": "tasuki_server.cli.keys",
    "witness": "tasuki_server.cli.witness",
    "backup": "tasuki_server.cli.backup",
    "restore": "tasuki_server.cli.restore",
    "watch": "tasuki_server.cli.watch",
    "recovery-plan": "tasuki_server.cli.recovery_plan",
    "downtime": "tasuki_server.cli.downtime",
    "drill": "tasuki_server.cli.drill",
    "office": "tasuki_server.cli.office",
    "sbom": "tasuki_server.cli.sbom",
}


def noun_module(noun: str) -> ModuleType:
    """コマンドの読込 — the module of a noun."""
    return import_module(NOUNS[noun])


def present_nouns() -> list[str]:
    """使えるコマンド — the nouns whose module is part of this build."""
    return [noun for noun, module in NOUNS.items() if find_spec(module) is not None]
