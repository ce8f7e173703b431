# SPDX-License-Identifier: Apache-2.0
"""組版 — typst, kept warm: one compiler a form and font set, one page job at a time."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from tasuki.forms.fonts import FontSet, FormsUnavailable

if TYPE_CHECKING:
    import typst

# A compiler may be used by one thread at a time and refuses a second; a page takes milliseconds.
_TURN = Lock()


def typeset(form: str, title: str, page: dict[str, Any], fonts: FontSet, stamp: datetime) -> bytes:
    """組版 — the template of a form filled with page data, as PDF/A-2b.

    The data reaches the template as one JSON string and is never read as markup. ``stamp`` is the
    instant the file says it was made; PDF/A wants one, and taking it from the document instead of a
    clock keeps re-prints identical.
    """
    with _TURN:
        done = _compiler(form, fonts).compile(
            format="pdf",
            sys_inputs=_inputs(title, page, fonts),
            pdf_standards=["a-2b"],
            pdf_tags=False,
            timestamp=stamp,
        )
    assert isinstance(done, bytes)
    return done


def draw(
    form: str, title: str, page: dict[str, Any], fonts: FontSet, picture: Literal["svg", "png"], ppi: float
) -> tuple[bytes, ...]:
    """画面表示 — the same sheets as pictures, one each; letters are outlines, so no font is needed to see them."""
    with _TURN:
        done = _compiler(form, fonts).compile(format=picture, ppi=ppi, sys_inputs=_inputs(title, page, fonts))
    assert done is not None
    return (done,) if isinstance(done, bytes) else tuple(done)


def _inputs(title: str, page: dict[str, Any], fonts: FontSet) -> dict[str, str]:
    return {
        "data": json.dumps({"title": title, **page}, ensure_ascii=False),
        "mincho": fonts.mincho,
        "gothic": fonts.gothic,
    }


@lru_cache(maxsize=32)
def _compiler(form: str, fonts: FontSet) -> typst.Compiler:
    try:
        import typst
    except ImportError as missing:
        raise FormsUnavailable("typst is not installed: install tasuki[server]") from missing
    root = _templates()
    return typst.Compiler(
        input=root / f"{form}.typ",
        root=root,
        font_paths=typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[str(folder) for folder in fonts.paths()],
        ),
        ignore_system_fonts=True,
    )


@lru_cache(maxsize=1)
def _templates() -> Path:
    with as_file(files("tasuki.forms") / "templates") as folder:
        return folder
