# SPDX-License-Identifier: Apache-2.0
"""書体 — where the typefaces of the forms come from: the font wheel, then folders the caller names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tasuki.forms.glyphs import Repertoire, repertoire_of

# ≒ is the one character of JIS X 0208 the wheel lacks; a mathematical face inside typst has it.
_INSIDE_TYPST = Repertoire(frozenset({ord("≒")}), frozenset())
_SUFFIXES = frozenset({".otf", ".ttf", ".ttc", ".otc"})


class FormsUnavailable(RuntimeError):
    """帳票印刷不可 — a part of the ``server`` extra (typst, the font wheel) is not installed."""


@dataclass(frozen=True, slots=True)
class FontSet:
    """書体一式 — folders searched for typefaces, and the families set for printed and filled-in text.

    ``folders`` empty means the wheel pylopdf-fonts-jp alone. Named folders come on top of it, so a
    clinic can add a typeface that holds a character the wheel lacks. Fonts of the operating system
    are never looked at: the same data must give the same page on every machine.
    """

    folders: tuple[Path, ...] = ()
    mincho: str = "Noto Serif JP"
    gothic: str = "Noto Sans JP"
    with_wheel: bool = True

    def paths(self) -> tuple[Path, ...]:
        """書体フォルダ — every folder to be searched, the wheel's first.

        Raises :class:`FormsUnavailable` when the wheel is asked for and is not installed.
        """
        wheel = (_wheel_folder(),) if self.with_wheel else ()
        return wheel + self.folders

    def files(self) -> tuple[Path, ...]:
        """書体ファイル — every font file in those folders, in stable order.

        Raises :class:`FormsUnavailable` for a named folder that does not exist.
        """
        if absent := [str(folder) for folder in self.folders if not folder.is_dir()]:
            raise FormsUnavailable(f"font folders not found: {', '.join(absent)}")
        return tuple(
            file
            for folder in self.paths()
            for file in sorted(folder.iterdir())
            if file.suffix.lower() in _SUFFIXES
        )

    def repertoire(self) -> Repertoire:
        """字種 — the characters and variation sequences these fonts can draw."""
        return _repertoire(self)


@lru_cache(maxsize=8)
def _repertoire(fonts: FontSet) -> Repertoire:
    found = _INSIDE_TYPST
    for file in fonts.files():
        found |= repertoire_of(file.read_bytes())
    return found


def _wheel_folder() -> Path:
    try:
        from pylopdf_fonts_jp import sans_path
    except ImportError as missing:
        raise FormsUnavailable(
            "the font wheel pylopdf-fonts-jp is not installed: install tasuki[server], "
            "or give FontSet(folders=…, with_wheel=False)"
        ) from missing
    return Path(sans_path()).parent
