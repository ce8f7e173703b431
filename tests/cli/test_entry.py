# SPDX-License-Identifier: Apache-2.0
"""コマンドの入口 — help, exit codes, languages, and faults that quote no data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.cli import main
from tasuki_server.cli import nouns as table
from tasuki_server.cli.words import Stop

register({"test/entry": "{name} を読めません"})


@pytest.fixture
def noun(monkeypatch):
    """A noun of the test's own; what it does is set by ``noun.act``."""
    module = types.ModuleType("a_noun")
    module.HELP = ("試験用", "for a test")
    module.add_arguments = lambda parser: None
    module.act = lambda args: 0
    module.run = lambda args: module.act(args)
    entry = __import__("tasuki_server.cli.main", fromlist=["main"])
    monkeypatch.setattr(entry, "present_nouns", lambda: [*table.present_nouns(), "noun"])
    monkeypatch.setattr(
        entry, "noun_module", lambda name: module if name == "noun" else table.noun_module(name)
    )
    return module


@pytest.fixture(autouse=True)
def japanese(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "TASUKI_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")


def raising(error):
    def act(args):
        raise error

    return act


def test_help_lists_every_noun_in_both_languages(capsys, monkeypatch):
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {noun} " in shown for noun in table.present_nouns()) and "使い方" in shown
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert main(["help"]) == 0
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize("noun_name", table.present_nouns())
def test_every_noun_has_help(capsys, noun_name):
    assert main([noun_name, "--help"]) == 0
    assert "使い方" in capsys.readouterr().out


def test_an_unknown_noun_suggests_the_nearest(capsys):
    assert main(["audti"]) == 2
    assert "./tasuki audit" in capsys.readouterr().err


def test_wrong_arguments_are_said_in_japanese(capsys):
    assert main(["audit"]) == 2
    assert "次の指定が足りません" in capsys.readouterr().err


def test_exit_codes(noun, capsys):
    for code in (0, 1):
        noun.act = lambda args, code=code: code
        assert main(["noun"]) == code
    noun.act = raising(Stop("止めます", "stopping"))
    assert main(["noun"]) == 2
    assert "止めます" in capsys.readouterr().err
    noun.act = raising(KeyboardInterrupt())
    assert main(["noun"]) == 130


def test_bad_input_gives_sentences_or_json(noun, capsys):
    finding = Finding(
        "test/entry", Severity.BLOCK, Where(file="a.csv", line=3), "test/entry", {"name": "日付"}
    )
    noun.act = raising(BadInput([finding]))
    assert main(["noun"]) == 2
    assert "a.csv 3行目: 日付 を読めません" in capsys.readouterr().err
    assert main(["noun", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)["findings"][0]
    assert (told["code"], told["file"], told["line"]) == ("test/entry", "a.csv", 3)


def test_our_fault_quotes_no_data(noun, capsys):
    noun.act = raising(RuntimeError("患者 架空 太郎"))
    assert main(["noun"]) == 3
    told = capsys.readouterr().err
    assert "RuntimeError" in told and "架空" not in told


def test_every_noun_is_known_where_only_the_server_is_installed():
    """A newcomer's first `./tasuki help` comes before anything that only tests need is there."""
    program = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'pytest', 'hypothesis', 'yaml', 'duckdb', 'numpy', 'pyarrow', 'polars', 'signxml',\n"
        "                                  'playwright', 'schemathesis', 'pypdf'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from tasuki_server.cli.nouns import noun_module, present_nouns\n"
        "for noun in present_nouns():\n"
        "    noun_module(noun)\n"
    )
    found = {"PYTHONPATH": str(Path(main.__code__.co_filename).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ | found
    )
    assert done.returncode == 0, done.stderr
