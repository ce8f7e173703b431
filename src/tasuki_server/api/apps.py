# SPDX-License-Identifier: Apache-2.0
"""接続アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class ApiConfig(AppConfig):
    """接続アプリの登録 — label ``api``."""

    name = "tasuki_server.api"
    label = "api"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        name_actions(
            {
                "api_token.read": "接続トークンの一覧",
                "api_token.make": "接続トークンの発行",
                "api_token.revoke": "接続トークンの停止",
                "api_client.read": "接続先の一覧",
                "api_client.make": "接続先の登録",
                "api_client.key": "接続先の鍵の追加",
                "api_client.key_revoke": "接続先の鍵の停止",
                "api_client.revoke": "接続先の停止",
                "app.read": "連携アプリの一覧",
                "app.make": "連携アプリの登録",
                "app.revoke": "連携アプリの停止",
                "app.ask": "連携アプリの許可の画面",
                "app.patient": "連携アプリに渡す患者の照合",
                "app.allow": "連携アプリへの許可",
                "app.refuse": "連携アプリを断った",
                "app.end": "連携アプリへの許可の終了",
                "app.wrong": "連携アプリの求めの誤り",
                "api.token": "短期トークンの発行",
                "api.use": "接続（API）の利用",
                "api.refused": "接続（API）の拒否",
            }
        )
