# SPDX-License-Identifier: Apache-2.0
"""利用者 — a sign-in; who the person is at their institution stands in its Staff row."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models

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
    is_demo = models.BooleanField(default=False, editable=False)
    enrolment_hash = models.CharField(max_length=128, blank=True, editable=False)
    enrolment_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "利用者"

    def __str__(self) -> str:
        return self.username
