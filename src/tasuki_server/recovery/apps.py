# SPDX-License-Identifier: Apache-2.0
"""控えと復元のアプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """控えと復元のアプリの登録 — label ``recovery``."""

    name = "tasuki_server.recovery"
    label = "recovery"

    def ready(self) -> None:
        """準備 — names the acts of this room, and what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.audit.action_names import name_actions
        from tasuki_server.recovery.status import waiting_recovery
        from tasuki_server.shell.waiting import tell_on_first_page

        tell_on_first_page(Permission.BACKUP_MANAGE, waiting_recovery)
        name_actions(
            {
                "backup.read": "控えの状況の閲覧",
                "backup.ask": "控えの開始の依頼",
                "backup.make": "控えの作成",
                "backup.fail": "控えの失敗",
                "restore.rehearse": "復元の訓練",
            }
        )
