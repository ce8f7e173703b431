# SPDX-License-Identifier: Apache-2.0
"""配備の定義 — rules made from their data, and units that give a service no more than it needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tasuki.security.network_zones import BadZoning, Place, read_zoning, ruleset

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# What must stand in every unit; the exposure that systemd reckons from it is below.
HARDENING = {
    "ProtectSystem": "strict",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "IPAddressDeny": "any",
    "SystemCallArchitectures": "native",
}
MOST_EXPOSED = 1.5


@pytest.fixture(scope="module")
def zoning():
    return read_zoning((DEPLOY / "network.toml").read_bytes())


def test_the_rules_are_those_of_the_data(zoning):
    assert (DEPLOY / "nftables.conf").read_text() == ruleset(zoning)


def test_no_flow_leads_from_a_vendor_or_from_outside_past_the_dmz(zoning):
    inward = {
        flow.target.zone for flow in zoning.flows if flow.source.zone in ("outside", "vendor", "clinic")
    }
    assert inward == {"dmz"}
    assert {flow.source.zone for flow in zoning.flows if flow.target.zone == "db"} == {"app"}
    assert [
        flow for flow in zoning.flows if flow.source.zone == "backup" and flow.target.zone != "outside"
    ] == []
    vendor, database = Place("vendor", "laptop"), Place("db", "database")
    assert not zoning.allows(vendor, database, "tcp", 5432)
    assert zoning.allows(Place("app", "server"), database, "tcp", 5432)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'to = "dmz.proxy"', b'to = "dmz.nobody"'),
        (b'to = "dmz.proxy"', b'to = "dmz"'),
        (b"port = 443", b"port = 70000"),
        (b'protocol = "tcp"', b'protocol = "all"'),
        (b'proxy = "10.60.10.10"', b'proxy = "10.60.99.10"'),
        (b"[[flows]]", b"[flows"),
    ],
)
def test_a_wrong_line_of_the_data_is_refused(old, new):
    with pytest.raises(BadZoning):
        read_zoning((DEPLOY / "network.toml").read_bytes().replace(old, new, 1))


@pytest.mark.parametrize("unit", UNITS, ids=lambda each: each.stem)
def test_each_unit_is_hardened(unit):
    said = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE))
    assert {name: said.get(name) for name in HARDENING} == HARDENING
    assert said["User"].startswith("tasuki") and "SystemCallFilter" in said


def test_witness_and_backup_have_users_of_their_own():
    users = re.findall(r"^u (\S+)", (DEPLOY / "sysusers.d" / "tasuki.conf").read_text(), re.MULTILINE)
    assert users == ["tasuki", "tasuki-witness", "tasuki-backup"]
    of_unit = {unit.stem: re.search(r"^User=(\S+)", unit.read_text(), re.MULTILINE)[1] for unit in UNITS}
    assert of_unit["tasuki-witness"] == "tasuki-witness" and of_unit["tasuki"] == "tasuki"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda each: each.stem)
def test_systemd_finds_little_exposed(unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSED


INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}  # fmt: skip


def container() -> list[tuple[str, str]]:
    """Instructions of the container file with what they say, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_file_can_be_read_and_runs_as_nobody_special():
    said = container()
    assert {word for word, _ in said} <= INSTRUCTIONS and said[0][0] == "FROM"
    assert ":latest" not in said[0][1] and ":" in said[0][1]
    order = [word for word, _ in said]
    assert dict(said)["USER"] == "tasuki" and order.index("USER") > max(
        place for place, word in enumerate(order) if word in ("RUN", "COPY")
    )
    for word in ("ENTRYPOINT", "CMD"):
        assert isinstance(json.loads(dict(said)[word]), list), "the program itself hears the signals"
    check = dict(said)["HEALTHCHECK"].partition("CMD ")[2]
    compile(json.loads(check)[2], "healthcheck", "exec")
    assert not re.search(r"SECRET|PASSWORD|DATABASE_URL", dict(said)["ENV"])


def test_what_the_container_file_copies_is_let_in_and_nothing_else():
    ignored = (DEPLOY.parent / ".containerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {each for word, rest in container() if word == "COPY" for each in rest.split()[:-1]}
    assert "*" in ignored
    assert copied == let_in
    assert all((DEPLOY.parent / each).exists() for each in copied)


def test_the_server_is_changed_by_reload_and_given_time_to_finish():
    unit = (DEPLOY / "systemd" / "tasuki.service").read_text()
    assert "ExecReload=/opt/tasuki/tasuki reload" in unit
    from tasuki_server.operations.page_server import LONGEST_ANSWER_SECONDS

    assert int(re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.MULTILINE)[1]) > LONGEST_ANSWER_SECONDS
