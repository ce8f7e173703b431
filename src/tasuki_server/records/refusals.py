# SPDX-License-Identifier: Apache-2.0
"""断り — what the service refuses, each with its status, FHIR's type of issue and a sentence that says what to do."""

from __future__ import annotations

from tasuki.kernel.printable import printable
from tasuki_server.exchange.outcome import Issue, Kind, Refused

KINDS = {
    "address": Kind(404, "not-found", "アドレス「{found}」はありません。接続仕様（openapi.json）で確かめてください。"),
    "method": Kind(405, "not-supported", "{found} はこのアドレスでは使えません。"),
    "not-yours": Kind(403, "forbidden", "この接続では「{term}」を使えません。"),
    "narrowed": Kind(403, "forbidden", "この接続は利用範囲が限られているため、電子カルテ情報共有サービスを使えません。限定のない接続で使ってください。"),
    "message": Kind(400, "structure", "要求を読めません（{found}）。接続仕様の形にしてください。"),
    "damaged": Kind(400, "transient", "要求が途中で欠けています（Content-Digest と合いません）。もう一度送ってください。"),
    "large": Kind(413, "too-long", "{most}MBを超えています。添付を減らすか、分けて送ってください。"),
    "bundle": Kind(422, "structure", "{wanted} のBundleではありません。meta.profile に {wanted} を入れてください。"),
    "number": Kind(422, "business-rule", "識別子「{found}」が、送っている医療機関（{own}）のものではありません。"),
    "institution": Kind(422, "business-rule", "{place} の医療機関番号が、送っている医療機関（{own}）ではありません。"),
    "person": Kind(422, "business-rule", "被保険者個人識別子が一つに定まりません。Patient.identifier に一つだけ入れてください。"),
    "insured": Kind(400, "value", "被保険者個人識別子「{found}」を読めません。保険者番号8桁:記号:番号:枝番2桁 にしてください。"),
    "branch": Kind(422, "business-rule", "枝番のない番号では家族と区別できません。枝番まで入れてください。"),
    "one-person": Kind(422, "business-rule", "一度に尋ねられるのは一人です。資格の登録で同じ人と確かめられない番号は、分けて尋ねてください。"),
    "twice": Kind(422, "duplicate", "リソースの識別子「{found}」が二度あります。一つにしてください。"),
    "older": Kind(409, "conflict", "第{held}版が登録済みです。送られた第{found}版は古いため、登録しません。"),
    "ahead": Kind(422, "business-rule", "送られた第{found}版は、登録済みの第{held}版から{most}を超えて進んでいます。版の番号を確かめてください。"),
    "entry": Kind(422, "business-rule", "entry[{place}] に fullUrl か識別子がありません。"),
    "receiver": Kind(422, "business-rule", "{found} へは送れません。{reason}"),
    "other-receiver": Kind(422, "business-rule", "文書の紹介先（{found}）と送付先（{wanted}）が違います。合わせてください。"),
    "discharge-alone": Kind(422, "business-rule", "退院時サマリーだけを送ることはできません。診療情報提供書に添えてください。"),
    "not-letter": Kind(422, "business-rule", "診療情報提供書（57133-1）ではありません（{found}）。"),
    "section": Kind(422, "business-rule", "CDA参照（200）か構造情報（300）のどちらか一つが必要です。PDFだけの文書は送れません。"),
    "other-person": Kind(422, "business-rule", "{what}の被保険者が、診療情報提供書の被保険者と違います。"),
    "attachment": Kind(422, "business-rule", "添付「{found}」は送れません。{reason}"),
    "attachments-many": Kind(422, "too-long", "添付が{found}件あります（文書の中のものを含みます）。{most}件までにまとめるか、分けて送ってください。"),
    "entries-many": Kind(422, "too-long", "Bundleのentryが{found}件あります。{most}件までに分けて送ってください。"),
    "number-used": Kind(409, "conflict", "文書の番号「{found}」は別の内容で送付済みです。取り消すか、新しい番号で送ってください。"),
    "unknown": Kind(404, "not-found", "文書「{found}」はありません。"),
    "consent": Kind(403, "forbidden", "{reason}"),
    "denied": Kind(403, "forbidden", "本人が他の医療機関への提供を拒んでいます。"),
    "removed": Kind(410, "deleted", "文書「{found}」は保存期間を過ぎたため、または取り消されたため、ありません。"),
    "state": Kind(409, "conflict", "{found} のため、{act}できません。"),
    "answers": Kind(422, "business-rule", "返書の相手の文書「{found}」が、この医療機関あてに届いていません。"),
    "emergency-reason": Kind(422, "business-rule", "救急時の閲覧には理由が必要です。{least}文字以上で入れてください。"),
    "emergency-kind": Kind(422, "business-rule", "救急時に開けるのは6情報と健診です（{found}は開けません）。"),
    "emergency-caller": Kind(403, "forbidden", "救急時の閲覧は医科の医療機関だけが使えます。"),
    "register": Kind(422, "business-rule", "この番号の加入者が資格の登録にいないため、カードリーダーの同意を確かめられません。"),
    "pharmacy": Kind(403, "forbidden", "薬局からの閲覧は、この設置では使えない設定です。"),
    "insurer": Kind(403, "forbidden", "保険者番号「{found}」は、この接続の保険者ではありません。"),
    "parameter": Kind(400, "value", "{place}「{found}」を読めません。{wanted}にしてください。"),
    "period": Kind(422, "business-rule", "同意の期間が正しくありません。{reason}"),
    "kinds": Kind(422, "business-rule", "種類を一つ以上選んでください。"),
    "institution-unknown": Kind(422, "business-rule", "医療機関「{found}」は接続していません。"),
    "seen": Kind(422, "business-rule", "何を見て本人（親権者）と確かめたかを、{least}文字から{most}文字で入れてください。"),
    "portal-person": Kind(422, "business-rule", "この番号と生年月日の加入者を資格の登録で一人に定められないか、その人のマイナンバーカードを本日この医療機関のカードリーダーで読み取った記録がありません。カードを読み取って資格を確認し（子のコードは子のカード）、番号・枝番・生年月日を確かめてから、もう一度発行してください。"),
    "codes-many": Kind(403, "throttled", "本日発行できるコードの数（{most}）に達しました。翌日に発行するか、プラットフォームの運用者に上限を確かめてください。"),
    "grown": Kind(422, "business-rule", "この人は、法定代理ができる年齢を過ぎています。本人の登録のコードを使ってください。"),
    "questionnaire": Kind(422, "business-rule", "感染症発生届のQuestionnaireResponseではありません。{reason}"),
}  # fmt: skip
# 本人の意思による断り: the person reads of them as looks that were refused.
BY_THE_PERSON = frozenset(("consent", "denied"))


def refuse(kind: str, *, expression: str = "", **facts: object) -> Refused:
    """断り — of a kind, with its facts in the sentence; ``expression`` is what a program reads of it.

    >>> refuse("branch").status
    422
    """
    status, code, text = KINDS[kind]
    words = text.format(**{name: printable(str(value))[:200] for name, value in facts.items()})
    return Refused(status, (Issue("error", code, words, expression, kind),))
