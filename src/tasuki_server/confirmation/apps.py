# SPDX-License-Identifier: Apache-2.0
"""資格確認アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ConfirmationConfig(AppConfig):
    """資格確認アプリの登録 — label ``confirmation``."""

    name = "tasuki_server.confirmation"
    label = "confirmation"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        from tasuki.security.permissions import Permission
        from tasuki_server.audit.action_names import name_actions
        from tasuki_server.confirmation.emergencies import tell_looks
        from tasuki_server.shell.waiting import tell_on_first_page

        tell_on_first_page(Permission.EMERGENCY_REVIEW, tell_looks)

        name_actions(
            {
                "eligibility.arrive": "資格確認結果の着信",
                "eligibility.read": "資格確認結果の閲覧",
                "eligibility.match": "資格確認結果と患者の照合",
                "eligibility.dismiss": "資格確認結果の着信を片付けた",
                "eligibility.ask": "資格の照会",
                "eligibility.cancel": "資格の照会の取りやめ",
                "eligibility.confirm": "資格確認の記録",
                "eligibility.take_over": "資格確認結果の取込み",
                "eligibility.bulk": "資格の一括照会",
                "eligibility.rates": "マイナ保険証利用率の閲覧",
                "eligibility.line": "資格確認の回線の設定",
                "eligibility.card": "カードリーダー（試行環境）の操作",
                "medical_information.ask": "薬剤・診療・健診情報の取得の依頼",
                "medical_information.fetch": "薬剤・診療・健診情報の取得",
                "medical_information.read": "薬剤・診療・健診情報の閲覧",
                "medical_information.emergency": "救急時医療情報閲覧の依頼",
                "medical_information.review": "救急時医療情報閲覧の確認",
                "medical_information.reviews": "救急時医療情報閲覧の一覧・確認の画面の表示",
                "medical_information.delete": "薬剤・診療・健診情報の消去（閲覧期限の終了）",
            }
        )
