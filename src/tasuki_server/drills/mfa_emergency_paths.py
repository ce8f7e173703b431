# SPDX-License-Identifier: Apache-2.0
"""非常時アカウントの入り口 — an account that was opened as it should be, and yet no second factor: nothing of a person is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tasuki_server.drills.people import a_browser, forget_limits

if TYPE_CHECKING:
    from uuid import UUID

    from tasuki_server.drills.emergency_accounts import Sealed
    from tasuki_server.drills.mfa_paths import Ground, Try

# One for each training ground: an institution has few of them.
_OPENED: dict[UUID, Sealed] = {}


def opened_account_with_its_password(ground: Ground) -> Try:
    """開封した非常時アカウントのパスワードだけ."""
    from tasuki_server.drills.emergency_accounts import sign_in
    from tasuki_server.drills.mfa_paths import Try

    return Try(sign_in(_opened(ground).envelopes, with_code=False))


def envelopes_without_sign_in(ground: Ground) -> Try:
    """封筒のコードだけ."""
    from tasuki_server.drills.emergency_accounts import OPEN
    from tasuki_server.drills.mfa_paths import Try

    browser = a_browser()
    browser.post(OPEN, _opened(ground).given())
    return Try(browser)


def _opened(ground: Ground) -> Sealed:
    from tasuki_server.drills.emergency_accounts import OPEN, sealed_account

    if ground.institution_id not in _OPENED:
        sealed = _OPENED[ground.institution_id] = sealed_account(
            ground.institution_id, ground.colleague.staff
        )
        forget_limits()
        a_browser().post(OPEN, sealed.given())
    return _OPENED[ground.institution_id]


EMERGENCY_PATHS: tuple[Callable[[Ground], Try], ...] = (
    opened_account_with_its_password,
    envelopes_without_sign_in,
)
