# SPDX-License-Identifier: Apache-2.0
"""発生届のアドレス — the list, by visit, and by notice."""

from __future__ import annotations

from django.urls import path

from tasuki_server.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("visit/<uuid:visit_id>/", views.of_visit, name="of_visit"),
    path("visit/<uuid:visit_id>/panel/", views.panel, name="panel"),
    path("visit/<uuid:visit_id>/decide/", views.decide, name="decide"),
    path("visit/<uuid:visit_id>/write/<slug:code>/", views.write, name="write"),
    path("visit/<uuid:visit_id>/write/<slug:code>/draft.pdf", views.draft_pdf, name="draft_pdf"),
    path("visit/<uuid:visit_id>/write/<slug:code>/sign/", views.sign, name="sign"),
    path("<uuid:notice_id>/", views.notice, name="notice"),
    path("<uuid:notice_id>/revise/", views.revise, name="revise"),
    path("<uuid:notice_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:notice_id>/submitted/", views.submitted, name="submitted"),
    path("<uuid:notice_id>/send/", views.send, name="send"),
    path("<uuid:notice_id>/notification.pdf", views.pdf, name="pdf"),
    path("<uuid:notice_id>/notification.json", views.fhir, name="fhir"),
]
