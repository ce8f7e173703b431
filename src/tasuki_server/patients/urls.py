# SPDX-License-Identifier: Apache-2.0
"""患者のアドレス — search, registration, a patient, and what pays for them."""

from __future__ import annotations

from django.urls import path

from tasuki_server.patients import allergy_views, coverage_views, views

app_name = "patients"
urlpatterns = [
    path("", views.search, name="search"),
    path("new/", views.register, name="register"),
    path("<int:number>/", views.patient, name="patient"),
    path("<int:number>/revise/", views.revise, name="revise"),
    path("<int:number>/coverage/", coverage_views.coverage, name="coverage"),
    path("<int:number>/insurances/new/", coverage_views.insurance_new, name="insurance_new"),
    path(
        "<int:number>/insurances/<uuid:record_id>/", coverage_views.insurance_revise, name="insurance_revise"
    ),
    path(
        "<int:number>/insurances/<uuid:record_id>/withdraw/",
        coverage_views.insurance_withdraw,
        name="insurance_withdraw",
    ),
    path("<int:number>/programmes/new/", coverage_views.programme_new, name="programme_new"),
    path(
        "<int:number>/programmes/<uuid:record_id>/", coverage_views.programme_revise, name="programme_revise"
    ),
    path(
        "<int:number>/programmes/<uuid:record_id>/withdraw/",
        coverage_views.programme_withdraw,
        name="programme_withdraw",
    ),
    path("<int:number>/allergies/new/", allergy_views.allergy_new, name="allergy_new"),
    path("<int:number>/allergies/drugs/", allergy_views.allergy_drugs, name="allergy_drugs"),
    path(
        "<int:number>/allergies/<uuid:record_id>/withdraw/",
        allergy_views.allergy_withdraw,
        name="allergy_withdraw",
    ),
]
