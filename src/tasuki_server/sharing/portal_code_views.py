# SPDX-License-Identifier: Apache-2.0
"""本人の画面のコードの発行 — a slip for a patient who was seen, or for the parent of a child whose papers were seen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.patients.access import access_patient
from tasuki_server.patients.forms import JapaneseForm
from tasuki_server.sharing.line import NotAnswered, Refused
from tasuki_server.sharing.portal_code import (
    CHILD,
    KINDS,
    OWN,
    PAPERS,
    access_code_page,
    hold_issuing,
    issue_slip,
    newest_issue,
)

ISSUED_MEANWHILE = (
    "この患者のコードの発行は、この画面を開いたあとにもう済んでいるため、新しいコードは作っていません。渡した紙のコードはそのまま使えます。"
    "紙をなくしたときだけ、下の欄からあらためて発行してください（前のコードは使えなくなります）。"
)


class CodeForm(JapaneseForm):
    """コードの発行の入力 — for whom, by which papers, and to whom it is handed."""

    kind = forms.ChoiceField(label="だれに渡すか", choices=KINDS, widget=forms.RadioSelect, initial=OWN)
    paper = forms.ChoiceField(label="確かめた書類", choices=(("", "選んでください"), *PAPERS))
    relation = forms.CharField(
        label="親子の関係を確かめた書類",
        max_length=40,
        required=False,
        help_text="子の記録のときだけ。例: 住民票、戸籍、母子健康手帳",
    )
    receiver = forms.CharField(
        label="受け取る人の氏名", max_length=40, required=False, help_text="子の記録のときだけ"
    )
    is_seen = forms.BooleanField(label="書類の写真と氏名・生年月日を、受け取る人と見比べました")

    def clean(self) -> dict[str, Any]:
        """入力の確認 — a parent needs the papers of both."""
        given = super().clean() or self.cleaned_data
        if given.get("kind") == CHILD:
            for name in ("relation", "receiver"):
                if not given.get(name, "").strip() and name not in self.errors:
                    self.add_error(name, f"子の記録のコードには、{self.fields[name].label}が必要です。")
        return given


@requires(Permission.PORTAL_CODE)
@require_http_methods(["GET", "POST"])
def portal_code(request: HttpRequest, number: int) -> HttpResponse:
    """本人の画面のコード — shown on the page of this answer and never again.

    The same page sent twice (F5 on the slip, two clicks), or the pages of two at once, make no second code, which would
    end the one that was printed.
    """
    patient = access_patient(number)
    form, slip, faults = CodeForm(request.POST or None), None, list[str]()
    if request.method == "POST":
        hold_issuing(patient)
    if request.method == "POST" and request.POST.get("after") != str(newest_issue(patient)):
        faults = [ISSUED_MEANWHILE]
    elif request.method == "POST" and form.is_valid():
        try:
            slip = issue_slip(institution_of(request), patient, form.cleaned_data, request.get_host())
        except BadInput as bad:
            faults = [sentence(each) for each in bad.findings]
        except Refused as refused:
            faults = list(refused.reasons)
        except NotAnswered as away:
            faults = [str(away), "コードは発行していません。つながってから、もう一度発行してください。"]
    status = 422 if request.method == "POST" and slip is None else 200
    context = {
        **access_code_page(patient), "form": form, "slip": slip, "faults": faults, "made_at": timezone.now(),
        "institution": institution_of(request),
    }  # fmt: skip
    return render(request, "sharing/portal_code.html", context, status=status)
