# SPDX-License-Identifier: Apache-2.0
"""利用者と端末 — a sign-in, its sessions and the browsers it is known on; who the person is stands in the Staff row."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone

from tasuki_server.institutions.ids import new_id


class UserManager(BaseUserManager["User"]):
    """利用者の登録 — makes users; there is no superuser."""

    def create_user(self, username: str, password: str, **values: Any) -> User:
        """利用者を作る — with a hashed password."""
        user = self.model(username=username, **values)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """利用者 — belongs to one institution for good; reached through the sign-in role only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(
        "利用者名", max_length=60, unique=True, validators=[UnicodeUsernameValidator()]
    )
    email = models.EmailField("メールアドレス", blank=True)
    institution_id = models.UUIDField(editable=False, db_index=True)
    is_active = models.BooleanField(default=True)
    # Whatever was proved before is worth nothing any more, also in a session that has no row yet.
    signed_out_at = models.DateTimeField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    enrolment_hash = models.CharField(max_length=128, blank=True, editable=False)
    enrolment_until = models.DateTimeField(null=True, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "利用者"

    def __str__(self) -> str:
        return self.username


class Why(models.TextChoices):
    """セッション終了の理由 — as the list of devices shows it."""

    SIGNED_OUT = "signed_out", "サインアウト"
    IDLE = "idle", "操作がなかった"
    AGE = "age", "サインインの有効時間が過ぎた"
    SELF = "self", "本人が終了"
    ADMIN = "admin", "管理者が終了"
    DISABLED = "disabled", "利用停止"
    ROLES = "roles", "役割の変更"
    PASSWORD = "password", "パスワードの変更"
    FACTOR = "factor", "二要素認証の変更"
    DEVICE = "device", "別の端末からの利用"
    BROWSER = "browser", "別のブラウザーからの利用"
    NETWORK = "network", "別のネットワークからの利用"


def public_id() -> str:
    """公開番号 — short, to be said aloud and written in the trail; it opens nothing."""
    return secrets.token_hex(5)


class KnownDevice(models.Model):
    """既知の端末 — a browser on which a user signed in wholly; ``digest`` is SHA-256 of its mark."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    browser = models.CharField(max_length=60, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "既知の端末"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="known_device_once")]


class SignInSession(models.Model):
    """サインイン中の端末 — one session: whose, from where, by which factor, and how it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    public_id = models.CharField(max_length=10, unique=True, default=public_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=64)
    browser = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    network = models.CharField(max_length=50, blank=True)
    factor = models.CharField(max_length=20, blank=True)
    is_new_device = models.BooleanField(default=False)
    begun_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=12, blank=True, choices=Why.choices)

    class Meta:
        verbose_name = "サインイン中の端末"
        indexes = [models.Index(fields=["user", "ended_at"], name="sign_in_session_open")]


class FailureCount(models.Model):
    """照合の失敗 — how often in a row a key (a name, a source) failed, and until when it must wait."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(default=timezone.now)
    waits_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "照合の失敗"
