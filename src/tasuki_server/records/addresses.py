# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスのアドレス — the one table: requests are routed by it and the OpenAPI document is made of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from tasuki_server.platform.models import FeeTable
from tasuki_server.records import messages as m

CLINICS = frozenset((FeeTable.MEDICAL, FeeTable.DENTAL))
READERS = CLINICS | {FeeTable.PHARMACY}
PORTALS = frozenset((FeeTable.PORTAL,))


class Address(NamedTuple):
    """アドレス — a method, the shape of the path (I an identifier), who may ask, and what goes in and comes out."""

    method: str
    shape: tuple[str, ...]
    act: str
    term: str
    callers: frozenset[str]
    takes: Any = None
    gives: Any = None
    query: tuple[str, ...] = ()


FHIR_BUNDLE = "application/fhir+json"
ADDRESSES = (
    Address("POST", ("receivers",), "receivers", "利用状況の確認", CLINICS, m.ReceiverQuestion, m.ReceiverAnswer),
    Address("POST", ("documents",), "send-document", "文書の送付", CLINICS, m.Sending, m.DocumentTold),
    Address(
        "GET", ("documents",), "list-documents", "文書の一覧", CLINICS, None, m.DocumentList, ("box", "since", "state")
    ),
    Address("GET", ("documents", "I"), "read-document", "文書の受取り", CLINICS, None, m.DocumentContent),
    Address("GET", ("documents", "I", "status"), "document-status", "文書の経過", CLINICS, None, m.DocumentStatus),
    Address("POST", ("documents", "I", "cancel"), "cancel-document", "文書の取消", CLINICS, None, m.DocumentTold),
    # A Bundle as JP_Bundle_CLINS has it, nothing around it.
    Address("POST", ("informations",), "write-informations", "6情報の登録", CLINICS, FHIR_BUNDLE, m.InformationAnswer),
    Address("POST", ("views",), "open-view", "閲覧の開始", READERS, m.Viewing, m.ViewingAnswer),
    Address(
        "GET", ("informations",), "read-informations", "6情報の閲覧", READERS, None, m.Informations,
        ("insured", "public", "kind"),
    ),
    Address("POST", ("checkups",), "write-checkup", "健診結果の登録", CLINICS, FHIR_BUNDLE, m.CheckupTold),
    Address(
        "GET", ("checkups",), "read-checkups", "健診結果の閲覧", CLINICS | {FeeTable.INSURER}, None, m.CheckupList,
        ("insured", "public", "insurer", "since"),
    ),
    Address(
        "POST", ("notifications",), "notify", "感染症発生届の届出", CLINICS, m.Notification, m.NotificationTold
    ),
    Address(
        "GET", ("notifications",), "list-notifications", "感染症発生届の一覧", CLINICS | {FeeTable.HEALTH_CENTER}, None,
        m.NotificationList, ("since",),
    ),
    Address(
        "GET", ("notifications", "I"), "read-notification", "感染症発生届の受取り", CLINICS | {FeeTable.HEALTH_CENTER},
        None, m.NotificationTold,
    ),
    Address(
        "POST", ("notifications", "I", "state"), "settle-notification", "感染症発生届の受理・返戻",
        frozenset((FeeTable.HEALTH_CENTER,)), m.NotificationAct, m.NotificationTold,
    ),
    Address(
        "GET", ("person", "records"), "own-records", "本人の記録", PORTALS, None, m.OwnRecords, ("insured", "public")
    ),
    Address("GET", ("person", "looks"), "own-looks", "閲覧の記録", PORTALS, None, m.Looks, ("insured", "public")),
    Address(
        "GET", ("person", "permissions"), "own-permissions", "本人の同意", PORTALS, None, m.Permissions,
        ("insured", "public"),
    ),
    Address("POST", ("person", "permissions"), "grant", "同意", PORTALS, m.Grant, m.Permission),
    Address("POST", ("person", "codes"), "portal-code", "本人の画面のコードの発行", CLINICS, m.CodeQuestion, m.CodeTold),
    Address("POST", ("person", "withdrawals"), "withdraw", "同意の撤回", PORTALS, m.Withdrawal, m.Permission),
)  # fmt: skip
