# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の拒否 — the public codes of what this service does not do, each with its sentence.

The official list of result codes goes to registered vendors; one code of it is public (EPSB0052E). Ours begin with TSK.
"""

from __future__ import annotations

from types import MappingProxyType

from tasuki.kernel.messages import register
from tasuki.prescriptions.service.messages import CheckResult

REFUSALS = MappingProxyType(
    {
        "EPSB0052E": "改行コードがLFではありません（{count}行）。CSVの改行はLFだけにしてください。",
        "TSKE001": "ファイル名「{file}」はこのサービスの要求ではありません。",
        "TSKE002": "電文として読めません（{reason}）。",
        "TSKE003": "医療機関コード「{said}」は接続機関のコード（{own}）と違います。",
        "TSKE004": "「{term}」は{actor}だけが使えます。",
        "TSKE005": "「{field}」がありません。",
        "TSKE006": "「{field}」の「{text}」は使えません（{reason}）。",
        "TSKE007": "処方箋が見つかりません。処方箋IDまたは引換番号と保険の番号を確かめてください。",
        "TSKE008": "この処方箋は「{state}」のため、{act}ができません。",
        "TSKE009": "この処方箋は別の薬局（{pharmacy}）が受け付けています。",
        "TSKE010": "使用期間（{until}まで）を過ぎています。",
        "TSKE011": "使用できるのは{since}からです。",
        "TSKE012": "調剤結果が見つかりません。調剤結果IDを確かめてください。",
        "TSKE013": "同じ冪等性キーで別の内容が届きました。新しいキーにしてください。",
        "TSKE014": "登録できない誤りがあります。チェック結果を確かめてください。",
        "TSKE015": "署名の検証に失敗しました。署名検証結果を確かめてください。",
        "TSKE016": "この処方箋の患者と被保険者証の番号が一致しません。",
        "TSKE017": "患者本人の同意（カードによる選択または口頭の同意）がありません。",
        "TSKE018": "受付番号が見つかりません。",
        "TSKE019": "保存サービスに登録できません（{reason}）。",
        "TSKE020": "変更で取り消した処方箋です。処方箋変更UNDOを使ってください。",
        "TSKE021": "リフィルの調剤が始まっているため、{act}ができません。薬局に回収を依頼してください。",
        "TSKE022": "調剤結果のあとに次の受付があるため、{act}ができません。",
        "TSKE023": "控えを作れません（{reason}）。",
        "TSKE030": "医療機関コード「{said}」が処方データの医療機関（{found}）と違います。",
        "TSKE031": "交付年月日（{day}）が処理日より後です。",
        "TSKE032": "使用期限（{until}）が交付年月日（{day}）より前です。",
        "TSKE033": "リフィルの総使用回数「{count}」は2回から{most}回までです。",
        "TSKE034": "分割回数「{count}」は2回から{most}回までです。",
        "TSKE035": "リフィルと分割は同時に指示できません。",
        "TSKE036": "RP{rp}の{order}番目「{name}」にコードがありません。{since}からコードのない医薬品・特定器材は登録できません。",
        "TSKE037": "電子処方箋には医師の署名が必要です。",
        "TSKE038": "保険者番号または被保険者証の番号がありません。",
        "TSKE039": "調剤結果に調剤年月日（5）または薬品（201）がありません。",
        "TSKE040": "調剤年月日（{day}）が交付年月日（{issued}）より前か、処理日より後です。",
        "TSKE041": "使用期間（{until}まで）がすでに過ぎているため登録できません。",
        "TSKE042": "電子処方箋の調剤結果には薬剤師の署名が必要です。",
        "TSKE043": "調剤結果の中の処方箋が、指定された処方箋と違います。",
        "TSKE090": "ただいまメンテナンス中です。",
        "TSKE099": "サービスの側の誤りです。時間をおいて、同じ冪等性キーでもう一度送ってください。",
    }
)
register({f"prescription.service.{code}": text for code, text in REFUSALS.items()})


class Refused(Exception):
    """処理できない要求 — the code and sentence of the answer's header, with check results where there are any."""

    def __init__(self, code: str, **facts: object) -> None:
        self.result = refusal(code, **facts)
        super().__init__(self.result.code)


def refusal(code: str, **facts: object) -> CheckResult:
    """拒否 — a public code with its sentence filled in.

    >>> refusal("TSKE005", field="PrescriptionId").message
    '「PrescriptionId」がありません。'
    """
    return CheckResult(code, REFUSALS[code].format_map(facts))
