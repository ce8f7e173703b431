# SPDX-License-Identifier: Apache-2.0
"""設置の秘密 — made once, whoever asks first, and never an empty one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """An installation that has no key yet; gives where it will lie."""
    monkeypatch.setenv("TASUKI_DATA", str(tmp_path))
    monkeypatch.delenv("TASUKI_SECRET_KEY", raising=False)
    return tmp_path / "secrets" / "secret_key"


def test_several_that_ask_at_once_get_one_key(fresh, monkeypatch):
    """`up` and the page server that loads beside the database start together."""
    from tasuki_server.database import places

    drawn = places.secrets.token_urlsafe

    def slowly(count: int) -> str:
        time.sleep(0.05)
        return drawn(count)

    monkeypatch.setattr(places.secrets, "token_urlsafe", slowly)
    with ThreadPoolExecutor(8) as pool:
        found = {each.key for each in pool.map(lambda _: places.installation_secrets(), range(8))}
    assert found == {fresh.read_text()} and len(found.pop()) >= 48
    assert fresh.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_cut_before_the_key_was_in_it_is_no_key(fresh):
    from tasuki_server.database.places import installation_secrets

    fresh.parent.mkdir()
    fresh.touch(0o600)
    assert len(installation_secrets().key) >= 48
    assert installation_secrets().key == fresh.read_text()
