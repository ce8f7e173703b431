# SPDX-License-Identifier: Apache-2.0
"""資格確認のアドレス — what arrived, what was asked, and what becomes of both."""

from __future__ import annotations

from django.urls import path

from tasuki_server.confirmation import asking_views, views

app_name = "confirmation"
urlpatterns = [
    path("", views.day, name="day"),
    path("patients/<int:number>/", asking_views.check, name="check"),
    path("numbers/", asking_views.by_number, name="by_number"),
    path("inquiries/<uuid:inquiry_id>/", asking_views.inquiry, name="inquiry"),
    path("inquiries/<uuid:inquiry_id>/again/", asking_views.again, name="again"),
    path("inquiries/<uuid:inquiry_id>/cancel/", asking_views.cancel, name="cancel"),
    path("outage/", asking_views.outage, name="outage"),
    path("answers/<uuid:answer_id>/", views.answer, name="answer"),
    path("answers/<uuid:answer_id>/receive/", views.receive, name="receive"),
    path("answers/<uuid:answer_id>/register/", views.register, name="register"),
    path("answers/<uuid:answer_id>/choose/", views.choose, name="choose"),
    path("answers/<uuid:answer_id>/away/", views.away, name="away"),
]
