# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有アプリ（医療機関側） — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki.security.permissions import Permission
from tasuki_server.audit.action_names import name_actions


class SharingConfig(AppConfig):
    """電子カルテ情報共有アプリの登録（医療機関側） — label ``sharing``."""

    name = "tasuki_server.sharing"
    label = "sharing"

    def ready(self) -> None:
        """行為名と差込み口の登録 — signing a chart plans what is shared; what could not go is told on the first page."""
        from tasuki_server.chart.after_sign import call_after_sign
        from tasuki_server.sharing.first_page import arrivals_waiting, sharing_waiting
        from tasuki_server.sharing.planning import plan_safely
        from tasuki_server.sharing.viewing import tell_reviews
        from tasuki_server.shell.waiting import tell_on_first_page

        name_actions(
            {
                "sharing.plan": "情報共有の送信の予定",
                "sharing.send": "電子カルテ情報共有サービスへの送信",
                "sharing.answer": "電子カルテ情報共有サービスの回答",
                "sharing.read": "共有する情報の表示",
                "sharing.codes": "コード対応の表示",
                "sharing.code": "コード対応の決定・取消",
                "sharing.flags": "共有の印（長期保存・未告知・未提供）の変更",
                "sharing.setup": "電子カルテ情報共有の設定",
                "sharing.document": "診療情報提供書・退院時サマリーの作成",
                "sharing.arrived": "届いた文書の受取り",
                "sharing.seen": "届いた文書の確認",
                "others.ask": "他院の情報の取寄せの依頼・救急時閲覧",
                "others.fetch": "他院の情報の取得",
                "others.refused": "他院の情報を閲覧できない",
                "others.read": "他院の情報の表示",
                "others.delete": "他院の情報の控えの消去",
                "others.decide": "他院の情報との突合せの決定・取消",
                "others.review": "救急時閲覧の確認",
                "others.reviews": "救急時閲覧の一覧の表示",
                "letter.save": "書きかけの書類の保存",
                "letter.discard": "書きかけの書類の破棄",
                "letter.attach": "書類への添付の追加",
                "letter.detach": "書類の添付の取外し",
                "letter.cancel": "送った書類の取消の依頼",
                "letter.state": "送った書類の状態の変化",
                "arrived.bind": "届いた文書と患者の結付け",
                "arrived.unbind": "届いた文書と患者の結付けの取消",
                "arrived.sort": "届いた文書の仕分け",
                "arrived.done": "届いた文書の処理の済み",
                "arrived.reopen": "届いた文書の処理の済みの取消",
                "checkup.check": "健診結果の点検",
                "checkup.send": "健診結果の登録",
                "portal_code.read": "本人の画面のコードの発行の画面の表示",
                "portal_code.issue": "本人の画面のコードの発行",
                "result.add": "検査結果の登録",
                "result.withdraw": "検査結果の取消",
                "result.read": "検査結果の表示",
            }
        )
        call_after_sign(plan_safely)
        tell_on_first_page(Permission.CHART_SIGN, sharing_waiting)
        tell_on_first_page(Permission.CHART_VIEW, arrivals_waiting)
        tell_on_first_page(Permission.EMERGENCY_REVIEW, tell_reviews)
