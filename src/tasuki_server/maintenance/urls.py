# SPDX-License-Identifier: Apache-2.0
"""保守作業のアドレス — the clinic's pages, and the waiting page of a vendor's person."""

from __future__ import annotations

from django.urls import path

from tasuki_server.maintenance import company_views, order_views, waiting_views

app_name = "maintenance"
urlpatterns = [
    path("", order_views.order_list, name="list"),
    path("orders/new/", order_views.new_order, name="new"),
    path("orders/<uuid:workorder_id>/", order_views.order_page, name="order"),
    path("orders/<uuid:workorder_id>/acts/", order_views.acts, name="acts"),
    path("orders/<uuid:workorder_id>/report/", order_views.report, name="report"),
    path("orders/<uuid:workorder_id>/decide/", order_views.decide_order, name="decide"),
    path("orders/<uuid:workorder_id>/cut/", order_views.cut_order, name="cut"),
    path("orders/<uuid:workorder_id>/declare/", order_views.declare_order, name="declare"),
    path("orders/<uuid:workorder_id>/review/", order_views.review_order, name="review"),
    path("companies/", company_views.companies, name="companies"),
    path("companies/<uuid:maintenancecompany_id>/people/", company_views.add_person, name="add_person"),
    path("companies/<uuid:maintenancecompany_id>/stop/", company_views.stop_company, name="stop_company"),
    path("people/<uuid:maintenanceperson_id>/stop/", company_views.stop_person, name="stop_person"),
    path("waiting/", waiting_views.waiting, name="waiting"),
    path("waiting/ask/", waiting_views.ask_order, name="waiting_ask"),
    path("waiting/end/", waiting_views.end_own, name="waiting_end"),
    path("waiting/declare/", waiting_views.declare_own, name="waiting_declare"),
]
