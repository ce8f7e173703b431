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
                "claims.accept": "指摘の承認",
                "claims.mute": "点検項目の停止",
                "claims.undecide": "指摘の判断の取消",
                "claims.hold": "月遅れの指定",
                "claims.release": "月遅れの解除",
                "receiptnote.read": "レセプトの摘要の閲覧",
                "receiptnote.add": "レセプトの摘要の登録",
                "receiptnote.revise": "レセプトの摘要の変更",
                "receiptnote.withdraw": "レセプトの摘要の削除",
                "receiptnote.copy": "前の月の症状詳記の複写",
                "receiptnote.undo": "レセプトの摘要を元に戻す",
                "claims.submit": "送信する請求ファイルの作成",
                "claims.send": "請求ファイルの送信",
                "claims.result": "審査結果の取込み",
                "claims.return": "返戻の取込み",
                "claims.withdraw": "レセプトの取下げ依頼",
                "claims.bind": "返戻の結付け",
                "claims.refund": "減点による返金の判断",
            }
        )
