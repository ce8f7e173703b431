# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービス（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class RecordsConfig(AppConfig):
    """電子カルテ情報共有サービス（試行環境）アプリの登録 — label ``records``."""

    name = "tasuki_server.records"
    label = "records"

    def ready(self) -> None:
        """行為名の登録 — for the trail of an insurer's people."""
        name_actions(
            {
                "insurer.list": "届いた健診結果の一覧の閲覧（保険者）",
                "insurer.read": "届いた健診結果の閲覧（保険者）",
                "insurer.take": "健診結果のファイルの受取り（保険者）",
            }
        )
