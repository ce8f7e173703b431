# SPDX-License-Identifier: Apache-2.0
"""レセプトアプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class ClaimsConfig(AppConfig):
    """レセプトアプリの登録 — label ``claims``."""

    name = "tasuki_server.claims"
    label = "claims"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        name_actions(
            {
                "claims.read": "レセプトの閲覧",
                "claims.build": "レセプトの作成",
                "claims.export": "請求ファイルの出力",
                "claims.close": "診療月の締め",
                "claims.reopen": "診療月の締めの解除",
            }
        )
