# SPDX-License-Identifier: Apache-2.0
"""二要素の初回登録 — opened by a one-time code that the administrator hands over in person.

Without it, whoever holds the password of a new colleague could set up a factor of their own before them.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from tasuki_server.accounts.back_off import Door, budget_of, give_back, take_try
from tasuki_server.accounts.models import User

PROOF = "tasuki_enrolment"
LASTS = timedelta(days=7)
# Letters and digits that are not mistaken for each other on paper.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 12


def issue_code(user: User) -> str:
    """登録コードの発行 — replaces an earlier one; shown once, kept as a hash."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    user.enrolment_hash = make_password(code)
    user.enrolment_until = timezone.now() + LASTS
    user.save(update_fields=["enrolment_hash", "enrolment_until"])
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def accept_code(request: HttpRequest, given: str) -> bool:
    """登録コードの確認 — five tries, then longer and longer waits; opens the set-up pages to this session."""
    user = request.user
    assert isinstance(user, User)
    budget = budget_of(request, Door.ENROLMENT, str(user.pk), user.pk)
    if not take_try(budget):
        return False
    code = "".join(each for each in given.upper() if each.isalnum())
    is_open = user.enrolment_until is not None and timezone.now() < user.enrolment_until
    if not user.enrolment_hash or not is_open or not check_password(code, user.enrolment_hash):
        return False
    give_back(budget)
    request.session[PROOF] = user.enrolment_hash
    record_authentication(request, user, method="enrolment", reauthenticated=True)
    return True


def may_enrol(request: HttpRequest) -> bool:
    """登録中か — this session gave the code that is still valid."""
    user = request.user
    proof = request.session.get(PROOF)
    return bool(proof) and isinstance(user, User) and proof == user.enrolment_hash


def close_enrolment(user: User) -> None:
    """登録の終了 — the code has served."""
    User.objects.filter(pk=user.pk).update(enrolment_hash="", enrolment_until=None)
