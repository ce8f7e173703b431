# SPDX-License-Identifier: Apache-2.0
"""資料 — docs/reference says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasuki_server.reference.pages import PAGES, stale_pages

# Beside the database tests: rooms land their messages first and the pages are made once for all.
pytestmark = pytest.mark.server
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_no_page_is_stale(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "ja_JP.UTF-8")
    assert [path.name for path, _ in stale_pages(FOLDER)] == [], "run ./tasuki docs"


def test_a_stale_page_is_noticed(tmp_path):
    (tmp_path / "settings.md").write_text("old")
    assert {path.name for path, _ in stale_pages(tmp_path)} == set(PAGES)
