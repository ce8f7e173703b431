# SPDX-License-Identifier: Apache-2.0
"""会計アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """会計アプリの登録 — label ``billing``."""

    name = "tasuki_server.billing"
    label = "billing"

    def ready(self) -> None:
        """起動 — names the acts of the trail."""
        from tasuki_server.audit.action_names import name_actions

        name_actions(
            {
                "bill.payers": "支払者の選択",
                "bill.recalculate": "資格変更による会計の再計算",
                "visit.switch_insurance": "受診の保険の変更",
                "local_programmes.import": "地方公費の制度ファイルの取込み",
                "cap_ledger.add": "上限額管理票の記載",
                "cap_ledger.withdraw": "上限額管理票の取消",
                "household.read": "世帯合算の閲覧",
                "prices.import": "料金表の差替え",
                "payer_contract.add": "支払者の契約の登録",
                "payer_contract.end": "支払者の契約の終了",
            }
        )
