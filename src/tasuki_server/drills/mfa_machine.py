# SPDX-License-Identifier: Apache-2.0
"""サインインの状態機械 — random steps at the door, by someone who has some secrets and not others, against a model.

The model is small: a browser is in when the right password was followed by a code that is right and unused, and
nothing ended it since. Whatever the server does otherwise is a fault, in either direction.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasuki_server.drills.people import (
    a_browser,
    code_of,
    copied,
    forget_limits,
    give_code,
    give_password,
    is_open,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tasuki_server.drills.mfa_paths import Ground

LONGEST = 12


@dataclass(slots=True)
class Machine:
    """サインインの模型 — the browser, and what the model believes of it."""

    ground: Ground
    chosen: random.Random
    browser: Client = field(default_factory=a_browser)
    has_password: bool = False
    is_in: bool = False
    used: set[str] = field(default_factory=set)

    def right_password(self) -> None:
        """正しいパスワード — asked of whoever is not in."""
        give_password(self.browser, self.ground.target)
        self.has_password = self.has_password or not self.is_in

    def wrong_password(self) -> None:
        """違うパスワード — a pending right one stays."""
        give_password(self.browser, self.ground.target, "違う言葉の並び")

    def right_code(self) -> None:
        """正しい確認コード — counts after the password, and once."""
        code = code_of(self.ground.target, self.chosen.choice((-1, 0, 1)))
        give_code(self.browser, code)
        if self.has_password and not self.is_in and code not in self.used:
            self.used.add(code)
            self.is_in, self.has_password = True, False

    def wrong_code(self) -> None:
        """違う確認コード — of a colleague."""
        give_code(self.browser, code_of(self.ground.colleague))

    def used_code(self) -> None:
        """使用済みの確認コード — never opens."""
        for code in self.used:
            give_code(self.browser, code)

    def sign_out(self) -> None:
        """サインアウト — ends a session, and a sign-in under way."""
        self.browser.post("/accounts/logout/")
        self.is_in = self.has_password = False

    def new_browser(self) -> None:
        """新しいブラウザー — knows nothing."""
        self.browser, self.is_in, self.has_password = a_browser(), False, False

    def steal_session(self) -> None:
        """セッションだけの盗み — the copy opens nothing, and what it was copied from ends when it was in."""
        if not self.is_in:
            return
        self.browser = copied(self.browser, device=False)
        self.is_in = False

    def end_by_administrator(self) -> None:
        """管理者による終了 — all sessions of the person."""
        from tasuki_server.accounts.models import Why
        from tasuki_server.accounts.sessions import end_sessions

        end_sessions(self.ground.target.user.pk, Why.ADMIN)
        self.is_in = False

    def wander_in_pages(self) -> None:
        """画面の巡回 — opening pages changes nothing."""
        for path in ("/accounts/login/", "/accounts/2fa/authenticate/", "/accounts/2fa/", "/reception/"):
            if self.chosen.random() < 0.5:
                self.browser.get(path)


STEPS: tuple[Callable[[Machine], None], ...] = (
    Machine.right_password,
    Machine.right_password,
    Machine.wrong_password,
    Machine.right_code,
    Machine.right_code,
    Machine.wrong_code,
    Machine.used_code,
    Machine.sign_out,
    Machine.new_browser,
    Machine.steal_session,
    Machine.end_by_administrator,
    Machine.wander_in_pages,
)


def wander(ground: Ground, chosen: random.Random) -> tuple[int, list[str]]:
    """無作為な歩み — how many steps, and where server and model disagreed."""
    forget_limits()
    machine = Machine(ground, chosen)
    walked: list[str] = []
    for _ in range(chosen.randint(3, LONGEST)):
        step = chosen.choice(STEPS)
        walked.append(step.__name__)
        step(machine)
        if is_open(machine.browser) is not machine.is_in:
            state = "開きました" if not machine.is_in else "開きません"
            return len(walked), [f"{' → '.join(walked)}: 模型と違い、{state}。"]
    return len(walked), []
