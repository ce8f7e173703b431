# SPDX-License-Identifier: Apache-2.0
"""How the sheets look, kept as grids of ink in ``tests/forms/ink`` (five millimetres a cell).

After a wanted change of layout: look at the sheets, then run with ``TASUKI_REDRAW=1`` and commit the grids.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forms.inking import distance, grid_of
from forms.invented import LOOKS
from forms.pages import sizes_mm
from tasuki.forms import preview, render

pytest.importorskip("typst")

GRIDS = Path(__file__).parent / "ink"
CELL_MM = 5


def drawn(look: str) -> list[str]:
    form, sample = LOOKS[look]
    (width, height), *_ = sizes_mm(render(form, sample))
    sheet, *_ = preview(form, sample, picture="png", ppi=50)
    return grid_of(sheet, width // CELL_MM, height // CELL_MM)


@pytest.mark.parametrize("look", LOOKS)
def test_the_first_sheet_looks_as_it_was_accepted(look: str) -> None:
    grid, kept = drawn(look), GRIDS / f"{look}.txt"
    if os.environ.get("TASUKI_REDRAW"):
        kept.write_text("\n".join(grid) + "\n")
    assert distance(grid, kept.read_text().split()) < 0.02


@pytest.mark.parametrize("look", LOOKS)
def test_printers_margins_stay_free(look: str) -> None:
    grid = drawn(look)
    assert set(grid[0]) == set(grid[-1]) == {"0"}
    assert {line[0] for line in grid} == {line[-1] for line in grid} == {"0"}


def test_a_moved_box_is_noticed() -> None:
    grid = drawn("prescription")
    moved = grid[2:] + grid[:2]
    assert distance(grid, moved) > 0.1
