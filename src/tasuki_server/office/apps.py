# SPDX-License-Identifier: Apache-2.0
"""安全管理室アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """安全管理室アプリの登録 — label ``office``."""

    name = "tasuki_server.office"
    label = "office"

    def ready(self) -> None:
        """準備 — names the acts of this room, and what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.audit.action_names import name_actions
        from tasuki_server.office import ending_keys, reading
        from tasuki_server.shell.waiting import tell_on_first_page

        tell_on_first_page(Permission.OFFICE_VIEW, reading.waiting_notices)
        tell_on_first_page(Permission.OFFICE_VIEW, ending_keys.waiting_keys)
        tell_on_first_page(Permission.RECEIVING_OPERATE, ending_keys.waiting_sender_keys)
        tell_on_first_page(Permission.PLATFORM_OPERATE, ending_keys.waiting_institution_keys)
        name_actions(
            {
                "office.read": "安全管理室の閲覧",
                "office.answer": "管理策への組織の回答",
                "office.contract": "契約の登録・変更",
                "office.responsibility": "責任分界の記入",
                "office.asset": "資産の登録・変更",
                "office.notice": "お知らせの登録",
                "office.notice_done": "お知らせへの対応の記入",
                "office.forms": "開示書の案の出力",
            }
        )
