# SPDX-License-Identifier: Apache-2.0
"""サインインのアドレス — the pages of allauth that we use, and no others: no sign-up, no e-mail, no reset by mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa import urls as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from django.db import transaction
from django.urls import include, path

from tasuki_server.accounts import session_views, step_up_views, views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("step-up/", step_up_views.step_up, name="step_up"),
    path("sessions/", session_views.own_sessions, name="own_sessions"),
    path("sessions/standing/", session_views.standing, name="session_standing"),
    path("sessions/<uuid:session_id>/end/", session_views.end_own_session, name="end_own_session"),
    path("sessions/end-others/", session_views.end_other_sessions, name="end_other_sessions"),
    path("2fa/enrol/", views.enrol, name="second_factor_enrol"),
    path("2fa/replace/", views.replace, name="second_factor_replace"),
    # allauth locks the user's row in a transaction of the default database; the row is the sign-in role's.
    path(
        "2fa/recovery-codes/generate/",
        transaction.atomic(using="signin")(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/", include(second_factor)),
]
