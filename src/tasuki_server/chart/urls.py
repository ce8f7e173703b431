# SPDX-License-Identifier: Apache-2.0
"""カルテのアドレス — a visit's page and what is done on it."""

from __future__ import annotations

from django.urls import path

from tasuki_server.chart import diagnosis_views, kind_views, views

app_name = "chart"
urlpatterns = [
    path("drafts/", views.own_drafts, name="drafts"),
    path("<uuid:visit_id>/", views.visit, name="visit"),
    path("<uuid:visit_id>/versions/", views.versions, name="versions"),
    path("<uuid:visit_id>/preview/", views.show_preview, name="preview"),
    path("<uuid:visit_id>/save/", views.save, name="save"),
    path("<uuid:visit_id>/discard/", views.discard, name="discard"),
    path("<uuid:visit_id>/move-draft/", views.move_draft, name="move_draft"),
    path("<uuid:visit_id>/take-over/<uuid:draft_id>/", views.take_over, name="take_over"),
    path("<uuid:visit_id>/copy/<uuid:note_id>/", views.copy_note, name="copy_note"),
    path("<uuid:visit_id>/sign/", views.sign, name="sign"),
    path("<uuid:visit_id>/merge/", views.merge, name="merge"),
    path("<uuid:visit_id>/keep-mine/", views.keep_mine, name="keep_mine"),
    path("<uuid:visit_id>/to-billing/", views.to_billing, name="to_billing"),
    path("<uuid:visit_id>/kind/", kind_views.kind, name="kind"),
    path("<uuid:visit_id>/next/", views.next_patient, name="next"),
    path("<uuid:visit_id>/diseases/", diagnosis_views.search, name="disease_search"),
    path("<uuid:visit_id>/diagnoses/", diagnosis_views.add, name="diagnosis_add"),
    path("<uuid:visit_id>/diagnoses/<uuid:record_id>/", diagnosis_views.change, name="diagnosis_change"),
]
