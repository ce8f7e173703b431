# SPDX-License-Identifier: Apache-2.0
"""本人の画面の言葉 — every word a page asks for is there in both languages, and every word that is there is asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasuki.sharing.lab_items import lab_items
from tasuki.sharing.permission import RecordKind

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2] / "src" / "tasuki_server"
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
# Words whose key is made of a value: its beginning, and every value there is.
ENDINGS = ("told.", "fault.", "error.", "error_do.", "act.", "way.", "kind.", "mark.", "source.", "entry.", "proxy.", "category.", "state.")  # fmt: skip


def _asked() -> set[str]:
    pages = "".join(each.read_text() for each in (ROOT / "templates" / "portal").glob("*.html"))
    return set(re.findall(r"""\{% say ["']([\w.]+)["']""", pages))


def test_every_word_a_page_asks_for_is_there():
    from tasuki_server.portal.words import WORDS

    plain = {each for each in _asked() if each not in ENDINGS}
    assert plain and plain - set(WORDS) == set()
    assert {each for each in _asked() if each in ENDINGS} == set(ENDINGS)


def test_every_word_is_asked_for_by_a_page_or_by_a_value():
    from tasuki_server.portal.words import WORDS

    by_view = {"entries.pressure", "entries.weight"}
    asked = _asked() | by_view
    unused = {each for each in WORDS if each not in asked and not each.startswith(ENDINGS)}
    assert unused == set()


def test_every_value_has_its_word():
    from typing import get_args

    from tasuki_server.eligibility.models import DrugSource
    from tasuki_server.portal.acts import Act
    from tasuki_server.portal.models import EntryKind, ProxyKind
    from tasuki_server.portal.words import WORDS
    from tasuki_server.records.messages import DocumentState

    wanted = {f"act.{each.value}" for each in Act} | {f"kind.{each.value}" for each in RecordKind}
    wanted |= {f"source.{each.value}" for each in DrugSource} | {
        f"state.{each}" for each in get_args(DocumentState)
    }
    wanted |= {f"entry.{each}" for each in EntryKind.values} | {f"proxy.{each}" for each in ProxyKind.values}
    views = "".join(each.read_text() for each in (ROOT / "portal").glob("*.py"))
    wanted |= {f"fault.{each}" for each in re.findall(r'fault(?:=|, | = )"(\w+)"', views)}
    wanted |= {f"told.{each}" for each in re.findall(r'lead_to\("\w+", "(\w+)"\)', views)}
    wanted |= {f"fault.{each}" for each in re.findall(r'Unusable\("(\w+)"\)', views)}
    assert wanted - set(WORDS) == set()


def test_both_languages_have_the_same_places_and_the_right_letters():
    from tasuki_server.portal.words import WORDS

    for key, (japanese, english) in WORDS.items():
        assert JAPANESE.search(japanese) and not JAPANESE.search(english), key
        assert re.findall(r"\{\w+\}", japanese) == re.findall(r"\{\w+\}", english), key


def test_every_shared_test_is_explained_in_both_languages():
    from tasuki_server.portal.plain_words import explained_groups, explained_items, plain_words

    for item in lab_items():
        for language in ("ja", "en"):
            assert plain_words(item.list, language, item.group), item.list
    assert explained_items() == {each.list for each in lab_items() if not each.group}
    assert explained_groups() == {each.group for each in lab_items() if each.group}
