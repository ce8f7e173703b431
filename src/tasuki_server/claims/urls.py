# SPDX-License-Identifier: Apache-2.0
"""レセプトのアドレス — the month, its acts, receipts and files."""

from __future__ import annotations

from django.urls import path

from tasuki_server.claims import views

app_name = "claims"
urlpatterns = [
    path("", views.month, name="month"),
    path("build/", views.build, name="build"),
    path("close/", views.close, name="close"),
    path("reopen/", views.reopen, name="reopen"),
    path("<uuid:claim_id>/", views.claim, name="claim"),
    path("<uuid:claim_id>/sheet.pdf", views.sheet, name="sheet"),
    path("<uuid:claim_id>/sheet.svg", views.picture, name="picture"),
    path("files/<uuid:file_id>/", views.download, name="download"),
]
