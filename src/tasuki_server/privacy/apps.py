# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class PrivacyConfig(AppConfig):
    """閲覧の保護アプリの登録 — label ``privacy``."""

    name = "tasuki_server.privacy"
    label = "privacy"

    def ready(self) -> None:
        """行為名の登録 — for the trail, and what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.privacy.emergency import waiting_emergencies
        from tasuki_server.shell.waiting import tell_on_first_page

        name_actions(
            {
                "access.noted": "印の付く閲覧",
                "patient_mark.add": "閲覧制限・要配慮の登録",
                "patient_mark.revise": "閲覧制限・要配慮の変更",
                "patient_mark.withdraw": "閲覧制限・要配慮の解除",
                "patient_mark.read": "閲覧の保護の一覧",
                "staff_patient.add": "職員と患者の関係の登録",
                "staff_patient.withdraw": "職員と患者の関係の取消",
                "access_policy.change": "閲覧の規則の変更",
                "access_policy.read": "閲覧の規則の確認",
                "emergency.open": "緊急閲覧の開始",
                "emergency.end": "緊急閲覧の終了",
                "emergency.review": "緊急閲覧の確認",
                "emergency.read": "緊急閲覧の一覧",
                "emergency.notice_failed": "緊急閲覧の通知の失敗",
            }
        )
        tell_on_first_page(Permission.EMERGENCY_REVIEW, waiting_emergencies)
