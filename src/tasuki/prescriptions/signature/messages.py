# SPDX-License-Identifier: Apache-2.0
"""電子署名の文言 — Japanese sentences of what signing and verifying can find."""

from __future__ import annotations

from typing import NoReturn

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

SIGNATURE = {
    "RX-G-01": "XMLとして読めません（{reason}）。受け取った文書をそのまま指定してください。",
    "RX-G-02": "文書型宣言、実体、コメント又は処理命令（{what}）があります。電子処方箋の文書には使えません。",
    "RX-G-03": "要素「{path}」がありません。電子処方箋・調剤情報の文書を指定してください。",
    "RX-G-04": "要素「{path}」が{count}個あります。1個だけ記録します。",
    "RX-G-05": "要素「{path}」は知られていないため受け付けられません。",
    "RX-G-06": "識別子「{id}」が{count}か所にあります。署名の対象が定まりません。",
    "RX-G-07": "署名の参照「{uri}」は、{expected}を指していません。",
    "RX-G-08": "署名の参照が{count}個です。処方データ、署名者の証明書、署名属性の3個を参照します。",
    "RX-G-09": "方式「{algorithm}」は使えません（{what}）。",
    "RX-G-10": "{what}のダイジェストが合いません。署名のあとで変更されています。",
    "RX-G-11": "署名値が合いません。署名情報が変更されたか、別の鍵で署名されています。",
    "RX-G-12": "証明書が読めません（{reason}）。",
    "RX-G-13": "署名属性の証明書ダイジェストが、署名者の証明書と合いません。",
    "RX-G-14": "署名時刻「{text}」が読めません。",
    "RX-G-15": "署名時刻（{signed_at}）が受付時刻（{at}）より後です。時計を確かめてください。",
    "RX-G-16": "証明書が信頼する認証局につながりません（{reason}）。",
    "RX-G-17": "証明書「{subject}」は{at}に有効ではありません（有効期間 {since}〜{until}）。",
    "RX-G-18": "証明書「{subject}」は{revoked_at}に失効しています。",
    "RX-G-19": "証明書「{subject}」の失効情報がありません。失効していないことを確かめられません。",
    "RX-G-20": "「{issuer}」の失効情報が古いか署名が合いません（{reason}）。最新の失効リストを取り込んでください。",
    "RX-G-21": "証明書の資格が「{found}」です。{what}には{expected}の資格が必要です。",
    "RX-G-22": "証明書に資格（hcRole）がありません。HPKIの署名用証明書で署名してください。",
    "RX-G-23": "証明書の鍵用途が署名（否認防止）ではありません。",
    "RX-G-24": "署名がありません。",
    "RX-G-25": "Base64が正しくありません（{what}）。",
    "RX-G-26": "鍵と証明書の組が合いません。",
    "RX-G-27": "署名の鍵が開けません（{reason}）。ファイルと合言葉を確かめてください。",
    "RX-G-28": "署名の承認を待っています（受付番号 {request}）。承認してからもう一度お試しください。",
    "RX-G-29": "署名が承認されませんでした（{reason}）。",
    "RX-G-30": "署名サービスにつながりません（{reason}）。",
    "RX-G-31": "文書が大きすぎます（{limit}バイトまで）。",
    "RX-G-32": "中身が{expected}のデータではありません（先頭「{text}」）。",
}

register({f"prescription.signature.{code}": text for code, text in SIGNATURE.items()})


def fault(code: str, severity: Severity = Severity.BLOCK, field: str = "", **facts: object) -> Finding:
    """署名の指摘 — of a document; ``field`` is the element."""
    return Finding(code, severity, Where(record="署名", field=field), f"prescription.signature.{code}", facts)


def refuse(code: str, field: str = "", **facts: object) -> NoReturn:
    """署名の拒否 — raises :class:`BadInput` with one finding."""
    raise BadInput([fault(code, Severity.BLOCK, field, **facts)])
