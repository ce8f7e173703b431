# SPDX-License-Identifier: Apache-2.0
"""網の訓練場 — one network namespace for each zone around a firewall, with the very rules of ``deploy/``; gone afterwards.

Every port of every host answers, so what a scan finds open is what the firewall lets through.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.drills.port_answer import PORT

if TYPE_CHECKING:
    from tasuki.security.network_zones import Zone, Zoning
    from tasuki_server.drills.port_scan import Probe

FIREWALL = "firewall"
_PREFIX = "tasuki"
# Whatever is asked of an address of this namespace is answered by one listener; what passes through is left alone.
_ALL_PORTS_ANSWER = f"""
table ip answer {{
    chain turn {{
        type nat hook prerouting priority dstnat;
        fib daddr type local meta l4proto {{ tcp, udp }} redirect to :{PORT}
    }}
}}
"""


class NotHere(RuntimeError):
    """ここではできない — what is missing, in Japanese."""


def why_not() -> str:
    """できない理由 — "" where namespaces and rules can be made."""
    missing = [each for each in ("ip", "nft") if shutil.which(each) is None]
    if missing:
        return f"{'、'.join(missing)} がありません（iproute2 と nftables を入れてください）。"
    if os.geteuid() != 0:
        return "名前空間と規則を作るには root の権限が要ります。"
    return ""


class Ground:
    """網の訓練場 — scans from its zones, and takes further rules for a planted fault."""

    def __init__(self, zoning: Zoning, mark: str) -> None:
        self.zoning = zoning
        self._mark = mark
        self._listeners: list[subprocess.Popen[str]] = []

    def space(self, zone: str) -> str:
        """名前空間の名 — of a zone or the firewall."""
        return f"{_PREFIX}-{self._mark}-{zone}"

    def build(self, rules: Path) -> None:
        """組立て — raises :class:`NotHere` where the kernel or the surroundings refuse."""
        for each in (FIREWALL, *self.zoning.zones):
            _run("ip", "netns", "add", self.space(each))
            self._in(each, "ip", "link", "set", "lo", "up")
        for zone in self.zoning.zones.values():
            self._join(zone)
        self._in(FIREWALL, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        self._in(FIREWALL, "nft", "-f", str(rules))
        for each in (FIREWALL, *self.zoning.zones):
            self._in(each, "nft", "-f", "-", given=_ALL_PORTS_ANSWER)
            self._listen(each)

    def _join(self, zone: Zone) -> None:
        """One leg: the firewall's end bears the name that the rules know it by."""
        _run(
            *("ip", "link", "add", zone.interface, "netns", self.space(FIREWALL), "type", "veth"),
            *("peer", "name", "leg", "netns", self.space(zone.name)),
        )
        width = zone.network.prefixlen
        self._in(FIREWALL, "ip", "address", "add", f"{zone.gateway}/{width}", "dev", zone.interface)
        self._in(FIREWALL, "ip", "link", "set", zone.interface, "up")
        for address in zone.hosts.values():
            self._in(zone.name, "ip", "address", "add", f"{address}/{width}", "dev", "leg")
        self._in(zone.name, "ip", "link", "set", "leg", "up")
        self._in(zone.name, "ip", "route", "add", "default", "via", str(zone.gateway))

    def _listen(self, zone: str) -> None:
        command = [
            "ip",
            "netns",
            "exec",
            self.space(zone),
            sys.executable,
            "-m",
            "tasuki_server.drills.port_answer",
        ]
        listener = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self._listeners.append(listener)
        assert listener.stdout is not None
        if listener.stdout.readline() != "ready\n":
            raise NotHere(f"{zone} で待ち受けられません。")

    def plant(self, rule: str) -> None:
        """欠陥の植付け — one more rule at the head of the forwarding chain."""
        self._in(FIREWALL, "nft", "insert", "rule", "inet", "tasuki", "forward", *rule.split())

    def scan(self, probes: dict[str, list[Probe]]) -> set[Probe]:
        """探索 — from all zones at once; what answered."""
        scanners = []
        for zone, asked in probes.items():
            command = [
                "ip",
                "netns",
                "exec",
                self.space(zone),
                sys.executable,
                "-m",
                "tasuki_server.drills.port_scan",
            ]
            scanner = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert scanner.stdin is not None
            scanner.stdin.write(json.dumps(asked))
            scanner.stdin.close()
            scanners.append(scanner)
        found: set[Probe] = set()
        for scanner in scanners:
            assert scanner.stdout is not None
            said = scanner.stdout.read()
            if scanner.wait() != 0:
                raise RuntimeError("a scanner failed")
            found.update((own, other, protocol, port) for own, other, protocol, port in json.loads(said))
        return found

    def sweep(self, zone: str, own: str, others: Sequence[str]) -> set[Probe]:
        """nmapによる探索 — TCP 1-65535 and the hundred commonest UDP ports of each address, from one of one's own."""
        found: set[Probe] = set()
        kinds = (
            ("-sS", "-p1-65535", "--min-rate", "20000"),
            ("-sU", "--top-ports", "100", "--min-rate", "1000"),
        )
        for kind in kinds:
            said = self._in(
                zone, "nmap", "-n", "-Pn", *kind, "--max-retries", "1", "-T4",
                "-e", "leg", "-S", own, "-oG", "-", *others,
            )  # fmt: skip
            told = set(re.findall(r"^Host: (\S+) .*\t(?:Ports|Ignored State): ", said, re.MULTILINE))
            if missed := set(others) - told:
                raise RuntimeError(f"nmap did not finish {sorted(missed)}")
            found.update(_open_in(said, own))
        return found

    def remove(self) -> None:
        """撤去 — listeners first; a namespace takes its legs and rules along."""
        for listener in self._listeners:
            listener.kill()
            listener.wait()
        for each in (*self.zoning.zones, FIREWALL):
            subprocess.run(["ip", "netns", "del", self.space(each)], capture_output=True, check=False)

    def _in(self, zone: str, *command: str, given: str | None = None) -> str:
        return _run("ip", "netns", "exec", self.space(zone), *command, given=given)


@contextmanager
def network_ground(zoning: Zoning, rules: Path) -> Iterator[Ground]:
    """網の訓練場 — taken down also when something fails; what a killed run left behind goes first."""
    _remove_left_behind()
    ground = Ground(zoning, str(os.getpid()))
    # Whoever is told to end still takes down what stands.
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    try:
        ground.build(rules)
        yield ground
    finally:
        ground.remove()
        signal.signal(signal.SIGTERM, before)


def _open_in(said: str, own: str) -> Iterator[Probe]:
    """The lines of nmap's greppable form: ``Host: 10.0.0.1 () Ports: 443/open/tcp//https///, …``."""
    for host, ports in re.findall(r"^Host: (\S+) .*?Ports: (.*?)(?:\t|$)", said, re.MULTILINE):
        for number, state, protocol in re.findall(r"(\d+)/([^/]*)/([^/]*)/", ports):
            if state == "open":
                yield own, host, protocol, int(number)


def _remove_left_behind() -> None:
    for name in _run("ip", "netns", "list").split():
        marked = re.fullmatch(rf"{_PREFIX}-(\d+)-\w+", name)
        if marked and not Path(f"/proc/{marked[1]}").exists():
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _run(*command: str, given: str | None = None) -> str:
    done = subprocess.run(
        command, input=given, stdin=subprocess.DEVNULL if given is None else None, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise NotHere(f"{' '.join(command[:6])} … : {done.stderr.strip()[:200]}")
    return done.stdout
