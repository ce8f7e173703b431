# SPDX-License-Identifier: Apache-2.0
"""起動スクリプト — ./tasuki before there is a .venv: wrong Python, failed installs, and nothing that only looks finished."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("sh", "dirname", "cat", "ls", "rm", "mkdir", "cksum", "sed", "sleep", "tail", "tr")

# A Python that makes a venv of itself; `pip` succeeds or fails as the file beside it says.
FAKE = """#!/bin/sh
here=$(dirname "$0")
case "$*" in
  --version) echo "Python $(cat "{state}/version")" ;;
  *version_info*) [ "$(cat "{state}/version")" != 3.9.2 ] ;;
  "-m venv "*) mkdir -p "$3/bin"; cat "$0" >"$3/bin/python"; chmod +x "$3/bin/python" ;;
  *"-m pip install"*) echo "$*" >>"{state}/pip"; exit "$(cat "{state}/pip_exit")" ;;
  "-c "*) exit 0 ;;
  *tasuki_server.cli*) shift 2; echo "ran [$*] home=$TASUKI_HOME path=$PYTHONPATH" ;;
esac
"""


@pytest.fixture
def place(tmp_path):
    """A checkout in a folder with a space, and a machine whose only Python is the fake one."""
    checkout = tmp_path / "my checkout"
    (checkout / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "tasuki", checkout / "tasuki")
    for group in ("server", "dev", "browser"):
        (checkout / "requirements" / f"{group}.lock").write_text(f"{group}==1\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    for program in (programs / "chmod",):
        program.symlink_to(shutil.which("chmod"))
    (programs / "python3").write_text(FAKE.format(state=tmp_path))
    (programs / "python3").chmod(0o755)
    say(tmp_path, version="3.11.7", pip_exit="0")
    return tmp_path


def say(place: Path, **states: str) -> None:
    for name, value in states.items():
        (place / name).write_text(value)


def tasuki(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    checkout = place / "my checkout"
    environment = {"PATH": str(place / "bin"), "HOME": str(place)}
    return subprocess.run(
        [str(checkout / "tasuki"), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=place,
    )


def installs(place: Path) -> int:
    return len((place / "pip").read_text().splitlines()) if (place / "pip").exists() else 0


def test_first_use_installs_once_and_passes_the_words_on(place):
    first = tasuki(place, "claims", "read", "a file.uke")
    assert first.returncode == 0, first.stderr
    assert "初回の準備" in first.stderr
    assert "ran [claims read a file.uke]" in first.stdout and "my checkout/src" in first.stdout
    second = tasuki(place, "help")
    assert second.stderr == "" and installs(place) == 1
    assert "--require-hashes" in (place / "pip").read_text()


def test_an_old_python_is_said_in_both_languages(place):
    say(place, version="3.9.2")
    done = tasuki(place, "up")
    assert done.returncode == 2
    assert "Python 3.11 以上" in done.stderr and "Python 3.9.2" in done.stderr and "newer" in done.stderr
    assert not list((place / "my checkout").glob(".venv*"))


def test_a_failed_install_leaves_nothing_that_looks_finished(place):
    say(place, pip_exit="1")
    done = tasuki(place, "up")
    assert done.returncode == 2 and "入れられませんでした" in done.stderr
    assert not list((place / "my checkout").glob(".venv*"))
    say(place, pip_exit="0")
    assert tasuki(place, "up").returncode == 0


def test_a_changed_lock_installs_again_and_a_failure_is_tried_again(place):
    assert tasuki(place, "help").returncode == 0
    lock = place / "my checkout" / "requirements" / "server.lock"
    lock.write_text("server==2\n")
    say(place, pip_exit="1")
    assert tasuki(place, "help").returncode == 2
    say(place, pip_exit="0")
    assert tasuki(place, "help").returncode == 0
    assert installs(place) == 3


def test_checks_and_tests_bring_what_they_need(place):
    assert tasuki(place, "help").returncode == 0
    assert installs(place) == 1
    assert tasuki(place, "check").returncode == 0
    assert "dev.lock" in (place / "pip").read_text()
    assert tasuki(place, "test").returncode == 0
    assert "browser.lock" in (place / "pip").read_text()


def test_an_interrupted_install_does_not_block_the_next(place):
    making = place / "my checkout" / ".venv.making"
    making.mkdir()
    gone = subprocess.Popen(["sleep", "0"])
    gone.wait()
    (making / "pid").write_text(str(gone.pid))
    assert tasuki(place, "help").returncode == 0


@pytest.mark.parametrize("group", ["server", "dev", "browser"])
def test_locks_pin_hashes_and_name_no_index(group):
    text = (ROOT / "requirements" / f"{group}.lock").read_text()
    assert "://" not in text and "--index" not in text
    names = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert names and all("==" in line for line in names)
    assert text.count("--hash=sha256:") >= len(names)


def test_locks_hold_every_dependency_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for group in ("server", "dev", "browser"):
        text = (ROOT / "requirements" / f"{group}.lock").read_text().lower()
        wanted = project["dependencies"] + project["optional-dependencies"]["server"]
        if group != "server":
            wanted = wanted + project["optional-dependencies"][group]
        for each in wanted:
            name = each.lower().replace("_", "-")
            for mark in ("[", ">", "<", "=", ";", " "):
                name = name.split(mark)[0]
            assert f"\n{name}==" in "\n" + text, f"{name} is not in {group}.lock: compile the locks again"


def test_the_script_is_executable_and_plain_sh():
    script = ROOT / "tasuki"
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/sh\n")
