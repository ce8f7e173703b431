# SPDX-License-Identifier: Apache-2.0
"""電子処方箋アプリ（医療機関側） — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki.security.permissions import Permission
from tasuki_server.audit.action_names import name_actions


class EPrescribingConfig(AppConfig):
    """電子処方箋アプリの登録（医療機関側） — label ``eprescribing``."""

    name = "tasuki_server.eprescribing"
    label = "eprescribing"

    def ready(self) -> None:
        """行為名と差込み口の登録 — signing a chart plans registrations, a printed prescription asks for its number."""
        from tasuki_server.chart.after_sign import call_after_sign
        from tasuki_server.documents.exchange_numbers import register_source
        from tasuki_server.eprescribing import from_reader
        from tasuki_server.eprescribing.checking import shared_drugs_of
        from tasuki_server.eprescribing.first_page import prescriptions_waiting
        from tasuki_server.eprescribing.on_paper import registered_of
        from tasuki_server.eprescribing.planning import plan_safely
        from tasuki_server.eprescribing.practice_remote import practice_remote
        from tasuki_server.eprescribing.signing import register_remote
        from tasuki_server.orders.shared_drugs import register_shared_drugs
        from tasuki_server.shell.waiting import tell_on_first_page

        name_actions(
            {
                "eprescription.plan": "電子処方箋の登録の予定",
                "eprescription.send": "電子処方箋管理サービスへの送信",
                "eprescription.answer": "電子処方箋管理サービスの回答",
                "eprescription.status": "処方箋の状況・調剤結果の取得",
                "eprescription.read": "電子処方箋の表示",
                "eprescription.choose": "電子・紙の選択",
                "eprescription.cancel": "処方箋取消の指示",
                "eprescription.undo": "処方箋取消・変更のUNDOの指示",
                "eprescription.setup": "電子処方箋の設定",
                "eprescription.signer": "署名の用意",
                "eprescription.consent": "過去の薬剤を見る同意の記入",
                "eprescription.check": "重複投薬等チェック",
                "eprescription.approve": "電子署名の承認・却下",
                "eprescription.seen": "調剤結果の確認",
            }
        )
        call_after_sign(plan_safely)
        from_reader.connect()
        register_remote(practice_remote)
        register_source(registered_of)
        tell_on_first_page(Permission.CHART_SIGN, prescriptions_waiting)
        register_shared_drugs(shared_drugs_of)
