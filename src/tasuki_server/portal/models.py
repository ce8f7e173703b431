# SPDX-License-Identifier: Apache-2.0
"""本人の画面の表 — accounts of persons, their passkeys, codes and sessions, proxies, own entries, and every look.

Made-up people only. The rows belong to no institution; the role of the platform alone reaches them.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


def _handle() -> bytes:
    """A name that says nothing, for the authenticator of a telephone (WebAuthn user handle)."""
    return secrets.token_bytes(32)


class Language(models.TextChoices):
    """表示の言語 — Japanese or English."""

    JAPANESE = "ja", "日本語"
    ENGLISH = "en", "English"


class Account(ServiceRow):
    """利用者 — a person who opened the portal; one for each person of the register."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.OneToOneField(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    handle = models.BinaryField(default=_handle, max_length=32, unique=True)
    language = models.CharField(
        "表示の言語", max_length=2, choices=Language.choices, default=Language.JAPANESE
    )
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    closed_at = models.DateTimeField("利用終了日時", null=True)
    # 新しい端末の知らせ: beside the account, so that every page tells it without asking anew.
    waits_until = models.DateTimeField("新しい端末を使えるようになる日時", null=True)

    class Meta:
        verbose_name = "利用者"


class Passkey(ServiceRow):
    """パスキー — a public key of the person's device; a removed one opens nothing and stays as history."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="passkeys")
    credential_id = models.BinaryField(max_length=1024, unique=True)
    # COSE_Key as CBOR, with what the authenticator said of itself.
    credential = models.BinaryField("公開鍵")
    sign_count = models.BigIntegerField("使用回数", default=0)
    label = models.CharField("端末の名前", max_length=60)
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    used_at = models.DateTimeField("最後の使用", null=True)
    removed_at = models.DateTimeField("取消日時", null=True)
    # 待つ端末: registered by a code while others were in use; none once it was admitted or has taken their place.
    waits_until = models.DateTimeField("使えるようになる日時", null=True)

    class Meta:
        verbose_name = "パスキー"


class CodeKind(models.TextChoices):
    """コードの種類 — what a one-time code opens."""

    OWN = "own", "本人の登録・再登録"
    CHILD = "child", "子の記録（法定代理人）"
    INVITE = "invite", "代理人の招待"
    DEMO = "demo", "お試しのサインイン"


class OneTimeCode(ServiceRow):
    """一度だけのコード — handed over on paper after the person was seen; kept as its HMAC only."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("種類", max_length=6, choices=CodeKind.choices)
    digest = models.CharField(max_length=64, unique=True)
    # 窓口で本人を確かめた機関; none for an invitation and for the demo.
    issuer = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, null=True, related_name="+")
    # 代理の期間と範囲: of an invitation.
    ends_on = models.DateField("代理の終了日", null=True)
    may_consent = models.BooleanField("同意の変更も任せる", default=False)
    made_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField("有効期限")
    used_at = models.DateTimeField("使用日時", null=True)

    class Meta:
        verbose_name = "一度だけのコード"
        indexes = [models.Index(fields=["person", "kind"], name="portal_code_of_person")]


class SpentChallenge(models.Model):
    """使用済みの問い — the number of a challenge that was answered; kept until time alone refuses it."""

    own_rights: ClassVar[Rights] = Rights.FULL

    nonce = models.BinaryField(primary_key=True, max_length=16)
    until_at = models.DateTimeField()

    class Meta:
        db_table = "portal_spent_challenge"
        verbose_name = "使用済みの問い"


class ProxyKind(models.TextChoices):
    """代理の種類 — by law for a child, by the person's own word otherwise."""

    PARENT = "parent", "法定代理人（親権者など）"
    CHOSEN = "chosen", "本人が選んだ代理人"


class Proxy(ServiceRow):
    """代理 — who may see and do what in whose stead, from when until when; revoked at once."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="proxies")
    kind = models.CharField("種類", max_length=6, choices=ProxyKind.choices)
    may_consent = models.BooleanField("同意の変更も任せる", default=False)
    code = models.OneToOneField(OneTimeCode, on_delete=models.PROTECT, related_name="+")
    since_at = models.DateTimeField("開始", default=timezone.now)
    # 終了日: the last day; none where only the child's age or a withdrawal ends it.
    ends_on = models.DateField("終了日", null=True)
    revoked_at = models.DateTimeField("取消日時", null=True)
    revoked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "代理"
        indexes = [models.Index(fields=["person", "since_at"], name="portal_proxy_of_person")]


class Session(ServiceRow):
    """サインイン中の端末 — found by the digest of its cookie; ending it is one UPDATE and counts at the next request."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="sessions")
    # None for the code of a demo.
    passkey = models.ForeignKey(Passkey, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    browser = models.CharField("ブラウザー", max_length=60)
    network = models.CharField("ネットワーク", max_length=45)
    begun_at = models.DateTimeField("開始", default=timezone.now)
    seen_at = models.DateTimeField("最後の操作", default=timezone.now)
    proved_at = models.DateTimeField("最後の本人確認", default=timezone.now)
    until_at = models.DateTimeField("期限")
    ended_at = models.DateTimeField("終了", null=True)
    ended_why = models.CharField("終了の理由", max_length=12, blank=True)
    # だれの記録を見ているか: none is one's own.
    acting = models.ForeignKey(Proxy, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "サインイン中の端末"


class Event(models.Model):
    """本人の画面の利用の記録 — each look and each act, by the person or a proxy; kept before the page leaves, never changed."""

    own_rights: ClassVar[Rights] = Rights.APPEND

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("日時", default=timezone.now)
    # だれの記録か; none where nobody is known yet.
    person = models.ForeignKey(
        InsuredPerson, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # だれがしたか.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    proxy = models.ForeignKey(Proxy, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    session = models.UUIDField("端末", null=True)
    act = models.CharField("行為", max_length=24)
    is_refused = models.BooleanField("拒否", default=False)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "本人の画面の利用の記録"
        indexes = [models.Index(fields=["person", "-number"], name="portal_event_of_person")]


class EntryKind(models.TextChoices):
    """本人の記入の種類 — what a person notes about themselves."""

    PRESSURE = "pressure", "血圧"
    WEIGHT = "weight", "体重"
    NOTE = "note", "メモ"


class OwnEntry(ServiceRow):
    """本人の記入 — what the person measured or wrote; never mixed with what an institution confirmed."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    person = models.ForeignKey(InsuredPerson, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    proxy = models.ForeignKey(Proxy, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField("種類", max_length=8, choices=EntryKind.choices)
    measured_at = models.DateTimeField("測った日時")
    upper_mmhg = models.PositiveSmallIntegerField("最高血圧", null=True)
    lower_mmhg = models.PositiveSmallIntegerField("最低血圧", null=True)
    weight_kg = models.DecimalField("体重", max_digits=5, decimal_places=1, null=True)
    text = models.TextField("メモ", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField("取消日時", null=True)

    class Meta:
        verbose_name = "本人の記入"
        indexes = [models.Index(fields=["person", "kind", "-measured_at"], name="portal_entry_of_person")]
