# SPDX-License-Identifier: Apache-2.0
"""`./tasuki platform`: what is refused before anything is touched."""

from __future__ import annotations

import pytest

from tasuki_server.cli.main import main


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            ["institution", "add", "--prefecture", "1", "--code", "9990001", "--name", "試"],
            "都道府県番号は2桁",
        ),
        (
            ["institution", "add", "--prefecture", "１３", "--code", "9990001", "--name", "試"],
            "都道府県番号は2桁",
        ),
        (["institution", "add", "--prefecture", "13", "--code", "99", "--name", "試"], "医療機関コードは7桁"),
        (["seed", "0"], "人数は1から"),
        (["records", "policy"], "名前=値"),
        (["records", "policy=open"], "--by"),
        (["seed", "99999999"], "人数は1から"),
    ],
)
def test_wrong_numbers_are_refused(monkeypatch, capsys, given, told):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert main(["platform", *given]) == 2
    assert told in capsys.readouterr().err
