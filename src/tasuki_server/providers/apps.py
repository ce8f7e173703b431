# SPDX-License-Identifier: Apache-2.0
"""認証基盤アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class ProvidersConfig(AppConfig):
    """認証基盤アプリの登録 — label ``providers``."""

    name = "tasuki_server.providers"
    label = "providers"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        name_actions(
            {
                "provider.read": "認証基盤の設定の閲覧",
                "provider.set": "認証基盤の設定",
                "provider.end": "認証基盤の終了",
                "provider.link": "認証基盤のアカウントの結び付け",
                "provider.unlink": "認証基盤のアカウントの切離し",
                "provider.answer": "認証基盤による本人確認",
                "provider.refused": "認証基盤の応答の拒否",
            }
        )
