# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの電文 — what is sent to each address and what comes back, as JSON.

FHIR resources stand in them as they are. Numbers of institutions are ten digits, times are RFC 3339 with a zone.
A refusal is an OperationOutcome with a Japanese sentence for each fault. Names of addresses and members are ours:
the real external interface specification is not public (docs/reference/unconfirmed.md).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from tasuki.sharing.permission import RecordKind

# 状態: 同意待ち・閲覧可・受領済み・返書あり・取消・期限切れ。
DocumentState = Literal["waiting", "readable", "fetched", "answered", "cancelled", "expired"]
ConsentWay = Literal["oral", "later"]


def no_resource() -> msgspec.Raw:
    """リソースなし — ``null`` on the wire."""
    return msgspec.Raw(b"null")


class Insured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """被保険者 — 被保険者個人識別子 as JP-CLINS writes it; ``is_public`` for 公費（生活保護）."""

    number: str
    is_public: bool = False


class ReceiverQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """利用状況確認の要求 — ``POST receivers``: the institutions one would send to."""

    numbers: tuple[str, ...]


class Receiver(msgspec.Struct, frozen=True):
    """利用状況 — of one institution; ``reason`` says why it cannot be sent to."""

    number: str
    name: str
    can_receive: bool
    reason: str = ""


class ReceiverAnswer(msgspec.Struct, frozen=True):
    """利用状況確認の応答 — in the order that was asked."""

    receivers: tuple[Receiver, ...]


class Attachment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """添付 — a PDF beside the document; ``data`` is Base64 on the wire."""

    name: str
    data: bytes
    media_type: str = "application/pdf"


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """文書の送付 — ``POST documents``: the Bundle of a 診療情報提供書 and whom it goes to.

    ``consent`` is ``oral`` when the patient agreed at the sender that the receiver reads it, ``later`` when they will
    at the receiver's reader or in their portal. ``discharge`` is the Bundle of a 退院時サマリー, which never goes alone.
    ``answers`` is the id of the document that this one answers (返書); its receiver is then the other's sender.
    """

    receiver: str
    consent: ConsentWay
    bundle: msgspec.Raw
    attachments: tuple[Attachment, ...] = ()
    discharge: msgspec.Raw = msgspec.field(default_factory=no_resource)
    answers: str = ""


class DocumentTold(msgspec.Struct, frozen=True, kw_only=True):
    """文書の状態 — one row of a list; ``reason`` tells why it may or may not be read. No patient's name is in it."""

    id: str
    kind: str
    number: str
    state: DocumentState
    sender: str
    sender_name: str
    receiver: str
    receiver_name: str
    sent_at: datetime
    changed_at: datetime
    consent: ConsentWay
    reason: str = ""
    answers: str = ""
    answered_by: str = ""
    has_discharge: bool = False
    attachments: tuple[str, ...] = ()
    # 指摘: questions and advice of the checks at the door, only in the answer to a sending.
    questions: tuple[str, ...] = ()


class DocumentList(msgspec.Struct, frozen=True):
    """文書の一覧 — ``GET documents?box=in|out&since=&state=``, by the time of the last change, oldest first.

    ``next`` is the ``since`` that asks for what comes after.
    """

    documents: tuple[DocumentTold, ...]
    next: str = ""


class Step(msgspec.Struct, frozen=True):
    """文書の経過 — what happened to a document, when."""

    at: datetime
    act: str
    institution: str


class DocumentStatus(msgspec.Struct, frozen=True):
    """文書の経過の一覧 — ``GET documents/{id}/status``, for the sender and the receiver."""

    document: DocumentTold
    steps: tuple[Step, ...]


class DocumentContent(msgspec.Struct, frozen=True):
    """文書の内容 — ``GET documents/{id}``: the Bundle, its discharge summary, and the attachments by name."""

    document: DocumentTold
    bundle: msgspec.Raw
    discharge: msgspec.Raw
    attachments: tuple[Attachment, ...]


class InformationAnswer(msgspec.Struct, frozen=True):
    """6情報の登録の応答 — ``POST informations``: what was written, replaced, deleted and left out."""

    number: str
    kind: str
    written: int
    deleted: int
    dropped: int
    is_replacement: bool
    questions: tuple[str, ...] = ()


class Viewing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """閲覧の開始 — ``POST views``: by the consent given at the reader, or in an emergency with its reason."""

    insured: Insured
    basis: Literal["reader", "emergency"]
    kinds: tuple[RecordKind, ...] = ()
    reason: str = ""


class Opened(msgspec.Struct, frozen=True):
    """閲覧の可否 — of one kind, with the reason and where it comes from."""

    kind: RecordKind
    label: str
    is_open: bool
    reason: str
    cite: str
    until: datetime | None = None


class ViewingAnswer(msgspec.Struct, frozen=True):
    """閲覧の開始の応答 — every kind asked for."""

    kinds: tuple[Opened, ...]


class InformationItem(msgspec.Struct, frozen=True):
    """6情報の一件 — the resource as it is kept; ``is_uninformed`` is 未告知: not yet explained to the patient."""

    resource: msgspec.Raw
    is_uninformed: bool = False
    is_long_kept: bool = False


class InformationSet(msgspec.Struct, frozen=True):
    """6情報の組 — the newest of one institution and one kind: who, when, out of what."""

    kind: RecordKind
    institution: str
    institution_name: str
    registered_at: datetime
    # 出どころ: "unit" of a Bundle of informations, "document" when it was taken out of a document.
    source: Literal["unit", "document"]
    number: str
    items: tuple[InformationItem, ...]


class Informations(msgspec.Struct, frozen=True):
    """6情報の閲覧 — ``GET informations?insured=&kind=``: kinds that are closed have no sets, and say why."""

    kinds: tuple[Opened, ...]
    sets: tuple[InformationSet, ...]


class CheckupTold(msgspec.Struct, frozen=True):
    """健診結果報告書 — one report; ``bundle`` is as it was sent."""

    id: str
    number: str
    institution: str
    institution_name: str
    registered_at: datetime
    checked_on: str
    bundle: msgspec.Raw


class CheckupList(msgspec.Struct, frozen=True):
    """健診結果報告書の一覧 — ``GET checkups?insured=`` for institutions, ``?insurer=&since=`` for the insurer."""

    checkups: tuple[CheckupTold, ...]
    next: str = ""


class Notification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """感染症発生届の届出 — ``POST notifications``: a QuestionnaireResponse, and the 保健所 it goes to."""

    receiver: str
    response: msgspec.Raw


class NotificationTold(msgspec.Struct, frozen=True):
    """届出の状態 — ``sent``, ``received`` or ``returned`` with its reason; the response only for who reads one."""

    id: str
    sender: str
    sender_name: str
    receiver: str
    sent_at: datetime
    changed_at: datetime
    state: Literal["sent", "received", "returned"]
    questionnaire: str
    reason: str = ""
    response: msgspec.Raw = msgspec.field(default_factory=no_resource)


class NotificationList(msgspec.Struct, frozen=True):
    """届出の一覧 — ``GET notifications?since=``: of the sender, or of the 保健所 it went to."""

    notifications: tuple[NotificationTold, ...]
    next: str = ""


class NotificationAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """届出の受理・返戻 — ``POST notifications/{id}/state`` by the 保健所."""

    state: Literal["received", "returned"]
    reason: str = ""


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """本人の同意 — ``POST person/permissions``: to one institution, for kinds and a period.

    ``document`` for one document that waits for consent. ``proxy`` names who permits in the person's place.
    """

    insured: tuple[Insured, ...]
    institution: str
    kinds: tuple[RecordKind, ...]
    since: datetime | None = None
    until: datetime | None = None
    document: str = ""
    proxy: str = ""


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """同意の撤回 — ``POST person/withdrawals``: no institution is every one, no kinds is every kind."""

    insured: tuple[Insured, ...]
    institution: str = ""
    kinds: tuple[RecordKind, ...] = ()
    document: str = ""
    reason: str = ""


class CodeQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """本人の画面のコードの依頼 — ``POST person/codes``: ``seen`` says by what the person (own) or the parent (child) was known."""

    insured: Insured
    born: date
    kind: Literal["own", "child"]
    seen: str


class CodeTold(msgspec.Struct, frozen=True):
    """本人の画面のコード — told this once; the code before it opens nothing any more."""

    code: str
    until: datetime


class Permission(msgspec.Struct, frozen=True):
    """同意の一件 — as the person sees it; ``is_open`` now."""

    id: str
    act: str
    label: str
    at: datetime
    institution: str
    institution_name: str
    kinds: tuple[RecordKind, ...]
    is_open: bool
    since: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    document: str = ""
    reason: str = ""
    proxy: str = ""


class Denial(msgspec.Struct, frozen=True):
    """提供の拒否の一件 — that an institution wrote into the exchange in the person's name, which closes every way now.

    Whoever wrote it lifts it: the person asks there when it is not theirs.
    """

    institution: str
    institution_name: str
    written_at: datetime
    since: datetime | None = None
    until: datetime | None = None


class Permissions(msgspec.Struct, frozen=True):
    """本人の同意の一覧 — what is open now, and everything that ever happened, the newest first; and what closes it all."""

    now: tuple[Permission, ...]
    history: tuple[Permission, ...]
    denials: tuple[Denial, ...] = ()


class OwnResource(msgspec.Struct, frozen=True):
    """本人の記録の一件 — of one institution; 未告知 and 未提供 are never among them."""

    kind: RecordKind
    institution: str
    institution_name: str
    registered_at: datetime
    resource: msgspec.Raw


class OwnDocument(msgspec.Struct, frozen=True):
    """本人の文書の一件 — a 診療情報提供書 with its state, the 退院時サマリー beside it, or a 健診結果報告書 (no receiver).

    Of a summary the ``id`` is its letter's with ``.discharge`` after it; what is permitted is the letter.
    """

    id: str
    kind: RecordKind
    institution: str
    institution_name: str
    receiver: str
    receiver_name: str
    state: str
    registered_at: datetime
    bundle: msgspec.Raw


class OwnRecords(msgspec.Struct, frozen=True):
    """本人の記録 — ``GET person/records``: across all institutions, the newest first."""

    resources: tuple[OwnResource, ...]
    documents: tuple[OwnDocument, ...]


class Look(msgspec.Struct, frozen=True):
    """閲覧の記録 — who looked, or tried to and saw nothing: the institution, never a person of its staff."""

    at: datetime
    institution: str
    institution_name: str
    what: str
    kind: str = ""
    is_emergency: bool = False
    reason: str = ""
    is_refused: bool = False


class Looks(msgspec.Struct, frozen=True):
    """閲覧の記録の一覧 — ``GET person/looks``, the newest first."""

    looks: tuple[Look, ...]
