# SPDX-License-Identifier: Apache-2.0
"""コード対応 — choosing a standard code for a local name, taking it back, and what counts now."""

from __future__ import annotations

import re

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.sharing.codes.lab_codes import lab_codes
from tasuki_server.audit.trail import record
from tasuki_server.sharing.local_names import LocalName
from tasuki_server.sharing.models import CodeKind, LocalCode
from tasuki_server.sharing.suggesting import Choice, choice_of

register(
    {
        "desk.code_unknown": "「{code}」は{kind}の標準コードの一覧にありません。候補から選ぶか、コードを確かめてください。",
        "desk.code_stale": "「{name}」の対応は{who}が先に変えています。いまの内容を確かめてから選び直してください。",
        "desk.code_nothing": "「{name}」には取り消せる対応がありません。",
    }
)
_CODES = {
    "desk.code_unknown": "SHR-0001",
    "desk.code_stale": "SHR-0002",
    "desk.code_nothing": "SHR-0003",
}
NONE = "none"
_MANAGEMENT_NUMBER = re.compile(r"[0-9]{8}")
DISEASE_NUMBERS = "http://medis.or.jp/CodeSystem/master-disease-keyNumber"


def mappings() -> dict[tuple[str, str], LocalCode]:
    """いまの対応 — by kind and key."""
    return {(row.kind, row.key): row for row in LocalCode.objects.current().select_related("made_by")}  # type: ignore[attr-defined]


def mapping_of(name: LocalName) -> LocalCode | None:
    """名称の対応 — None where nothing was chosen."""
    return LocalCode.objects.current().filter(kind=name.kind, key=name.key).first()  # type: ignore[attr-defined,no-any-return]


def choose(name: LocalName, code: str, *, read_version: int) -> LocalCode:
    """対応の決定 — ``code`` is one of the candidates, or :data:`NONE`; raises ``BadInput``.

    ``read_version`` is the version the page showed (0 for none): what someone else chose meanwhile is not overwritten.
    """
    members = _members(name, code)
    newest = _newest(name)
    standing = newest.version if newest is not None and not newest.withdrawn else 0
    if standing != read_version:
        raise _refusal("desk.code_stale", name=name.name, who=newest.made_by.name if newest else "")
    if newest is None:
        saved = LocalCode.objects.create(
            kind=name.kind, key=name.key, name=name.name, detail=name.detail[:80], **members
        )
    else:
        saved = newest.revise(
            read_version=newest.version, reason="対応の決定", withdrawn=False, name=name.name, **members
        )
    record("sharing.code", saved, detail={"kind": saved.kind, "code": saved.code, "version": saved.version})
    return saved


def undo(name: LocalName) -> LocalCode:
    """元に戻す — what counted before the last choice counts again; the first one is withdrawn."""
    newest = _newest(name)
    if newest is None or newest.withdrawn:
        raise _refusal("desk.code_nothing", name=name.name)
    before = newest.previous
    if before is None or before.withdrawn:
        saved = newest.withdraw(read_version=newest.version, reason="元に戻す")
    else:
        members = {each: getattr(before, each) for each in ("system", "code", "display", "is_none")}
        saved = newest.revise(read_version=newest.version, reason="元に戻す", **members)
    record(
        "sharing.code", saved, detail={"kind": saved.kind, "undone": newest.code, "version": saved.version}
    )
    return saved


def history(name: LocalName) -> list[LocalCode]:
    """対応の履歴 — the newest first."""
    rows = LocalCode.objects.filter(kind=name.kind, key=name.key).select_related("made_by")
    return list(rows.order_by("-version"))


def _newest(name: LocalName) -> LocalCode | None:
    rows = LocalCode.objects.filter(kind=name.kind, key=name.key).select_related("previous", "made_by")
    return rows.order_by("-version").first()


def _members(name: LocalName, code: str) -> dict[str, object]:
    if code == NONE:
        return {"system": "", "code": "", "display": "", "is_none": True}
    found = choice_of(name, code)
    if found is None and name.kind == CodeKind.DISEASE and _MANAGEMENT_NUMBER.fullmatch(code):
        # The master of the desk may be without 病名管理番号; who has it from MEDIS types it.
        found = Choice(DISEASE_NUMBERS, code, name.name, "病名管理番号")
    if found is None:
        raise _refusal("desk.code_unknown", code=code[:40], kind=CodeKind(name.kind).label)
    return {"system": found.system, "code": found.code, "display": found.display, "is_none": False}


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])


__all__ = ["NONE", "choose", "history", "lab_codes", "mapping_of", "mappings", "undo"]
