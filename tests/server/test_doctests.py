# SPDX-License-Identifier: Apache-2.0
"""例の試験 — the examples in the docstrings of the server say what its functions do."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2] / "src"
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "tasuki_server").rglob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_what_the_examples_say_is_so(server, name):
    told = doctest.testmod(importlib.import_module(name))
    assert told.attempted and not told.failed
