# SPDX-License-Identifier: Apache-2.0
"""行為の名前 — Japanese for the acts of the trail; rooms add theirs with :func:`name_actions`."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: dict[str, str] = {
    "sign_in": "サインイン",
    "sign_in.failed": "サインイン失敗",
    "sign_out": "サインアウト",
    "second_factor.add": "二要素認証の登録",
    "second_factor.remove": "二要素認証の削除",
    "second_factor.reset": "二要素認証の取消",
    "enrolment.issue": "登録コードの発行",
    "enrolment.open": "登録コードの使用",
    "password.change": "パスワードの変更",
    "password.reset": "パスワードの再発行",
    "step_up.prove": "本人の再確認",
    "session.refused": "別の端末からの利用を遮断",
    "session.moved": "別のネットワークからの利用",
    "session.end": "サインイン中の端末の終了",
    "staff.read": "職員の閲覧",
    "staff.roles": "役割の変更",
    "staff.disable": "職員の利用停止",
    "staff.enable": "職員の利用再開",
    "staff.renew": "資格情報の総入替え",
    "institution.open": "医療機関の開設",
    "staff.add": "職員の登録",
    "access.refused": "拒否された操作",
    "clock.skew": "時計のずれ",
    "audit.read": "監査記録の閲覧",
    "audit.export": "監査記録の出力",
    "audit.disclose": "閲覧履歴の開示",
    "impact.read": "改定影響の閲覧",
    "patient.read": "患者情報の閲覧",
    "patient.search": "患者の検索",
    "patient.register": "患者の登録",
    "patient.revise": "患者情報の変更",
    "coverage.read": "保険・公費の閲覧",
    "household.read": "世帯の閲覧",
    "household.add": "世帯への登録",
    "household.end": "世帯の終了",
    "household.withdraw": "世帯の取消",
    "insurancerecord.add": "保険の登録",
    "insurancerecord.revise": "保険の変更",
    "insurancerecord.withdraw": "保険の取消",
    "programmerecord.add": "公費の登録",
    "programmerecord.revise": "公費の変更",
    "programmerecord.withdraw": "公費の取消",
    "allergyrecord.add": "アレルギーの登録",
    "allergyrecord.revise": "アレルギーの変更",
    "allergyrecord.withdraw": "アレルギーの取消",
    "diagnosis.add": "傷病名の登録",
    "diagnosis.revise": "傷病名の変更",
    "diagnosis.withdraw": "傷病名の取消",
    "order_set.add": "セットの登録",
    "order_set.revise": "セットの変更",
    "order_set.withdraw": "セットの取消",
    "institution.change": "施設の変更",
    "incident.print": "インシデント報告の印刷",
    "eligibility.consented": "訪問診療等・オンライン診療等の再照会",
    "booking.read": "予約の閲覧",
    "booking.add": "予約",
    "booking.change": "予約の変更",
    "booking.cancel": "予約の取消",
    "booking.arrive": "予約の来院",
    "visit.receive": "受付",
    "visit.change": "受付内容の変更",
    "visit.move": "受付状態の変更",
    "visit.decide_kind": "初再診の決定",
    "visit.state_fact": "算定の確認事項の入力",
    "visit.switch_insurance": "保険の切替",
    "chart.read": "カルテの閲覧",
    "chart.sign": "カルテの確定",
    "draft.save": "カルテの下書き保存",
    "draft.discard": "カルテの下書き破棄",
    "draft.move": "カルテの下書きの移動",
    "draft.take_over": "カルテの下書きの引継ぎ",
    "draft.merge": "カルテの下書きの合流",
    "note.copy": "カルテの複写",
    "orders.copy": "オーダの複写",
    "bill.read": "会計の閲覧",
    "bill.settle": "会計の確定",
    "bill.adjust": "会計の調整",
    "bill.payers": "支払者の指定",
    "bill.recalculate": "会計の再計算",
    "account.payment": "収納",
    "account.refund": "返金",
    "document.read": "書類の閲覧",
    "document.issue": "書類の発行",
    "document.reissue": "書類の再発行",
    "claims.read": "レセプトの閲覧",
    "claims.build": "レセプトの作成",
    "claims.export": "請求ファイルの出力",
    "daybook.read": "日計の閲覧",
    "daybook.print": "日計の印刷",
    "api.use": "接続からの利用",
    "api.refused": "拒否された接続",
    "page.read": "画面の閲覧",
    "page.write": "画面からの書込み",
}


_KINDS = {
    "read": "閲覧",
    "search": "検索",
    "print": "印刷",
    "export": "出力",
    "add": "登録",
    "revise": "変更",
    "withdraw": "取消",
}


def name_actions(names: Mapping[str, str]) -> None:
    """行為名の登録 — a room's own acts, from its app's ``ready``."""
    _NAMES.update(names)


def action_name(action: str) -> str:
    """行為名 — the Japanese name; of an act that no room has named, what kind of act it is.

    >>> action_name("chart.read"), action_name("newroom.revise")
    ('カルテの閲覧', '変更（newroom.revise）')
    """
    if action in _NAMES:
        return _NAMES[action]
    kind = _KINDS.get(action.rpartition(".")[2])
    return f"{kind}（{action}）" if kind else action
