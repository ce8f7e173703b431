# SPDX-License-Identifier: Apache-2.0
"""審査支払機関（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class ReceivingConfig(AppConfig):
    """審査支払機関（試行環境）アプリの登録 — label ``receiving``."""

    name = "tasuki_server.receiving"
    label = "receiving"

    def ready(self) -> None:
        """行為名の登録 — for the trail of who sits at the desk."""
        name_actions(
            {
                "receiving.read": "受付（試行環境）の閲覧",
                "receiving.decide": "審査の判断（試行環境）",
                "receiving.examine": "審査の実行（試行環境）",
                "receiving.client": "送信元のトークンの停止・再開（試行環境）",
            }
        )
