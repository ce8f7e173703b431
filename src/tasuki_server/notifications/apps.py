# SPDX-License-Identifier: Apache-2.0
"""発生届アプリ（医療機関側） — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki.security.permissions import Permission
from tasuki_server.audit.action_names import name_actions


class NotificationsConfig(AppConfig):
    """発生届アプリの登録（医療機関側） — label ``notifications``."""

    name = "tasuki_server.notifications"
    label = "notifications"

    def ready(self) -> None:
        """行為名と差込み口の登録 — what is to be reported is told on the first page."""
        from tasuki_server.notifications.first_page import notices_waiting
        from tasuki_server.shell.waiting import tell_on_first_page

        name_actions(
            {
                "notification.hint": "届出の候補の表示",
                "notification.read": "発生届の表示",
                "notification.draft": "発生届の下書きの保存",
                "notification.sign": "発生届の署名",
                "notification.revise": "発生届の訂正",
                "notification.withdraw": "発生届の取下げ",
                "notification.submit": "発生届の提出の記録",
                "notification.send": "発生届の送信",
                "notification.decide": "届出しない判断",
            }
        )
        tell_on_first_page(Permission.CHART_SIGN, notices_waiting)
