# SPDX-License-Identifier: Apache-2.0
"""権限 — who may do what, as data; the server only asks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(StrEnum):
    """役割 — the work a member of staff does."""

    RECEPTION = "reception"
    DOCTOR = "doctor"
    NURSE = "nurse"
    CLERK = "clerk"
    ADMIN = "admin"
    EXAMINER = "examiner"
    PHARMACIST = "pharmacist"
    INSURER = "insurer"
    MAINTENANCE = "maintenance"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """役割名 — as screens show it."""
        return _ROLE_LABELS[self]


# 自院の職員の役割: a vendor's people have what a work order lends them, and no other role beside it; an account for
# emergencies has its one role while it is open, and no person has that.
OWN_ROLES = tuple(role for role in Role if role not in (Role.MAINTENANCE, Role.EMERGENCY))

_ROLE_LABELS = {
    Role.RECEPTION: "受付",
    Role.DOCTOR: "医師",
    Role.NURSE: "看護師",
    Role.CLERK: "医事",
    Role.ADMIN: "管理者",
    Role.EXAMINER: "審査担当（試行環境）",
    Role.PHARMACIST: "薬剤師",
    Role.INSURER: "保険者の担当（試行環境）",
    Role.MAINTENANCE: "保守業者",
    Role.EMERGENCY: "非常時",
}


class Permission(StrEnum):
    """権限 — one thing that a role may be allowed."""

    USE_SYSTEM = "system.use"
    RECEPTION_VIEW = "reception.view"
    RECEPTION_MANAGE = "reception.manage"
    PATIENT_VIEW = "patient.view"
    PATIENT_EDIT = "patient.edit"
    COVERAGE_EDIT = "coverage.edit"
    PORTAL_CODE = "portal.code"
    ELIGIBILITY_VIEW = "eligibility.view"
    ELIGIBILITY_ASK = "eligibility.ask"
    MEDICAL_INFORMATION_VIEW = "medical_information.view"
    CHART_VIEW = "chart.view"
    CHART_WRITE = "chart.write"
    CHART_SIGN = "chart.sign"
    DISEASE_EDIT = "disease.edit"
    CODE_MAP = "code.map"
    CHECKUP_SEND = "checkup.send"
    ORDER_ENTER = "order.enter"
    ORDER_PERFORM = "order.perform"
    ORDER_SET_EDIT = "order_set.edit"
    DOCUMENT_PRINT = "document.print"
    BILLING_VIEW = "billing.view"
    BILLING_SETTLE = "billing.settle"
    PAYMENT_TAKE = "payment.take"
    PAYMENT_REFUND = "payment.refund"
    DAYBOOK_VIEW = "daybook.view"
    CLAIMS_VIEW = "claims.view"
    CLAIMS_BUILD = "claims.build"
    CLAIMS_NARRATE = "claims.narrate"
    CLAIMS_EXPORT = "claims.export"
    MASTERS_VIEW = "masters.view"
    MASTERS_MANAGE = "masters.manage"
    INSTITUTION_MANAGE = "institution.manage"
    STAFF_MANAGE = "staff.manage"
    API_MANAGE = "api.manage"
    AUDIT_VIEW = "audit.view"
    PATIENT_PROTECT = "patient.protect"
    EMERGENCY_OPEN = "emergency.open"
    EMERGENCY_REVIEW = "emergency.review"
    ACCESS_POLICY_MANAGE = "access_policy.manage"
    MISUSE_WATCH = "misuse.watch"
    MISUSE_CONTAIN = "misuse.contain"
    AUDIT_EXPORT = "audit.export"
    RECEIVING_OPERATE = "receiving.operate"
    PLATFORM_OPERATE = "platform.operate"
    PHARMACY_VIEW = "pharmacy.view"
    PHARMACY_RECEIVE = "pharmacy.receive"
    PHARMACY_DISPENSE = "pharmacy.dispense"
    INSURER_VIEW = "insurer.view"
    INSURER_TAKE = "insurer.take"
    MAINTENANCE_WAIT = "maintenance.wait"
    MAINTENANCE_MANAGE = "maintenance.manage"
    MAINTENANCE_REVIEW = "maintenance.review"
    CONTINUITY_VIEW = "continuity.view"
    CONTINUITY_MANAGE = "continuity.manage"
    DOWNTIME_CARD = "downtime.card"
    BACKUP_MANAGE = "backup.manage"
    OFFICE_VIEW = "office.view"
    OFFICE_MANAGE = "office.manage"

    @property
    def about(self) -> PermissionRow:
        """権限の説明 — its label, workplace and the roles that have it by default."""
        return PERMISSIONS[self]


class PermissionRow(NamedTuple):
    """権限の行 — Japanese label, workplace, default roles, and whether the person proves the second factor again for it."""

    label: str
    workplace: str
    roles: frozenset[Role]
    needs_step_up: bool = False


_R, _D, _N, _C, _A = Role.RECEPTION, Role.DOCTOR, Role.NURSE, Role.CLERK, Role.ADMIN
_E, _M, _P, _I = Role.EXAMINER, Role.MAINTENANCE, Role.PHARMACIST, Role.INSURER
# 非常時アカウント: care goes on, and nothing else. A note is drafted; a doctor signs it when they can sign in again.
_H = Role.EMERGENCY


def _row(label: str, workplace: str, *roles: Role, needs_step_up: bool = False) -> PermissionRow:
    return PermissionRow(label, workplace, frozenset(roles), needs_step_up)


PERMISSIONS = {
    Permission.USE_SYSTEM: _row("サインインと自分の設定", "共通", _R, _D, _N, _C, _A, _E, _P, _I, _H),
    Permission.RECEPTION_VIEW: _row("受付一覧を見る", "受付", _R, _D, _N, _C, _H),
    Permission.RECEPTION_MANAGE: _row("受付・取消・順番の変更", "受付", _R, _N, _C, _H),
    Permission.PATIENT_VIEW: _row("患者の基本情報を見る", "患者", _R, _D, _N, _C, _H),
    Permission.PATIENT_EDIT: _row("患者の登録・変更", "患者", _R, _C),
    Permission.COVERAGE_EDIT: _row("保険・公費の登録・変更", "患者", _R, _C),
    # Whoever holds the code and knows the birthday reads the whole record: not for an account that opened in a hurry.
    Permission.PORTAL_CODE: _row("本人の画面のコードの発行", "患者", _R, _C, needs_step_up=True),
    Permission.ELIGIBILITY_VIEW: _row("資格確認の着信・結果・利用率を見る", "受付", _R, _D, _N, _C),
    Permission.ELIGIBILITY_ASK: _row("資格の照会・照合・記録", "受付", _R, _N, _C),
    Permission.MEDICAL_INFORMATION_VIEW: _row("同意のある薬剤・診療・健診情報を見る", "カルテ", _D, _N),
    Permission.CHART_VIEW: _row("カルテを見る", "カルテ", _D, _N, _C, _H),
    Permission.CHART_WRITE: _row("カルテを書く", "カルテ", _D, _N, _H),
    Permission.CHART_SIGN: _row("カルテの確定（署名）", "カルテ", _D),
    Permission.DISEASE_EDIT: _row("病名の登録・変更", "カルテ", _D),
    Permission.CODE_MAP: _row("検査・アレルゲン・病名の標準コードを決める", "カルテ", _D, _C),
    Permission.CHECKUP_SEND: _row("健診結果の点検・登録", "書類", _D, _C),
    Permission.ORDER_ENTER: _row("オーダの入力", "オーダ", _D),
    Permission.ORDER_PERFORM: _row("オーダの実施入力", "オーダ", _D, _N),
    Permission.ORDER_SET_EDIT: _row("セットの編集", "オーダ", _D),
    Permission.DOCUMENT_PRINT: _row("書類の印刷", "書類", _R, _D, _N, _C, _H),
    Permission.BILLING_VIEW: _row("会計を見る", "会計", _R, _D, _C),
    Permission.BILLING_SETTLE: _row("会計の確定・変更", "会計", _R, _C),
    Permission.PAYMENT_TAKE: _row("収納", "会計", _R, _C),
    Permission.PAYMENT_REFUND: _row("返金・収納の取消", "会計", _C),
    Permission.DAYBOOK_VIEW: _row("日計・月計を見る", "会計", _R, _C, _A),
    Permission.CLAIMS_VIEW: _row("レセプトを見る", "レセプト", _D, _C),
    Permission.CLAIMS_BUILD: _row("レセプトの作成・点検", "レセプト", _C),
    # 症状詳記 states what the doctor found and why: the doctor writes it, or the clerk from what the doctor said.
    Permission.CLAIMS_NARRATE: _row("症状詳記を書く", "レセプト", _D, _C),
    Permission.CLAIMS_EXPORT: _row("請求ファイルの出力", "レセプト", _C, needs_step_up=True),
    Permission.MASTERS_VIEW: _row("マスターを見る", "マスター", _R, _D, _N, _C, _A),
    Permission.MASTERS_MANAGE: _row("マスターの取込・変更", "マスター", _C, _A),
    Permission.INSTITUTION_MANAGE: _row("医療機関・施設基準の設定", "管理", _A, needs_step_up=True),
    Permission.STAFF_MANAGE: _row("職員と権限の管理", "管理", _A, needs_step_up=True),
    Permission.API_MANAGE: _row("接続トークンの発行・停止", "管理", _A, needs_step_up=True),
    Permission.AUDIT_VIEW: _row("監査記録を見る", "管理", _A),
    Permission.PATIENT_PROTECT: _row("閲覧制限・要配慮・職員の家族の登録", "閲覧の保護", _D, _A),
    Permission.EMERGENCY_OPEN: _row("緊急閲覧を始める", "閲覧の保護", _R, _D, _N, _C, _H),
    Permission.EMERGENCY_REVIEW: _row("緊急閲覧の確認", "閲覧の保護", _D, _A),
    Permission.ACCESS_POLICY_MANAGE: _row("閲覧の規則の変更", "閲覧の保護", _A, needs_step_up=True),
    Permission.MISUSE_WATCH: _row("不正利用の検知とインシデントを見る・記入する", "管理", _A),
    Permission.MISUSE_CONTAIN: _row("封じ込め（セッション終了・利用停止・閲覧専用）とおとり", "管理", _A),
    Permission.AUDIT_EXPORT: _row("監査記録の出力・閲覧履歴の開示", "管理", _A, needs_step_up=True),
    Permission.RECEIVING_OPERATE: _row("審査支払機関（試行環境）の受付・審査", "審査支払", _E),
    Permission.PLATFORM_OPERATE: _row("全国医療情報プラットフォーム（試行環境）の運用", "医療情報基盤", _E),
    Permission.PHARMACY_VIEW: _row("受け付けた処方箋と調剤を見る", "薬局", _P),
    Permission.PHARMACY_RECEIVE: _row("電子処方箋の受付・受付取消・回収", "薬局", _P),
    Permission.PHARMACY_DISPENSE: _row("調剤結果の登録・変更・取消（署名）", "薬局", _P),
    # Of whose insured is written by the command line (records.InsurerClerk): the role alone shows nothing.
    Permission.INSURER_VIEW: _row("加入者の届いた健診結果を見る", "保険者", _I),
    Permission.INSURER_TAKE: _row("加入者の健診結果をファイルで受け取る", "保険者", _I, needs_step_up=True),
    # Whatever else a vendor's person may do is lent by a work order (maintenance.py), never given by the role.
    Permission.MAINTENANCE_WAIT: _row("保守作業の待合", "保守", _M),
    Permission.MAINTENANCE_MANAGE: _row("保守業者と作業指示の管理・承認", "保守", _A, needs_step_up=True),
    Permission.MAINTENANCE_REVIEW: _row("保守作業の照合と確認", "保守", _D, _A),
    Permission.CONTINUITY_VIEW: _row("復旧計画を見る", "事業継続", _R, _D, _N, _C, _A, _H),
    Permission.CONTINUITY_MANAGE: _row(
        "復旧計画の変更、開封カードの停止", "事業継続", _A, needs_step_up=True
    ),
    Permission.OFFICE_VIEW: _row("安全管理室を見る", "管理", _A),
    Permission.OFFICE_MANAGE: _row(
        "台帳への回答、契約・資産・お知らせの登録", "管理", _A, needs_step_up=True
    ),
    # As 「カルテを見る」: whoever may not read a chart while all is well may not read it in an outage.
    Permission.DOWNTIME_CARD: _row(
        "停止時ビューアの開封カードの発行", "事業継続", _D, _N, _C, needs_step_up=True
    ),
    Permission.BACKUP_MANAGE: _row("控えと復元の訓練を見る・控えを始める", "管理", _A),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """役割の権限 — everything these roles may do.

    >>> Permission.CHART_SIGN in permissions_of([Role.NURSE])
    False
    """
    held = frozenset(roles)
    return frozenset(permission for permission, row in PERMISSIONS.items() if row.roles & held)
