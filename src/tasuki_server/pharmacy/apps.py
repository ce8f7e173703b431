# SPDX-License-Identifier: Apache-2.0
"""薬局アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class PharmacyConfig(AppConfig):
    """薬局アプリの登録 — label ``pharmacy``."""

    name = "tasuki_server.pharmacy"
    label = "pharmacy"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        name_actions(
            {
                "pharmacy.read": "薬局の受付一覧・処方箋の閲覧",
                "pharmacy.receive": "処方箋の受付",
                "pharmacy.check": "重複投薬等チェック（薬局）",
                "pharmacy.step": "処方箋の受付取消・回収・回収の取消",
                "pharmacy.dispense": "調剤結果の登録・変更・取消",
            }
        )
