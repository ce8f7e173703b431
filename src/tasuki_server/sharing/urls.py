# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有のアドレス — the list, a visit's 6情報, flags, results, and the codes of local names."""

from __future__ import annotations

from django.urls import path

from tasuki_server.sharing import (
    checkup_views,
    code_views,
    inbox_views,
    letter_views,
    others_views,
    portal_code_views,
    result_views,
    views,
)

app_name = "sharing"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("setup/", views.setup, name="setup"),
    path("setup/use/", views.use, name="use"),
    path("checkups/", checkup_views.checkups, name="checkups"),
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
        "visit/<uuid:visit_id>/letters/referral/save/",
        letter_views.save,
        {"kind": "referral"},
        name="save_referral",
    ),
    path(
        "visit/<uuid:visit_id>/letters/referral/discard/",
        letter_views.discard,
        {"kind": "referral"},
        name="discard_referral",
    ),
    path(
        "visit/<uuid:visit_id>/letters/discharge/",
        letter_views.write,
        {"kind": "discharge"},
        name="write_discharge",
    ),
    path(
        "visit/<uuid:visit_id>/letters/discharge/save/",
        letter_views.save,
        {"kind": "discharge"},
        name="save_discharge",
    ),
    path(
        "visit/<uuid:visit_id>/letters/discharge/discard/",
        letter_views.discard,
        {"kind": "discharge"},
        name="discard_discharge",
    ),
    path(
        "visit/<uuid:visit_id>/letters/referral/files/",
        letter_views.attach,
        {"kind": "referral"},
        name="attach",
    ),
    path(
        "visit/<uuid:visit_id>/letters/referral/files/<uuid:draft_file_id>/",
        letter_views.draft_file,
        {"kind": "referral"},
        name="draft_file",
    ),
    path(
        "visit/<uuid:visit_id>/letters/referral/files/<uuid:draft_file_id>/remove/",
        letter_views.detach,
        {"kind": "referral"},
        name="detach",
    ),
    path("patients/<int:number>/portal-code/", portal_code_views.portal_code, name="portal_code"),
    path("receivers/", letter_views.receiver, name="receiver"),
    path("letters/", letter_views.sent, name="sent"),
    path("letters/<uuid:written_id>/", letter_views.letter, name="letter"),
    path("letters/<uuid:written_id>/pdf/", letter_views.pdf, name="letter_pdf"),
    path("letters/<uuid:written_id>/cancel/", letter_views.cancel, name="letter_cancel"),
    path("letters/<uuid:written_id>/files/<int:index>/", letter_views.sent_file, name="sent_file"),
    path("arrived/", inbox_views.inbox, name="arrived"),
    path("arrived/<uuid:arrived_id>/", inbox_views.arrived, name="arrived_page"),
    path("arrived/<uuid:arrived_id>/seen/", inbox_views.seen, name="seen"),
    path("arrived/<uuid:arrived_id>/sort/", inbox_views.sort, name="arrived_sort"),
    path("arrived/<uuid:arrived_id>/bind/", inbox_views.bind, name="arrived_bind"),
    path("arrived/<uuid:arrived_id>/register/", inbox_views.register, name="arrived_register"),
    path("arrived/<uuid:arrived_id>/done/", inbox_views.done, name="arrived_done"),
    path("arrived/<uuid:arrived_id>/files/<int:index>/", inbox_views.arrived_file, name="arrived_file"),
    path("<uuid:unit_id>/", views.unit, name="unit"),
]
