# SPDX-License-Identifier: Apache-2.0
"""サインインのアドレス — the pages of allauth that we use, and no others: no sign-up, no e-mail, no reset by mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa import urls as second_factor
from django.urls import include, path

from tasuki_server.accounts import views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("2fa/enrol/", views.enrol, name="second_factor_enrol"),
    path("2fa/", include(second_factor)),
]
