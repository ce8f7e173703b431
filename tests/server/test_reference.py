# SPDX-License-Identifier: Apache-2.0
"""資料 — docs/reference says what the code says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasuki_server.reference.pages import PAGES, stale_pages

# Beside the database tests: rooms land their messages first and the pages are made once for all.
pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]


def test_no_page_is_stale():
    """In a process of its own: other tests register messages of theirs."""
    command = [sys.executable, "-m", "tasuki_server.cli", "docs", "--check"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TASUKI_HOME": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_page_is_noticed(tmp_path):
    (tmp_path / "settings.md").write_text("old")
    assert {path.name for path, _ in stale_pages(tmp_path)} == set(PAGES)
