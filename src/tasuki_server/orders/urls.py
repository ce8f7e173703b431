# SPDX-License-Identifier: Apache-2.0
"""オーダのアドレス — the table of a visit, and the sets of the institution."""

from __future__ import annotations

from django.urls import path

from tasuki_server.orders import fact_views, set_views, views

app_name = "orders"
urlpatterns = [
    path("sets/", set_views.sets, name="sets"),
    path("sets/<uuid:record_id>/", set_views.revise, name="set"),
    path("<uuid:visit_id>/set/", set_views.new_from_visit, name="set_new"),
    path("<uuid:visit_id>/search/", views.search, name="search"),
    path("<uuid:visit_id>/add/", views.add, name="add"),
    path("<uuid:visit_id>/undo/", views.undo, name="undo"),
    path("<uuid:visit_id>/do/", views.show_do, name="show_do"),
    path("<uuid:visit_id>/do/copy/", views.do, name="do"),
    path("<uuid:visit_id>/flags/", fact_views.flags, name="flags"),
    path("<uuid:visit_id>/facts/", fact_views.facts, name="facts"),
    path("<uuid:visit_id>/facts/same/<str:part>/", fact_views.same_facts, name="same_facts"),
    path("<uuid:visit_id>/override/", views.override, name="override"),
    path("<uuid:visit_id>/<uuid:order_id>/", views.change_order, name="order"),
    path("<uuid:visit_id>/<uuid:order_id>/remove/", views.remove, name="remove"),
    path("<uuid:visit_id>/<uuid:order_id>/comment/", views.add_comment, name="comment_add"),
    path("<uuid:visit_id>/<uuid:order_id>/comment/<int:index>/", views.change_comment, name="comment"),
    path("<uuid:visit_id>/<uuid:order_id>/join/", views.join, name="join"),
    path("<uuid:visit_id>/<uuid:order_id>/<int:index>/", views.change_item, name="item"),
    path("<uuid:visit_id>/<uuid:order_id>/<int:index>/split/", views.split, name="split"),
]
