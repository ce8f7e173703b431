# SPDX-License-Identifier: Apache-2.0
"""本人の画面のアドレス — a root of their own: no address of staff is below it, and none of these is among theirs."""

from __future__ import annotations

from django.urls import include, path

from tasuki_server.portal import account_views, consent_views, entry_views, own_views, record_views

handler400 = "tasuki_server.portal.errors.bad_request"
handler403 = "tasuki_server.portal.errors.refused"
handler404 = "tasuki_server.portal.errors.not_found"
handler500 = "tasuki_server.portal.errors.our_fault"

_pages = [
    path("", record_views.home, name="home"),
    path("enter/", entry_views.enter, name="enter"),
    path("enter/demo/", entry_views.enter_by_code, name="enter_by_code"),
    path("leave/", entry_views.leave, name="leave"),
    path("language/", entry_views.language, name="language"),
    path("standing/", entry_views.standing, name="standing"),
    path("register/", entry_views.register, name="register"),
    path("register/passkey/", entry_views.register_passkey, name="register_passkey"),
    path("prove/", entry_views.prove, name="prove"),
    path("results/", record_views.results, name="results"),
    path("drugs/", record_views.drugs, name="drugs"),
    path("conditions/", record_views.conditions, name="conditions"),
    path("allergies/", record_views.allergies, name="allergies"),
    path("documents/", record_views.documents, name="documents"),
    path("documents/<str:document_id>/", record_views.document, name="document"),
    path("documents/<str:document_id>/consent/", consent_views.grant_document, name="grant_document"),
    path("checkups/", record_views.checkups, name="checkups"),
    path("costs/", record_views.costs, name="costs"),
    path("looks/", consent_views.looks, name="looks"),
    path("consents/", consent_views.consents, name="consents"),
    path("consents/new/", consent_views.grant, name="grant"),
    path("consents/end/", consent_views.end, name="end_consent"),
    path("entries/", own_views.entries, name="entries"),
    path("entries/new/", own_views.add, name="add_entry"),
    path("entries/<uuid:entry_id>/end/", own_views.withdraw, name="withdraw_entry"),
    path("download/", own_views.download_page, name="download"),
    path("download/record.json", own_views.download, name="download_json"),
    path("download/record.pdf", own_views.print_record, name="download_pdf"),
    path("devices/", account_views.devices, name="devices"),
    path("devices/new/", account_views.add_passkey, name="add_passkey"),
    path("devices/<uuid:passkey_id>/end/", account_views.end_passkey, name="end_passkey"),
    path("devices/<uuid:passkey_id>/admit/", account_views.admit_passkey, name="admit_passkey"),
    path("devices/<uuid:passkey_id>/refuse/", account_views.refuse_passkey, name="refuse_passkey"),
    path("devices/sessions/<uuid:session_id>/end/", account_views.end_one_session, name="end_session"),
    path("proxies/", account_views.proxies, name="proxies"),
    path("proxies/invite/", account_views.invite, name="invite"),
    path("proxies/accept/", account_views.accept_code, name="accept"),
    path("proxies/<uuid:proxy_id>/end/", account_views.end_proxy, name="end_proxy"),
    path("switch/", account_views.switch, name="switch"),
]
urlpatterns = [path("portal/", include((_pages, "portal")))]
