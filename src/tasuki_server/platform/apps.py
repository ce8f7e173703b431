# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class PlatformConfig(AppConfig):
    """全国医療情報プラットフォーム（試行環境）アプリの登録 — label ``platform``."""

    name = "tasuki_server.platform"
    label = "platform"

    def ready(self) -> None:
        """行為名の登録 — for the trail of who sits at the desk."""
        name_actions(
            {
                "platform.read": "全国医療情報プラットフォーム（試行環境）の閲覧",
                "platform.fault": "障害の設定（試行環境）",
                "platform.client": "接続機関の登録・停止・再開（試行環境）",
            }
        )
