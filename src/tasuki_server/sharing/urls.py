# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有のアドレス — the list, a visit's 6情報, flags, results, and the codes of local names."""

from __future__ import annotations

from django.urls import path

from tasuki_server.sharing import code_views, letter_views, others_views, result_views, views

app_name = "sharing"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("setup/", views.setup, name="setup"),
    path("setup/use/", views.use, name="use"),
    path("codes/", code_views.show_codes, name="codes"),
    path("codes/candidates/", code_views.candidates, name="code_candidates"),
    path("codes/choose/", code_views.choose, name="code_choose"),
    path("codes/undo/", code_views.undo, name="code_undo"),
    path("visit/<uuid:visit_id>/", views.visit, name="visit"),
    path("visit/<uuid:visit_id>/panel/", views.panel, name="panel"),
    path("visit/<uuid:visit_id>/again/", views.again, name="again"),
    path("visit/<uuid:visit_id>/flags/<str:kind>/<uuid:record_id>/", views.flags, name="flags"),
    path("visit/<uuid:visit_id>/others/", others_views.others, name="others"),
    path("visit/<uuid:visit_id>/others/panel/", others_views.panel, name="others_panel"),
    path("visit/<uuid:visit_id>/others/ask/", others_views.ask, name="others_ask"),
    path("visit/<uuid:visit_id>/others/decide/", others_views.decide, name="others_decide"),
    path("visit/<uuid:visit_id>/others/undo/<uuid:record_id>/", others_views.undo, name="others_undo"),
    path("emergencies/", others_views.emergencies, name="emergencies"),
    path("emergencies/<uuid:others_view_id>/", others_views.emergency, name="emergency"),
    path("visit/<uuid:visit_id>/results/", result_views.results, name="results"),
    path(
        "visit/<uuid:visit_id>/results/<uuid:record_id>/withdraw/",
        result_views.withdraw,
        name="result_withdraw",
    ),
    path(
        "visit/<uuid:visit_id>/letters/referral/",
        letter_views.write,
        {"kind": "referral"},
        name="write_referral",
    ),
    path(
        "visit/<uuid:visit_id>/letters/discharge/",
        letter_views.write,
        {"kind": "discharge"},
        name="write_discharge",
    ),
    path("letters/<uuid:written_id>/", letter_views.letter, name="letter"),
    path("letters/<uuid:written_id>/pdf/", letter_views.pdf, name="letter_pdf"),
    path("arrived/", letter_views.arrived_list, name="arrived"),
    path("arrived/<uuid:arrived_id>/", letter_views.arrived, name="arrived_page"),
    path("arrived/<uuid:arrived_id>/seen/", letter_views.seen, name="seen"),
    path("<uuid:unit_id>/", views.unit, name="unit"),
]
