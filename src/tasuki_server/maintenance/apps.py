# SPDX-License-Identifier: Apache-2.0
"""保守作業アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    """保守作業アプリの登録 — label ``maintenance``."""

    name = "tasuki_server.maintenance"
    label = "maintenance"

    def ready(self) -> None:
        """準備 — names the acts of this room."""
        from tasuki.security.permissions import Permission
        from tasuki_server.audit.action_names import name_actions
        from tasuki_server.maintenance.reading import unseen_orders
        from tasuki_server.shell.waiting import tell_on_first_page

        tell_on_first_page(Permission.MAINTENANCE_REVIEW, unseen_orders)

        name_actions(
            {
                "maintenance.act": "保守の操作",
                "maintenance.command": "保守のコマンド",
                "maintenance.company": "保守業者の登録・変更",
                "maintenance.person": "保守業者の人の登録",
                "maintenance.person_stop": "保守業者の人の停止",
                "work_order.ask": "作業指示の依頼",
                "work_order.decide": "作業指示の承認・却下",
                "work_order.end": "作業の終了",
                "work_order.declare": "作業データ消去の申告",
                "work_order.review": "保守作業の確認",
                "work_order.read": "保守作業の閲覧",
            }
        )
