# SPDX-License-Identifier: Apache-2.0
"""オンライン資格確認等システム（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class EligibilityConfig(AppConfig):
    """オンライン資格確認等システム（試行環境）アプリの登録 — label ``eligibility``."""

    name = "tasuki_server.eligibility"
    label = "eligibility"

    def ready(self) -> None:
        """行為名の登録 — for the trail of who sits at the desk."""
        name_actions(
            {
                "eligibility.read": "資格の登録の閲覧（試行環境）",
                "eligibility.change": "資格の登録の変更（試行環境）",
                "eligibility.stop": "利用停止・解除（試行環境）",
                "eligibility.mode": "災害時モードの切替え（試行環境）",
            }
        )
