# SPDX-License-Identifier: Apache-2.0
"""連携ファイル名 — which message a file of the shared folders is, and what its answer is called.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 ファイル命名規則
"""

from __future__ import annotations

import re
from typing import NamedTuple


class FileKind(NamedTuple):
    """連携ファイルの種類 — prefix of the name, meaning, whether it takes two steps, and the interface ids known."""

    prefix: str
    term: str
    is_bulk: bool
    interface_ids: str = ""


FILE_KINDS: tuple[FileKind, ...] = (
    FileKind("OQSsiquc", "資格確認 単件照会", False, "OQS-IF-001/002"),
    FileKind("OQSsiimm", "照会番号 単件登録", False, "OQS-IF-003"),
    FileKind("OQSmuimm", "照会番号 一括登録", True),
    FileKind("OQSmuquc", "資格確認 一括照会", True),
    FileKind("OQSmutic", "医療扶助 医療券 一括照会", True),
    FileKind("OQSmuhvq", "訪問診療等 一括再照会", True),
    FileKind("OQSmuonq", "オンライン診療等 一括照会", True),
    FileKind("YZKsiquc", "薬剤情報・診療情報 照会", False, "YZK-IF-001/002"),
    FileKind("TKKsiquc", "特定健診情報 照会", False),
    FileKind("EPSsiPIR01", "処方箋情報登録", False, "EPS-IF-201/202"),
    FileKind("EPSsiPIR06", "処方箋控え 取得", False, "EPS-IF-211/212"),
    FileKind("EPSsiDMP01", "重複投薬等チェック 事前処理", False, "EPS-IF-101/102"),
)
_NAME = re.compile(
    r"(?P<kind>(?:OQS|YZK|TKK|EPS)(?:si|mu)[A-Za-z]{3})(?P<step>0\d)(?P<way>req|res)"
    r"(?P<rest>[^/\\]*)\.(?P<form>xml|zip|XML|ZIP)"
)


class FileName(NamedTuple):
    """連携ファイル名 — a name taken apart: kind, step (1 or 2 of a bulk job), whether it is an answer, from the reader."""

    text: str
    kind: FileKind
    step: int
    is_answer: bool
    is_from_card_reader: bool

    @property
    def answer(self) -> str:
        """結果ファイル名 — what the answer to this request is called. Raises ``ValueError`` for an answer."""
        if self.is_answer:
            raise ValueError(f"{self.text} is an answer")
        at = self.text.index("req")
        return self.text[:at] + "res" + self.text[at + 3 :]


def read_file_name(name: str) -> FileName | None:
    """連携ファイル名の読取 — None for a name that no message has.

    >>> found = read_file_name("OQSmuquc01req_20261130.xml")
    >>> found.kind.term, found.step, found.answer
    ('資格確認 一括照会', 1, 'OQSmuquc01res_20261130.xml')
    >>> read_file_name("OQSsiquc01res_face_1312345678_20261130083000.xml").is_from_card_reader
    True
    >>> read_file_name("memo.xml") is None
    True
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    for kind in FILE_KINDS:
        if f"{found['kind']}{found['step']}".startswith(kind.prefix):
            break
    else:
        return None
    is_answer = found["way"] == "res"
    return FileName(
        name,
        kind,
        1 if len(kind.prefix) > 8 else int(found["step"]),
        is_answer,
        is_answer and found["rest"].startswith("_face_"),
    )
