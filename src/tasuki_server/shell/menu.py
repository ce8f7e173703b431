# SPDX-License-Identifier: Apache-2.0
"""メニュー — the rooms of the clinic, their key and the permission that shows them; absent rooms are left out."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.security.permissions import Permission


class MenuEntry(NamedTuple):
    """メニュー項目 — a named page; those of one group stand behind one entry of the top line."""

    view_name: str
    label: str
    key: str
    permission: Permission
    group: str = ""


SAFETY = "安全管理"
# 組の鍵: the key that opens the first page of a group one may enter.
GROUP_KEYS = {SAFETY: "Alt+8"}

MENU = (
    MenuEntry("home", "ホーム", "Alt+0", Permission.USE_SYSTEM),
    MenuEntry("reception:board", "受付", "Alt+1", Permission.RECEPTION_VIEW),
    MenuEntry("patients:search", "患者", "Alt+2", Permission.PATIENT_VIEW),
    MenuEntry("eprescribing:list", "電子処方箋", "Alt+]", Permission.CHART_VIEW),
    MenuEntry("sharing:list", "情報共有", "Alt+[", Permission.CHART_VIEW),
    MenuEntry("billing:list", "会計", "Alt+3", Permission.BILLING_VIEW),
    MenuEntry("billing:daybook", "日計", "Alt+4", Permission.DAYBOOK_VIEW),
    MenuEntry("claims:month", "レセプト", "Alt+5", Permission.CLAIMS_VIEW),
    MenuEntry("receiving:desk", "審査支払（試行）", "Alt+Z", Permission.RECEIVING_OPERATE),
    MenuEntry("platform:desk", "医療情報基盤（試行）", "Alt+$", Permission.PLATFORM_OPERATE),
    MenuEntry("pharmacy:board", "薬局", "Alt+1", Permission.PHARMACY_VIEW),
    MenuEntry("records:checkups", "健診結果", "Alt+1", Permission.INSURER_VIEW),
    MenuEntry("reference:rules", "ルール", "Alt+6", Permission.MASTERS_VIEW),
    MenuEntry("institutions:facility", "施設", "Alt+7", Permission.INSTITUTION_MANAGE),
    MenuEntry("staff:list", "職員", "Alt+X", Permission.STAFF_MANAGE),
    MenuEntry("api:list", "接続", "Alt+9", Permission.API_MANAGE),
    MenuEntry("office:walls", "安全管理室", "Alt+@", Permission.OFFICE_VIEW, SAFETY),
    MenuEntry("watch:alerts", "見張り", "Alt+Y", Permission.MISUSE_WATCH, SAFETY),
    MenuEntry("privacy:emergencies", "閲覧の保護", "Alt+,", Permission.EMERGENCY_REVIEW, SAFETY),
    MenuEntry("audit:list", "監査記録", "Alt+;", Permission.AUDIT_VIEW, SAFETY),
    MenuEntry("maintenance:list", "保守", "Alt+-", Permission.MAINTENANCE_REVIEW, SAFETY),
    MenuEntry("continuity:plan", "事業継続", "Alt+.", Permission.CONTINUITY_VIEW, SAFETY),
    MenuEntry("recovery:status", "控え", "Alt+:", Permission.BACKUP_MANAGE, SAFETY),
    MenuEntry("maintenance:waiting", "保守作業", "Alt+-", Permission.MAINTENANCE_WAIT),
)
