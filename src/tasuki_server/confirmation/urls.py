# SPDX-License-Identifier: Apache-2.0
"""資格確認のアドレス — what arrived, what was asked, and what becomes of both."""

from __future__ import annotations

from django.urls import path

from tasuki_server.confirmation import (
    asking_views,
    bulk_views,
    emergency_views,
    information_views,
    office_views,
    views,
)

app_name = "confirmation"
urlpatterns = [
    path("", views.day, name="day"),
    path("patients/<int:number>/", asking_views.check, name="check"),
    path("numbers/", asking_views.by_number, name="by_number"),
    path("inquiries/<uuid:inquiry_id>/", asking_views.inquiry, name="inquiry"),
    path("inquiries/<uuid:inquiry_id>/again/", asking_views.again, name="again"),
    path("inquiries/<uuid:inquiry_id>/cancel/", asking_views.cancel, name="cancel"),
    path("outage/", office_views.outage, name="outage"),
    path("usage/", office_views.usage, name="usage"),
    path("usage.csv", office_views.usage_table, name="usage_table"),
    path("line/", office_views.line, name="line"),
    path("reader/", office_views.reader, name="reader"),
    path("bulk/", bulk_views.bulk, name="bulk"),
    path("bulk/consented/", bulk_views.consented, name="consented"),
    path("bulk/<uuid:bulk_run_id>/", bulk_views.bulk_run, name="bulk_run"),
    path("visits/<uuid:visit_id>/", information_views.information, name="information"),
    path("visits/<uuid:visit_id>/panel/", information_views.panel, name="panel"),
    path("visits/<uuid:visit_id>/emergency/", emergency_views.look, name="look"),
    path("emergencies/", emergency_views.looks, name="looks"),
    path("emergencies/<uuid:emergency_look_id>/", emergency_views.review, name="look_review"),
    path("visits/<uuid:visit_id>/ask/", information_views.ask, name="ask_information"),
    path("answers/<uuid:answer_id>/", views.answer, name="answer"),
    path("answers/<uuid:answer_id>/receive/", views.receive, name="receive"),
    path("answers/<uuid:answer_id>/register/", views.register, name="register"),
    path("answers/<uuid:answer_id>/choose/", views.choose, name="choose"),
    path("answers/<uuid:answer_id>/away/", views.away, name="away"),
]
