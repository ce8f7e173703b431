# SPDX-License-Identifier: Apache-2.0
"""公開画面 — the short list of pages that answer without a second factor, each with its reason."""

from __future__ import annotations

# Pages anyone may open.
PUBLIC_PAGES = frozenset(
    {
        "healthz",  # a load balancer asks whether we live
        "account_login",
        "account_logout",
        "account_inactive",
        "mfa_authenticate",  # the second step of sign-in
        "mfa_login_webauthn",  # sign-in by passkey, which is both steps at once
        "providers:start",  # to the institution's identity provider, in place of the password
        "providers:back",  # and back from it, to the second step
        "continuity:open_account",  # two people with both envelopes, when nobody can sign in; it shows nothing
    }
)
# Pages to set a first factor up; open after password and enrolment code (or a recovery code) only.
ENROLMENT_PAGES = frozenset(
    {
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_reauthenticate",
        "account_reauthenticate",
    }
)
# The question itself: asked of whoever is signed in, also from a network that is not proved yet.
STEP_UP_PAGES = frozenset({"step_up"})
# Where a password that someone else set is replaced before anything else.
NEW_PASSWORD_PAGES = STEP_UP_PAGES | {"account_change_password", "account_logout"}
# allauth's own pages for one's own account; any signed-in member of staff may use them.
OWN_ACCOUNT_PAGES = STEP_UP_PAGES | {
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "second_factor_enrol",
    "second_factor_replace",
    "own_sessions",
    "session_standing",
    "end_own_session",
    "end_other_sessions",
}
# Of these the ones that change how a person signs in: a stolen session must not keep itself alive by them.
PROVED_AGAIN_PAGES = frozenset(
    {
        "account_change_password",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    }
)
# Addresses of a package that stay shut: nobody may open them, and none of our pages leads there.
CLOSED_PAGES = frozenset(
    {
        "mfa_download_recovery_codes",  # recovery codes are shown once and not kept in a file
    }
)
