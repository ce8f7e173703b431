# SPDX-License-Identifier: Apache-2.0
"""見張りアプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class WatchConfig(AppConfig):
    """見張りアプリの登録 — label ``watch``."""

    name = "tasuki_server.watch"
    label = "watch"

    def ready(self) -> None:
        """行為名の登録 — for the trail, and what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.shell.waiting import tell_on_first_page
        from tasuki_server.watch.alerts import waiting_alerts
        from tasuki_server.watch.incidents import waiting_incidents

        tell_on_first_page(Permission.MISUSE_WATCH, waiting_alerts)
        tell_on_first_page(Permission.MISUSE_WATCH, waiting_incidents)
        name_actions(
            {
                "watch.alert": "不正利用の検知",
                "watch.read": "検知の閲覧",
                "watch.close": "検知を閉じる",
                "watch.set": "検知のしきい値の変更",
                "watch.network": "ネットワークの場所の登録",
                "canary.make": "おとりの作成",
                "canary.retire": "おとりの終了",
                "containment.begin": "封じ込めの開始",
                "containment.end": "封じ込めの解除",
                "mistake.report": "間違い・不審の報告",
                "incident.open": "インシデントの開始",
                "incident.write": "インシデントの記入",
                "incident.read": "インシデントの閲覧",
                "incident.close": "インシデントの終了",
                "training.add": "訓練結果の記録",
            }
        )
