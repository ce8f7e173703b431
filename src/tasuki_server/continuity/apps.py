# SPDX-License-Identifier: Apache-2.0
"""事業継続アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ContinuityConfig(AppConfig):
    """事業継続アプリの登録 — label ``continuity``."""

    name = "tasuki_server.continuity"
    label = "continuity"

    def ready(self) -> None:
        """準備 — names the acts of this room, and what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.audit.action_names import name_actions
        from tasuki_server.continuity.emergency_accounts import waiting_openings, waiting_seals
        from tasuki_server.shell.waiting import tell_on_first_page

        name_actions(
            {
                "recovery_plan.read": "復旧計画の閲覧",
                "recovery_plan.adopt": "復旧計画の案の採用",
                "recovery_plan.add": "復旧計画のシステムの追加",
                "recovery_plan.revise": "復旧計画のシステムの変更",
                "recovery_plan.withdraw": "復旧計画のシステムの取消",
                "downtime.card": "開封カードの発行",
                "downtime.card_list": "開封カードの一覧の閲覧",
                "downtime.card_stop": "開封カードの停止",
                "downtime.copy": "停止時の写しの作成",
                "downtime.read": "停止時ビューアでのカルテの閲覧",
                "downtime.search": "停止時ビューアでの患者の検索",
                "downtime.begin": "停止時ビューアの開始",
                "downtime.refused": "停止時ビューアで開けなかったカルテ",
                "downtime.merge": "停止時の閲覧記録の取込み",
                "emergency_account.read": "非常時アカウントの一覧の閲覧",
                "emergency_account.seal": "非常時アカウントの封",
                "emergency_account.open": "非常時アカウントの開封",
                "emergency_account.refused": "非常時アカウントの開封の失敗",
                "emergency_account.end": "非常時アカウントの終了",
                "emergency_account.review": "非常時アカウントの確認",
            }
        )
        tell_on_first_page(Permission.EMERGENCY_REVIEW, waiting_openings)
        tell_on_first_page(Permission.CONTINUITY_MANAGE, waiting_seals)
