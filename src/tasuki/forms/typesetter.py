# SPDX-License-Identifier: Apache-2.0
"""組版 — typst, kept warm: one compiler a form and font set, one page job at a time."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tasuki.forms.fonts import FontSet, FormsUnavailable

if TYPE_CHECKING:
    import typst

# A compiler may be used by one thread at a time and refuses a second; a page takes milliseconds.
_TURN = Lock()


def typeset(form: str, title: str, page: dict[str, Any], fonts: FontSet, stamp: datetime) -> bytes:
    """組版 — the template of a form filled with page data.

    The data reaches the template as one JSON string and is never read as markup. ``stamp`` is the
    instant the file says it was made; PDF/A wants one, and taking it from the document instead of a
    clock keeps re-prints identical.
    """
    inputs = {
        "data": json.dumps({"title": title, **page}, ensure_ascii=False),
        "mincho": fonts.mincho,
        "gothic": fonts.gothic,
    }
    with _TURN:
        done = _compiler(form, fonts).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], pdf_tags=False, timestamp=stamp
        )
    assert isinstance(done, bytes)
    return done


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
            include_embedded_fonts=False,
            font_paths=[str(folder) for folder in fonts.paths()],
        ),
        ignore_system_fonts=True,
    )


@lru_cache(maxsize=1)
def _templates() -> Path:
    with as_file(files("tasuki.forms") / "templates") as folder:
        return folder
