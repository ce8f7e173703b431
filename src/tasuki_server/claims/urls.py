# SPDX-License-Identifier: Apache-2.0
"""レセプトのアドレス — the month, its receipts and files, sending, returns, reconciliation and analysis."""

from __future__ import annotations

from django.urls import path

from tasuki_server.claims import accident_views, cycle_views, decision_views, money_views, note_views, views

app_name = "claims"
urlpatterns = [
    path("", views.month, name="month"),
    path("build/", views.build, name="build"),
    path("close/", views.close, name="close"),
    path("reopen/", views.reopen, name="reopen"),
    path("checks/<str:code>/", views.check, name="check"),
    path("mute/", decision_views.mute, name="mute"),
    path("decisions/<uuid:decision_id>/end/", decision_views.end, name="end_decision"),
    path("sending/", cycle_views.sending, name="sending"),
    path("sending/send/", cycle_views.send, name="send"),
    path("sending/reclaim/", cycle_views.reclaim, name="reclaim"),
    path("sending/fetch/", cycle_views.fetch, name="fetch"),
    path("sending/upload/", cycle_views.upload, name="upload"),
    path("submissions/<uuid:submission_id>/", cycle_views.submission, name="submission"),
    path("submissions/<uuid:submission_id>/file/", cycle_views.submission_file, name="submission_file"),
    path("submissions/<uuid:submission_id>/again/", cycle_views.send_again, name="send_again"),
    path("submissions/<uuid:submission_id>/accepted/", cycle_views.accepted, name="accepted"),
    path("results/<uuid:result_file_id>/", cycle_views.result_file, name="result"),
    path("returns/", cycle_views.returns, name="returns"),
    path("returns/<uuid:returned_id>/", cycle_views.returned, name="returned"),
    path("returns/<uuid:returned_id>/bind/", money_views.bind_page, name="bind_page"),
    path("returns/<uuid:returned_id>/bound/", money_views.bind, name="bind"),
    path("refunds/", money_views.refunds, name="refunds"),
    path("refunds/<uuid:sent_id>/", money_views.refund, name="refund"),
    path("reconcile/", cycle_views.reconcile, name="reconcile"),
    path("analysis/", cycle_views.analysis, name="analysis"),
    path("accidents/", accident_views.accident_list, name="accidents"),
    path("accidents/<uuid:insurance_id>/", accident_views.accident, name="accident"),
    path("accidents/<uuid:insurance_id>/sheet.pdf", accident_views.accident_sheet, name="accident_sheet"),
    path("notes/<int:number>/", note_views.notes, name="notes"),
    path("notes/<int:number>/mark/", note_views.add_mark, name="add_mark"),
    path("notes/<int:number>/mark/undo/", note_views.undo_marks, name="undo_marks"),
    path("notes/<int:number>/mark/<uuid:record_id>/remove/", note_views.remove_mark, name="remove_mark"),
    path("notes/<int:number>/narrative/", note_views.add_narrative, name="add_narrative"),
    path("notes/<int:number>/narrative/copy/", note_views.copy_narratives, name="copy_narratives"),
    path("notes/<int:number>/narrative/undo/", note_views.undo_narratives, name="undo_narratives"),
    path(
        "notes/<int:number>/narrative/<uuid:record_id>/", note_views.change_narrative, name="change_narrative"
    ),
    path("progress/<uuid:work_id>/", cycle_views.work, name="work"),
    path("sent/<uuid:sent_id>/withdraw/", decision_views.withdraw, name="withdraw"),
    path("<uuid:claim_id>/", views.claim, name="claim"),
    path("<uuid:claim_id>/accept/", decision_views.accept, name="accept"),
    path("<uuid:claim_id>/hold/", decision_views.hold, name="hold"),
    path("<uuid:claim_id>/release/", decision_views.release, name="release"),
    path("<uuid:claim_id>/life/", decision_views.life, name="life"),
    path("<uuid:claim_id>/sheet.pdf", views.sheet, name="sheet"),
    path("<uuid:claim_id>/sheet.svg", views.picture, name="picture"),
    path("files/<uuid:claim_file_id>/", views.download, name="download"),
    path("files/<uuid:claim_file_id>/invoice.pdf", views.invoice, name="invoice"),
]
