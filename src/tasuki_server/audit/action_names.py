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
    "institution.open": "医療機関の開設",
    "staff.add": "職員の登録",
    "access.refused": "拒否された操作",
    "audit.read": "監査記録の閲覧",
    "audit.export": "監査記録の出力",
    "audit.disclose": "閲覧履歴の開示",
    "impact.read": "改定影響の閲覧",
    "page.read": "画面の閲覧",
    "page.write": "画面からの書込み",
}


def name_actions(names: Mapping[str, str]) -> None:
    """行為名の登録 — a room's own acts, from its app's ``ready``."""
    _NAMES.update(names)


def action_name(action: str) -> str:
    """行為名 — the Japanese name, or the act itself where no room has named it."""
    return _NAMES.get(action, action)
