# SPDX-License-Identifier: Apache-2.0
"""再確認との継ぎ目 — whether a person has just proved again who they are, and where they do it."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def needs_proof(request: HttpRequest) -> bool:
    """再確認が要るか — password or factor was not given a moment ago."""
    return not did_recently_reauthenticate(request)


def proof_page(back: str) -> HttpResponse:
    """再確認の画面へ — and back to a page of ours."""
    return redirect(reverse("account_reauthenticate") + "?" + urlencode({"next": back}))
