# SPDX-License-Identifier: Apache-2.0
"""処理結果（OperationOutcome） — refusals and findings as FHIR tells them, in Japanese, with the place and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from tasuki.kernel.finding import Finding, Severity
from tasuki.kernel.messages import sentence
from tasuki.kernel.printable import printable
from tasuki_server.platform.engine import Reply

FHIR_JSON = "application/fhir+json"
FINDINGS = "urn:tasuki:finding"
_SEVERITIES = {Severity.BLOCK: "error", Severity.CONFIRM: "warning", Severity.ADVICE: "information"}


class Issue(NamedTuple):
    """問題 — severity and type of FHIR's lists, the sentence, and where (FHIRPath)."""

    severity: str
    code: str
    text: str
    place: str = ""
    finding: str = ""


class Refused(Exception):
    """断り — an answer other than success: the status, and why."""

    def __init__(
        self, status: int, issues: Iterable[Issue], headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status, self.issues, self.headers = status, tuple(issues), headers
        # 記録済み: the statement that looked wrote its own record.
        self.is_recorded = False
        # 誰のものか: of what was there when it was refused, for the record.
        self.patient: str | None = None
        self.writer: Any = None
        super().__init__(f"{status} {self.issues[:1]}")


class Kind(NamedTuple):
    """断りの種類 — the status, FHIR's issue type, and the sentence."""

    status: int
    code: str
    text: str


KINDS = {
    "address": Kind(404, "not-found", "アドレス「{found}」はありません。/metadata で使えるものを確かめてください。"),
    "method": Kind(405, "not-supported", "{found} はこのアドレスでは使えません。/metadata で使えるものを確かめてください。"),
    "type": Kind(404, "not-supported", "「{found}」はFHIR R4のリソースの種類ではありません。つづりを確かめてください。"),
    "id": Kind(400, "value", "識別子「{found}」は使えません。英数字と「-」「.」で64文字までにしてください。"),
    "unknown": Kind(404, "not-found", "{place} は登録されていません。"),
    "gone": Kind(410, "deleted", "{place} は削除されています。以前の版は _history で読めます。"),
    "version": Kind(404, "not-found", "{place} の版「{found}」はありません。_history で版を確かめてください。"),
    "json": Kind(400, "structure", "JSONとして読めません（{found}）。UTF-8のJSONとして書き出し直してください。"),
    "media": Kind(415, "not-supported", "「{found}」では受け取れません。application/fhir+json か application/fhir+xml で送ってください。"),
    "accept": Kind(406, "not-supported", "「{found}」では返せません。application/fhir+json か application/fhir+xml を求めてください。"),
    "resource": Kind(400, "structure", "リソースではありません。resourceType のあるJSONを送ってください。"),
    "other-type": Kind(400, "invalid", "本文は {found} ですが、アドレスは {wanted} です。合わせてください。"),
    "other-id": Kind(400, "invalid", "本文の id「{found}」がアドレスの「{wanted}」と違います。合わせてください。"),
    "insured": Kind(403, "forbidden", "{place} の被保険者の記号・番号は、登録した医療機関だけが変えられます。もとの identifier のまま送ってください。"),
    "own-id": Kind(403, "forbidden", "識別子「{place}」では登録できません。識別子を決めて登録するときは、新しいUUIDにしてください（または POST で登録してください）。"),
    "several": Kind(422, "business-rule", "提供を拒む同意の {place} に、資格の登録で同じ人と分からない被保険者の番号が二つ以上あります。番号ごとに Patient を分けるか、今の番号だけにしてください。"),
    "addressed": Kind(422, "too-long", "宛先と文書が多すぎます（{found}）。{wanted}までに分けて送ってください。"),
    "reply-large": Kind(413, "too-costly", "応答が{found}MBを超えるため、このエントリは処理していません。別のBundleに分けて送ってください。"),
    "conflict": Kind(412, "conflict", "{place} は版 {found} に変わっています。読み直して、その版を If-Match に入れてください。"),
    "no-such-version": Kind(412, "conflict", "{place} はまだ登録されていません。If-Match を外してください。"),
    "if-match": Kind(400, "value", "If-Match「{found}」を読めません。W/\"版の番号\" にしてください。"),
    "foreign": Kind(403, "forbidden", "{place} は他の医療機関が登録したため、変更・削除できません。"),
    "not-storable": Kind(405, "not-supported", "{found} は登録できません。"),
    "token": Kind(401, "login", "トークンがないか、使えません。Authorization: Bearer に接続機関のトークンを入れてください。"),
    "impatient": Kind(429, "throttled", "照合の失敗が続いています。1分ほど待ってから、もう一度お試しください。"),
    "too-large": Kind(413, "too-long", "本文が大きすぎます。{found}までに分けてください。"),
    "parameters": Kind(400, "structure", "操作の引数は Parameters リソースで送ってください。"),
    "part": Kind(400, "value", "_summary=count は一件の読取りでは使えません。true・text・data・false にしてください。"),
    "not-yours": Kind(403, "forbidden", "この接続では、医療情報の交換を使えません（{found}）。"),
    "not-for-apps": Kind(403, "forbidden", "連携アプリのトークンでは使えません。接続プログラム（SMART Backend Services）を登録してください。"),
    "scope": Kind(403, "forbidden", "この接続の利用範囲では足りません。{wanted} が要ります。運用担当者に範囲を加えてもらってください。"),
    "outside-scope": Kind(403, "forbidden", "{place} は、この接続の利用範囲の条件（{wanted}）に当たりません。"),
    "export-many": Kind(429, "throttled", "一括出力が{kept}件（動いているもの{running}件）あります。終わるのを待つか、使い終えたものを取り消してください。"),
    "export-failed": Kind(500, "exception", "一括出力が途中で止まりました。もう一度お求めください。"),
    "hook": Kind(422, "business-rule", "{place} が使えません（{found}）。{wanted}"),
    "many": Kind(412, "multiple-matches", "条件「{found}」に複数が当たります。一つに決まる条件にしてください。"),
    "none": Kind(404, "not-found", "条件「{found}」に当たるものがありません。"),
    "no-condition": Kind(412, "required", "条件がありません。検索の条件を入れてください。"),
    "bundle": Kind(400, "invalid", "Bundleの {place} が正しくありません（{found}）。直してください。"),
    "reference": Kind(400, "invalid", "参照「{found}」に当たるエントリがBundleにありません。fullUrl と合わせてください。"),
    "condition-reference": Kind(412, "multiple-matches", "参照「{found}」は{count}件に当たります。一件に決まる条件にしてください。"),
    "patch-unread": Kind(422, "processing", "パッチを {place} に当てられません。読む範囲のないトークンには、理由を示しません。"),
    "patch": Kind(422, "processing", "パッチの {place} を当てられません（{found}）。"),
    "patch-form": Kind(400, "structure", "JSONパッチとして読めません（{found}）。RFC 6902 の形にしてください。"),
    "parameter": Kind(400, "value", "{place}「{found}」を読めません。{wanted}にしてください。"),
    "consent": Kind(422, "business-rule", "提供を拒む同意の患者が分かりません。Consent.patient.reference を Patient/識別子 にしてください。"),
    "text": Kind(400, "value", "{place}に使えない文字（U+0000）があります。除いてください。"),
    "attached": Kind(422, "too-long", "{place} に添付が{count}件あります。{most}件までに分けてください。"),
    "large": Kind(422, "too-long", "検索の対象になる値が{count}件あります。{most}件までに分けてください。"),
    "log": Kind(500, "exception", "利用の記録を残せないため、お答えできません。しばらくして、もう一度お試しください。"),
    "closed": Kind(503, "transient", "{found}"),
    "ordered": Kind(503, "transient", "{found}"),
    "fault": Kind(500, "exception", "サービスの側の誤りです。しばらくして、もう一度お試しください。"),
    "busy": Kind(409, "conflict", "同時に変更されたため、処理できませんでした。もう一度お試しください。"),
}  # fmt: skip


def refuse(kind: str, place: str = "", **facts: object) -> Refused:
    """断り — of a kind, with its facts in the sentence.

    >>> refuse("gone", "Patient/1").status
    410
    """
    status, code, text = KINDS[kind]
    told = {name: printable(str(value))[:200] for name, value in facts.items()}
    words = text.format(place=printable(place)[:200], **told)
    return Refused(status, (Issue("error", code, words, place if "." in place else ""),))


def issue_of(finding: Finding, prefix: str = "") -> Issue:
    """指摘の問題 — 誤り as error, 確認 as warning, 情報 as information."""
    code = "structure" if finding.code.startswith("FHIR-S") else "invalid"
    place = finding.where.field
    return Issue(
        _SEVERITIES[finding.severity],
        code if finding.severity is Severity.BLOCK else "informational",
        sentence(finding),
        f"{prefix}{place}",
        finding.code,
    )


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """処理結果 — as a resource; of nothing it says that all is well."""
    told = [_told(each) for each in issues]
    fine = [{"severity": "information", "code": "informational", "details": {"text": "問題ありません。"}}]
    return {"resourceType": "OperationOutcome", "issue": told or fine}


def outcome_reply(status: int, issues: Iterable[Issue], headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """処理結果の応答 — see :func:`outcome`."""
    return Reply(status, FHIR_JSON, msgspec.json.encode(outcome(issues)), headers)


def _told(issue: Issue) -> dict[str, Any]:
    details: dict[str, Any] = {"text": issue.text}
    if issue.finding:
        details = {"coding": [{"system": FINDINGS, "code": issue.finding}], **details}
    told: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "details": details}
    told["diagnostics"] = issue.text
    if issue.place:
        told["expression"] = [issue.place]
    return told
