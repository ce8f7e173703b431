# SPDX-License-Identifier: Apache-2.0
"""帳票印刷 — a form's data in, the bytes of a PDF/A-2b out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any, Literal

import msgspec

from tasuki.forms.catalogue import FORMS, Form
from tasuki.forms.fonts import FontSet, FormsUnavailable
from tasuki.forms.typesetter import draw, typeset
from tasuki.forms.unprintable import find_unprintable
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

__all__ = ["FormsUnavailable", "preview", "read", "render"]

register(
    {
        "form.malformed": "帳票の入力が仕様に合いません（{reason}）。",
        "form.unprintable": "印字できない文字があります: {characters}。別の文字にするか、その字を持つ書体を追加してください。",
        "form.sum": "{what}が合いません（内訳の計 {computed}、記載 {stated}）。",
        "form.too_long": "{what}は{limit}桁までです（{value}）。",
        "form.not_allowed": "{reason}",
    }
)


def render(form: str, data: Mapping[str, Any] | object, *, fonts: FontSet | None = None) -> bytes:
    """帳票印刷 — sets one form.

    ``data`` is the form's own dataclass, or a mapping of the same shape (days as ISO text) as
    ``docs/reference/schemas`` describes. The same data gives the same bytes on every machine, so a
    re-print can be compared with the first print.

    Raises :class:`BadInput` for data the form cannot be printed from (wrong shape, sums that do not
    agree, a character no font has), ``KeyError`` for an unknown form, and :class:`FormsUnavailable`
    when the ``server`` extra is not installed.
    """
    spec, value, fonts = _accept(form, data, fonts)
    stamp = datetime.combine(spec.day(value), time(), UTC)
    return typeset(spec.name, spec.title, spec.layout(value), fonts, stamp)


def preview(
    form: str,
    data: Mapping[str, Any] | object,
    *,
    fonts: FontSet | None = None,
    picture: Literal["svg", "png"] = "svg",
    ppi: float = 110,
) -> tuple[bytes, ...]:
    """帳票表示 — the sheets of a form as pictures for a screen; refuses what :func:`render` refuses."""
    spec, value, fonts = _accept(form, data, fonts)
    return draw(spec.name, spec.title, spec.layout(value), fonts, picture, ppi)


def _accept(form: str, data: Mapping[str, Any] | object, fonts: FontSet | None) -> tuple[Form, Any, FontSet]:
    spec = FORMS[form]
    value = read(spec, data)
    fonts = fonts or FontSet()
    findings = [*spec.check(value), *find_unprintable(msgspec.to_builtins(value), fonts, form)]
    if findings:
        raise BadInput(findings)
    return spec, value, fonts


def read(form: Form, data: Mapping[str, Any] | object) -> Any:
    """帳票入力 — the form's dataclass from a mapping; a ready value passes as it is.

    Raises :class:`BadInput` naming the member that does not fit.
    """
    if isinstance(data, form.input):
        return data
    try:
        return msgspec.convert(data, form.input, strict=True)
    except msgspec.ValidationError as error:
        place = re.search(r"at `\$\.?(.*)`", str(error))
        where = Where(record=form.name, field=place.group(1) if place else "")
        raise BadInput(
            [Finding("FORM001", Severity.BLOCK, where, "form.malformed", {"reason": str(error)})]
        ) from error
