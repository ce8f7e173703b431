# SPDX-License-Identifier: Apache-2.0
"""着任 — a person gets a sign-in, a first password and an enrolment code, on one sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tasuki.security.permissions import Role
from tasuki_server.accounts.enrolment import issue_code
from tasuki_server.accounts.models import User
from tasuki_server.accounts.staff_changes import new_password
from tasuki_server.cli.words import Stop, say
from tasuki_server.institutions.opening import add_staff, system_actor
from tasuki_server.institutions.work import as_institution


@dataclass(frozen=True, slots=True)
class Joined:
    """着任の控え — what is handed over once and kept nowhere."""

    user: User
    name: str
    roles: tuple[Role, ...]
    password: str
    enrolment_code: str
    kana: str = ""

    def enter_staff(self) -> None:
        """職員の記入 — the person among the institution's staff."""
        institution_id = self.user.institution_id
        # On a page the administrator's own transaction is open, and the act is theirs.
        with as_institution(institution_id, system_actor(institution_id)):
            add_staff(self.name, self.kana, self.roles, user_id=self.user.pk)

    def as_dict(self) -> dict[str, str]:
        """JSON — for scripts."""
        return {"user": self.user.username, "password": self.password, "enrolment_code": self.enrolment_code}

    def paper(self) -> str:
        """手渡す紙 — text."""
        return say(
            f"  利用者名: {self.user.username}\n  最初のパスワード: {self.password}\n"
            f"  登録コード（7日間有効、一度だけ）: {self.enrolment_code}\n"
            "  この内容は二度と表示されません。本人に手渡してください。",
            f"  user: {self.user.username}\n  first password: {self.password}\n"
            f"  enrolment code (seven days, once): {self.enrolment_code}\n"
            "  This is not shown again; hand it to the person.",
        )


def join(
    institution_id: UUID,
    username: str,
    name: str,
    roles: Sequence[Role],
    *,
    kana: str = "",
    staff_later: bool = False,
) -> Joined:
    """着任 — refuses a user name that is taken; ``staff_later`` when the institution is not open yet."""
    if User.objects.filter(username__iexact=username).exists():
        raise Stop(f"利用者名「{username}」は使われています。", f"The user name “{username}” is taken.")
    password = new_password()
    user = User.objects.create_user(
        username, password, institution_id=institution_id, must_change_password=True
    )
    joined = Joined(user, name, tuple(roles), password, issue_code(user), kana)
    if not staff_later:
        joined.enter_staff()
    return joined
