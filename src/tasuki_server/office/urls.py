# SPDX-License-Identifier: Apache-2.0
"""安全管理室のアドレス — the state of the walls, people, reviews, the register, contracts, assets, notices, papers."""

from __future__ import annotations

from django.urls import path

from tasuki_server.office import keeping_views, register_views, state_views
from tasuki_server.office.availability_page import availability_page

app_name = "office"
urlpatterns = [
    path("", state_views.walls, name="walls"),
    path("people/", state_views.people, name="people"),
    path("reviews/", state_views.reviews, name="reviews"),
    path("availability/", availability_page, name="availability"),
    path("register/", register_views.register_page, name="register"),
    path("register/row/", register_views.control, name="control"),
    path("register/answer/", register_views.answer, name="answer"),
    path("papers/", register_views.papers, name="papers"),
    path("papers/<slug:kind>.pdf", register_views.pdf, name="pdf"),
    path("papers/<slug:kind>.csv", register_views.csv, name="csv"),
    path("contracts/", keeping_views.contracts, name="contracts"),
    path("contracts/new/", keeping_views.new_contract, name="new_contract"),
    path("contracts/<uuid:contract_id>/", keeping_views.contract, name="contract"),
    path(
        "contracts/<uuid:contract_id>/responsibilities/",
        keeping_views.responsibilities,
        name="responsibilities",
    ),
    path("assets/", keeping_views.assets, name="assets"),
    path("assets/new/", keeping_views.new_asset, name="new_asset"),
    path("assets/<uuid:asset_id>/", keeping_views.asset, name="asset"),
    path("notices/", keeping_views.notices, name="notices"),
    path("notices/new/", keeping_views.new_notice, name="new_notice"),
    path("notices/<uuid:notice_id>/finish/", keeping_views.finish, name="finish"),
]
