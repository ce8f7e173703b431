# SPDX-License-Identifier: Apache-2.0
"""帳票入力の仕様 — the published schemas and examples are those of the code.

After a wanted change run with ``TASUKI_REDRAW=1`` and commit the files.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import msgspec
import pytest

from forms.invented import SAMPLES
from tasuki.forms import FORMS, render
from tasuki.forms.schema import schema_of

pytest.importorskip("typst")

DOCS = Path(__file__).parents[2] / "docs"


def published(path: Path, content: object) -> object:
    if os.environ.get("TASUKI_REDRAW"):
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("form", FORMS)
def test_the_schema_is_the_published_one(form: str) -> None:
    schema = json.loads(json.dumps(schema_of(form)))
    assert published(DOCS / "reference" / "schemas" / f"form-{form.replace('_', '-')}.json", schema) == schema


@pytest.mark.parametrize("form", FORMS)
def test_the_example_in_the_guide_prints(form: str) -> None:
    sample = msgspec.json.decode(msgspec.json.encode(SAMPLES[form]))
    example = published(DOCS / "guide" / "forms" / f"{form.replace('_', '-')}.json", sample)
    assert isinstance(example, dict)
    assert render(form, example) == render(form, SAMPLES[form])


def test_every_form_and_every_finding_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "forms.md").read_text("utf-8")
    sources = Path(__file__).parents[2] / "src" / "tasuki" / "forms"
    codes = {
        code for file in sources.glob("*.py") for code in re.findall(r"FORM\d{3}", file.read_text("utf-8"))
    }
    for name, form in FORMS.items():
        assert f"| `{name}` | {form.title} |" in page
        assert f"{form.input.__module__}.{form.input.__name__}" in page
    assert codes == set(re.findall(r"`(FORM\d{3})`", page))
