# SPDX-License-Identifier: Apache-2.0
"""ほかの医療機関の薬 — the one place that says who is asked for the drugs other institutions gave a patient.

A room that can ask (電子処方箋管理サービス, a regional network) registers its provider when its app is ready; it asks for
the consent, audits the read, and gives drugs without their names where the patient did not agree to show them.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tasuki.prescriptions.safety import Medicine
from tasuki_server.patients.models import Patient


class SharedDrugs(NamedTuple):
    """ほかの医療機関の薬 — as far as anyone could be asked; ``told`` says for the screen who was, and what was not seen."""

    medicines: tuple[Medicine, ...] = ()
    is_asked: bool = False
    told: str = "ほかの医療機関の薬は確認していません。"


class SharedDrugProvider(Protocol):
    """ほかの医療機関の薬の提供元 — answers at once from what it already holds; it never waits for the network here."""

    def __call__(self, patient: Patient) -> SharedDrugs:
        """ほかの医療機関の薬 — of a patient."""


def nobody_asked(patient: Patient) -> SharedDrugs:
    """提供元なし — until a room registers one."""
    del patient
    return SharedDrugs()


_provider: list[SharedDrugProvider] = [nobody_asked]


def register_shared_drugs(provider: SharedDrugProvider) -> None:
    """提供元の登録 — the last one registered answers."""
    _provider[0] = provider


def shared_history(patient: Patient) -> SharedDrugs:
    """ほかの医療機関の薬 — of a patient, from the registered provider."""
    return _provider[0](patient)
